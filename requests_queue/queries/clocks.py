"""Clocks read through the one pure function (spec sla 4.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError
from portal.core.queries.calendars import load_calendar
from requests_queue.domain import sla_clock
from requests_queue.models import ClockEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from requests_queue.domain.sla_clock import ClockView
    from requests_queue.models import SlaClock


@dataclass(frozen=True)
class Reading:
    """A clock and what it says at one instant."""

    clock: SlaClock
    view: ClockView


def events_of(clocks: Iterable[SlaClock]) -> dict[int, list[ClockEvent]]:
    """The events of many clocks in their order, in one query."""
    found: dict[int, list[ClockEvent]] = defaultdict(list)
    ids = [clock.pk for clock in clocks]
    for event in ClockEvent.objects.filter(clock_id__in=ids).order_by("seq"):
        found[event.clock_id].append(event)
    return found


def read_clock(clock: SlaClock, events: Sequence[ClockEvent], at: datetime) -> ClockView:
    """What the clock says at `at`, from its events alone; its cached columns are not read."""
    facts = [
        sla_clock.ClockEvent(event.kind, event.occurred_at, event.recorded_at, event.data)
        for event in sorted(events, key=lambda event: event.seq)
    ]
    versions = {event.data["calendar"] for event in events if "calendar" in event.data}
    calendars = {version: load_calendar(version) for version in versions}
    return sla_clock.evaluate(facts, calendars, at, percents_of(clock.policy_version.ladder))


def percents_of(ladder: Sequence[Mapping[str, Any]]) -> list[int]:
    """The shares of a stored ladder, in order."""
    return [int(row["percent"]) for row in ladder]


def planned_steps(view: ClockView) -> dict[int, datetime | None]:
    """When each rung of the ladder is reached, by its place."""
    return {index: step.at for index, step in enumerate(view.steps)}


def promise(calendar_version_id: int, target_seconds: int, at: datetime) -> tuple[datetime, datetime]:
    """Due and breach instants of a clock that would start now; raises `DomainError` (`sla.unreachable`)."""
    data = {"target_seconds": target_seconds, "calendar": calendar_version_id}
    start = sla_clock.ClockEvent("start", at, at, data)
    view = sla_clock.evaluate([start], {calendar_version_id: load_calendar(calendar_version_id)}, at, ())
    if view.due_at is None or view.breach_at is None:
        raise DomainError("sla.unreachable", "This team's calendar never opens; an admin has to correct it.", "team")
    return view.due_at, view.breach_at


def readings_of(clocks: Sequence[SlaClock], at: datetime) -> list[Reading]:
    """Many clocks at one instant: one query for the events."""
    events = events_of(clocks)
    return [Reading(clock, read_clock(clock, events[clock.pk], at)) for clock in clocks]
