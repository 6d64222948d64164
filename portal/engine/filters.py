"""Filters of the list of notices, for the page and the API alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters

from portal.engine.domain.states import NOTICE_STATES
from portal.engine.models import Notice

if TYPE_CHECKING:
    from django.db.models import QuerySet


class NoticeFilter(django_filters.FilterSet):
    """`state`, and `subject` as "<type>.<id>"."""

    state = django_filters.ChoiceFilter(choices=[(state, state) for state in NOTICE_STATES])
    subject = django_filters.CharFilter(method="about")

    class Meta:
        model = Notice
        fields = ["state", "subject"]

    def about(self, queryset: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        del name
        subject_type, _, subject_id = value.rpartition(".")
        if not subject_id.isdecimal() or len(subject_id) > 18:  # noqa: PLR2004 (a bigint)
            return queryset.none()
        return queryset.filter(subject_type=subject_type, subject_id=int(subject_id))
