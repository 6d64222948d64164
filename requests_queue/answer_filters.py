"""The one set of filters of lists of answers, for pages and API (spec faq 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q

from requests_queue.domain.answering import EntryState
from requests_queue.models import FaqDependency, FaqEntry
from requests_queue.queries.answers import with_words

if TYPE_CHECKING:
    from django.db.models import QuerySet

STATES = (
    ("fresh", "Checked"), ("stale", "Stale"), ("unchecked", "Not checked yet"), ("draft", "Drafts"),
    ("archived", "Put away"),
)  # fmt: skip
PUBLISHED = Q(state=EntryState.PUBLISHED.value)
TRUTHS = {
    "fresh": PUBLISHED & Q(current__verified_at__isnull=False, current__stale_since=None),
    "stale": PUBLISHED & Q(current__stale_since__isnull=False),
    "unchecked": PUBLISHED & Q(current__verified_at=None, current__stale_since=None),
    "draft": Q(state=EntryState.DRAFT.value),
    "archived": Q(state=EntryState.ARCHIVED.value),
}


class AnswerFilter(filters.FilterSet):
    """The URL is the state; what was put away is shown only when it is asked for."""

    q = filters.CharFilter(method="having_words", label="Words")
    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="State", empty_label="All answers")
    team = filters.CharFilter(field_name="team__slug", label="Team")
    owner = filters.CharFilter(method="of_owner", label="Owner")
    asset = filters.CharFilter(method="on_asset", label="Asset")
    tag = filters.CharFilter(method="tagged", label="Tag")

    class Meta:
        model = FaqEntry
        fields: list[str] = []

    @property
    def qs(self) -> Any:
        rows = super().qs
        return rows if self.data.get("state") == "archived" else rows.exclude(state=EntryState.ARCHIVED.value)

    def having_words(self, rows: QuerySet[FaqEntry], _name: str, value: str) -> QuerySet[FaqEntry]:
        return with_words(rows, value)

    def in_state(self, rows: QuerySet[FaqEntry], _name: str, value: str) -> QuerySet[FaqEntry]:
        return rows.filter(TRUTHS[value])

    def of_owner(self, rows: QuerySet[FaqEntry], _name: str, value: str) -> QuerySet[FaqEntry]:
        user: Any = getattr(self.request, "user", None)
        return rows.filter(owner__handle=user.handle if value == "me" and user is not None else value)

    def on_asset(self, rows: QuerySet[FaqEntry], _name: str, value: str) -> QuerySet[FaqEntry]:
        return rows.filter(Exists(FaqDependency.objects.filter(answer=OuterRef("current"), asset__slug=value)))

    def tagged(self, rows: QuerySet[FaqEntry], _name: str, value: str) -> QuerySet[FaqEntry]:
        return rows.filter(tags__contains=[value.lower()])
