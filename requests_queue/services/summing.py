"""The sums of promises kept by day: made each night from the clocks, again for what changed since (spec sla 11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min, Q

from requests_queue.models import AttainmentDay, ClockEvent, RequestEvent, SlaClock
from requests_queue.queries.attainment import DAY, Attainment, count_cycle, decided_cycles, midnight

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from requests_queue.models import DataRequest

JOB = "requests.attainment"
LOOK_BACK = timedelta(hours=49)
KEY = ("day", "team", "request_kind", "urgency", "clock", "is_private")
FIGURES = ("met", "premature", "breached", "excused", "seconds")
FACTS = (
    "request__team_id", "request__kind", "request__urgency", "kind", "request__is_private", "ended", "is_premature",
    "is_excused", "elapsed_seconds", "stopped_at",
)  # fmt: skip


def sum_attainment(*, at: datetime) -> int:
    """Sum the days since the newest sums up to yesterday, and again each day of which something changed; how many.

    A night that was left out is made up for by the next; running it twice changes nothing.
    """
    today = at.astimezone(UTC).date()
    newest = AttainmentDay.objects.order_by("-day").values_list("day", flat=True).first()
    first = newest + DAY if newest is not None else _oldest()
    missing = {first + DAY * n for n in range((today - first).days)} if first is not None else set()
    changed = {day for day in _changed_days(at) if newest is not None and day <= newest}
    days = sorted(missing | changed)
    for day in days:
        _sum_day(day, at)
    return len(days)


def sum_again(*, request: DataRequest, at: datetime) -> None:
    """Make the sums of a request's days again at once, so that what became private stands in no old one."""
    newest = AttainmentDay.objects.order_by("-day").values_list("day", flat=True).first()
    for day in _days_of(SlaClock.objects.filter(request=request)):
        if newest is not None and day <= newest:
            _sum_day(day, at)


@transaction.atomic
def _sum_day(day: date, at: datetime) -> None:
    """The cells of one day, made anew."""
    cells: dict[tuple[int, str, str, str, bool], Attainment] = {}
    for row in decided_cycles(midnight(day), midnight(day + DAY), at).values_list(*FACTS):
        cell = cells.setdefault(row[:5], Attainment(()))
        count_cycle(cell, row[5:10])
    AttainmentDay.objects.filter(day=day).delete()
    made = [
        AttainmentDay(
            day=day, team_id=team, request_kind=kind, urgency=urgency, clock=clock, is_private=is_private, met=cell.met,
            premature=cell.premature, breached=cell.breached, excused=cell.excused, seconds=sorted(cell.seconds),
        )
        for (team, kind, urgency, clock, is_private), cell in cells.items()
    ]  # fmt: skip
    AttainmentDay.objects.bulk_create(made, update_conflicts=True, unique_fields=KEY, update_fields=FIGURES)


def _oldest() -> date | None:
    found = SlaClock.objects.aggregate(oldest=Min("start_at"))["oldest"]
    return found.astimezone(UTC).date() if found is not None else None


def _changed_days(at: datetime) -> set[date]:
    """The days of every clock of a request to which something happened since the night before last."""
    since = at - LOOK_BACK
    touched = Q(request__in=ClockEvent.objects.filter(recorded_at__gte=since).values("clock__request_id"))
    touched |= Q(request__in=RequestEvent.objects.filter(at__gte=since).values("request_id"))
    return _days_of(SlaClock.objects.filter(touched))


def _days_of(clocks: QuerySet[SlaClock]) -> set[date]:
    rows = clocks.values_list("stopped_at", "breach_at")
    return {instant.astimezone(UTC).date() for row in rows for instant in row if instant is not None}
