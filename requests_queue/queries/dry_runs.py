"""What other hours or other targets would have done to the requests of a period; nothing is stored (spec sla 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.errors import DomainError
from portal.core.queries.calendars import load_calendar
from requests_queue.domain import sla_clock
from requests_queue.models import SlaClock
from requests_queue.queries.clocks import events_of, percents_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.core.domain.working_time import Calendar
    from requests_queue.domain.sla_clock import ClockView
    from requests_queue.models import ClockEvent

MOST_CLOCKS = 2000


@dataclass
class Effect:
    """One kind of promise: how many cycles, how many were late, how many would have been, how many dates move."""

    kind: str
    cycles: int = 0
    late: int = 0
    would_be_late: int = 0
    moved: int = 0
    told: int = 0
    would_be_told: int = 0


@dataclass(frozen=True)
class Change:
    """What is tried: `{clock: {normal, urgent}}` in counted seconds, hours in place of a calendar, other shares."""

    targets: Mapping[str, Mapping[str, int]] | None = None
    calendar: Calendar | None = None
    percents: Sequence[int] | None = None


def clocks_of_policy(policy_id: int, start: datetime, end: datetime) -> QuerySet[SlaClock]:
    """The cycles that began in `[start, end)` under any version of a policy; at most 2,000, newest first."""
    rows = SlaClock.objects.filter(policy_version__policy_id=policy_id, start_at__gte=start, start_at__lt=end)
    return rows.select_related("policy_version", "request").order_by("-start_at")[:MOST_CLOCKS]


def clocks_of_calendar(calendar_id: int, start: datetime, end: datetime) -> QuerySet[SlaClock]:
    """The cycles that began in `[start, end)` and counted in any version of a calendar."""
    rows = SlaClock.objects.filter(calendar_version__calendar_id=calendar_id, start_at__gte=start, start_at__lt=end)
    return rows.select_related("policy_version", "request").order_by("-start_at")[:MOST_CLOCKS]


def dry_run(clocks: Iterable[SlaClock], change: Change, at: datetime) -> list[Effect]:
    """The effects by kind of promise; one query for the events. A promise out of reach counts as late and moved."""
    rows = list(clocks)
    events = events_of(rows)
    found: dict[str, Effect] = {}
    for clock in rows:
        effect = found.setdefault(clock.kind, Effect(clock.kind))
        before = _view(clock, events[clock.pk], Change(), at)
        after = _view(clock, events[clock.pk], change, at)
        effect.cycles += 1
        effect.late += int(before is None or before.is_breached)
        effect.would_be_late += int(after is None or after.is_breached)
        effect.moved += int(before is None or after is None or before.due_at != after.due_at)
        effect.told += _told(before, clock, at)
        effect.would_be_told += _told(after, clock, at)
    return sorted(found.values(), key=lambda effect: effect.kind)


def _view(clock: SlaClock, events: Sequence[ClockEvent], change: Change, at: datetime) -> ClockView | None:
    facts = [_fact(clock, event, change) for event in sorted(events, key=lambda event: event.seq)]
    versions = {event.data["calendar"] for event in events if "calendar" in event.data}
    calendars = {version: change.calendar or load_calendar(version) for version in versions}
    percents = change.percents or percents_of(clock.policy_version.ladder)
    try:
        return sla_clock.evaluate(facts, calendars, at, percents)
    except DomainError:
        return None


def _fact(clock: SlaClock, event: ClockEvent, change: Change) -> sla_clock.ClockEvent:
    data = dict(event.data)
    if event.kind == "start" and change.targets and clock.kind in change.targets:
        data["target_seconds"] = change.targets[clock.kind][clock.request.promised_as]
    return sla_clock.ClockEvent(event.kind, event.occurred_at, event.recorded_at, data)


def _told(view: ClockView | None, clock: SlaClock, at: datetime) -> int:
    if view is None:
        return 0
    until = clock.stopped_at or at
    return sum(step.at is not None and step.at <= until for step in view.steps)
