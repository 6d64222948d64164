"""What requests add to a person's load (spec additions, load)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from requests_queue.models import BudgetEntry, SlaClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


def adhoc_minutes(person_ids: Sequence[int], since: datetime, until: datetime) -> Mapping[int, int]:
    """Minutes each person logged on requests in the days of `[since, until)`, exempt ones too."""
    last = (until - timedelta(microseconds=1)).date()
    rows = BudgetEntry.objects.filter(person__in=person_ids, work_date__gte=since.date(), work_date__lte=last)
    found = rows.values_list("person_id").annotate(minutes=Coalesce(Sum("d_spent"), 0) + Coalesce(Sum("d_exempt"), 0))
    return {pk: minutes for pk, minutes in found if pk is not None}


def open_clocks(person_ids: Sequence[int], since: datetime, until: datetime) -> Mapping[int, int]:
    """Promises of each person that started before `until` and were not over at `since`."""
    rows = SlaClock.objects.filter(request__assignee__in=person_ids, start_at__lt=until)
    alive = rows.filter(stopped_at=None) | rows.filter(stopped_at__gte=since)
    return dict(alive.values_list("request__assignee_id").annotate(count=Count("pk")))
