"""What requests add to a person's load (spec additions, load)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from portal.core.domain.private_sums import shown_of
from requests_queue.models import BudgetEntry, SlaClock
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


def adhoc_minutes(person_ids: Sequence[int], since: datetime, until: datetime, viewer: Any) -> Mapping[int, int]:
    """Minutes each person logged on requests in the days of `[since, until)`, exempt ones too, for this viewer."""
    last = (until - timedelta(microseconds=1)).date()
    rows = BudgetEntry.objects.filter(person__in=person_ids, work_date__gte=since.date(), work_date__lte=last)
    found = rows.annotate(piece=_piece(Q(person=viewer), viewer)).values_list("person_id", "piece")
    return _seen(found.annotate(minutes=Coalesce(Sum("d_spent"), 0) + Coalesce(Sum("d_exempt"), 0)).order_by())


def open_clocks(person_ids: Sequence[int], since: datetime, until: datetime, viewer: Any) -> Mapping[int, int]:
    """Promises of each person that started before `until` and were not over at `since`, for this viewer."""
    rows = SlaClock.objects.filter(request__assignee__in=person_ids, start_at__lt=until)
    alive = rows.filter(stopped_at=None) | rows.filter(stopped_at__gte=since)
    found = alive.annotate(piece=_piece(Q(request__assignee=viewer), viewer))
    return _seen(found.values_list("request__assignee_id", "piece").annotate(count=Count("pk")).order_by())


def _piece(own: Q, viewer: Any) -> Case:
    """The private request that the viewer does not know of; nothing for all the others, which are counted as one."""
    known = Q(request__in=visible_to(viewer).values("pk")) | own
    return Case(When(known, then=Value(None)), default=F("request_id"), output_field=BigIntegerField())


def _seen(rows: Iterable[tuple[int | None, int | None, int]]) -> dict[int, int]:
    """By person what is known, and what is not where three requests stand behind it."""
    known: dict[int, int] = {}
    unknown: dict[int, list[int]] = {}
    for person, piece, size in rows:
        if person is not None and piece is None:
            known[person] = size
        elif person is not None:
            unknown.setdefault(person, []).append(size)
    sums = {person: known.get(person, 0) + shown_of(unknown.get(person, ())) for person in {*known, *unknown}}
    return {person: size for person, size in sums.items() if size}
