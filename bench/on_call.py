"""Item b: the final year of one schedule, and "now" for 500 of them, against iCalendar over the same rules."""

from __future__ import annotations

import random
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import recurring_ical_events
from icalendar import Calendar

from bench.lines import Line, rate
from bench.on_call_rows import stored_lines
from bench.timing import cpu_seconds
from oncall.domain.effective import Effective, Laid, Planned, effective_shifts
from oncall.domain.rotation import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED, ZONE = 20261127, "Europe/Madrid"
START, END = datetime(2027, 1, 4, 14, tzinfo=UTC), datetime(2028, 1, 3, 14, tzinfo=UTC)
PEOPLE, LAYERS, OVERRIDES, SCHEDULES = 8, ("primary", "secondary", "partner"), 30, 500
WEEKLY = {"kind": "weekly", "start": "2027-01-04", "handoffs": [{"dow": "mon", "time": "15:00"}]}
YEAR_GOAL, NOW_GOAL, NOW_LIMIT = 25, 800, 0.05
Facts = tuple[list[Planned], list[Laid], dict[int, list[tuple[datetime, datetime]]]]


HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//bench//EN",
    "BEGIN:VTIMEZONE",
    f"TZID:{ZONE}",
    "BEGIN:STANDARD",
    "DTSTART:20261025T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:20260329T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)


def measure() -> Iterator[Line]:
    """The lines of the item."""
    facts, body = year_of(0), calendar_of()
    found = cpu_seconds({"ours": lambda: effective_shifts(*facts), "peer": lambda: expanded(body)})
    yield rate("b", "final year of one schedule", found["ours"], 1, peer=found["peer"], goal_peer=YEAR_GOAL)
    yield from now_lines(body)
    yield from stored_lines()
    yield Line("b", "stale answers after 1,000 edits", stale(facts), "answers", 1000, goal_at_most=0)


def year_of(seed: int) -> Facts:
    """Three layers of whole weeks for eight people, thirty overrides, two absences."""
    sure = random.Random(SEED + seed)
    turns = blocks(WEEKLY, ZONE, START, END)
    planned = [
        Planned(layer, 0, (n + 3 * k) % PEOPLE, block.start, block.end, tuple(range(PEOPLE)))
        for n, block in enumerate(turns)
        for k, layer in enumerate(LAYERS)
    ]
    days = sure.sample(range(364), OVERRIDES)
    changes = []
    for day in days:
        at = START + timedelta(days=day)
        busy = {row.person for row in planned if row.start <= at < row.end}
        free = next(person for person in range(PEOPLE) if person not in busy)
        changes.append(Laid("primary", 0, free, at, at + timedelta(hours=12), "override"))
    away = {
        person: [(START + timedelta(days=90 + 9 * person), START + timedelta(days=97 + 9 * person))]
        for person in (1, 5)
    }
    return planned, changes, away


def calendar_of() -> str:
    """The same weekly turns as recurring events, one a person and layer, with the overrides as events of their own."""
    lines = list(HEAD)
    first = datetime(2027, 1, 4, 15)  # noqa: DTZ001 (a wall time; TZID says where)
    for k, layer in enumerate(LAYERS):
        for person in range(PEOPLE):
            at = first + timedelta(weeks=(person - 3 * k) % PEOPLE)
            lines += [
                "BEGIN:VEVENT",
                f"UID:{layer}-{person}",
                f"SUMMARY:{person}",
                f"DTSTART;TZID={ZONE}:{at:%Y%m%dT%H%M%S}",
                f"DTEND;TZID={ZONE}:{at + timedelta(weeks=1):%Y%m%dT%H%M%S}",
                f"RRULE:FREQ=WEEKLY;INTERVAL={PEOPLE};UNTIL=20280103T140000Z",
                "END:VEVENT",
            ]
    for n, change in enumerate(year_of(0)[1]):
        lines += [
            "BEGIN:VEVENT",
            f"UID:over-{n}",
            f"SUMMARY:{change.person}",
            f"DTSTART:{change.start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{change.end:%Y%m%dT%H%M%SZ}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def expanded(body: str) -> Sequence[Any]:
    """What the packages make of a year."""
    return list(recurring_ical_events.of(Calendar.from_ical(body)).between(START, END))


def now_lines(body: str) -> Iterator[Line]:
    """Who is on call now in 500 schedules: from memory, against a cold peer and against bisect in prepared lists."""
    years = [effective_shifts(*year_of(n % 20)) for n in range(SCHEDULES)]
    at = START + timedelta(days=200, hours=5)
    prepared = [([row.start for row in rows], rows) for rows in years]
    found = cpu_seconds(
        {
            "ours": lambda: [answer(rows, at) for rows in years],
            "limit": lambda: [rows[bisect_right(starts, at) - 1].person for starts, rows in prepared],
            "peer": lambda: list(recurring_ical_events.of(Calendar.from_ical(body)).at(at)),
        }
    )
    ours, limit, peer = found["ours"] / SCHEDULES, found["limit"] / SCHEDULES, found["peer"]
    yield rate(
        "b",
        "now, a schedule of 500",
        ours * SCHEDULES,
        SCHEDULES,
        peer=peer,
        limit=limit,
        goal_peer=NOW_GOAL,
        goal_limit=NOW_LIMIT,
    )


def answer(rows: list[Effective], at: datetime) -> list[int | None]:
    """Everybody who holds a slot at the instant; rows are in order of their beginning."""
    last = bisect_right(rows, at, key=lambda row: row.start)
    return [row.person for row in rows[max(0, last - 16) : last] if at < row.end]


def stale(facts: Facts) -> int:
    """Edits one by one; the answer right after each must be the edit's person."""
    planned, changes, away = facts
    sure, wrong = random.Random(SEED), 0
    for _ in range(1000):
        at = START + timedelta(hours=sure.randrange(24 * 363))
        busy = {row.person for row in planned if row.start <= at < row.end}
        person = next(p for p in range(PEOPLE) if p not in busy and p not in away)
        laid = [
            *(c for c in changes if c.end <= at or at + timedelta(hours=1) <= c.start),
            Laid("primary", 0, person, at, at + timedelta(hours=1), "take"),
        ]
        near = [row for row in planned if row.start < at + timedelta(hours=1) and at < row.end]
        rows = effective_shifts(near, laid, away)
        wrong += person not in [row.person for row in rows if row.start <= at < row.end and row.role == "primary"]
    return wrong
