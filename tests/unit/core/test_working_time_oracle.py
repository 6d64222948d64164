"""Working time against an oracle that walks tick by tick and shares no code with it.

The oracle asks the zone database for the wall time of every minute, and of every second beside a change of offset.
Random hours, pauses and starts stand around the changes of zones that have, each in its way, broken such arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.domain.calendars import parse_calendar
from portal.core.domain.working_time import add, add_each, breach_at, counted
from portal.core.domain.zones import from_microseconds, to_microseconds

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A change of offset: an hour, half an hour, at midnight, a whole day skipped; Kolkata has none.
CHANGES = {
    "America/New_York": ("2026-11-01T06:00", "2027-03-14T07:00"),
    "Europe/Berlin": ("2026-10-25T01:00", "2027-03-28T01:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30", "2027-04-03T15:00"),
    "Africa/Cairo": ("2026-10-29T21:00", "2027-04-29T22:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2011-09-24T14:00"),
    "America/St_Johns": ("2026-11-01T04:30", "2027-03-14T05:30"),
    "Asia/Kolkata": ("2026-10-25T01:00",),
}
# Long enough for a night and the whole day that Apia skipped, short enough to walk.
TICKS = 30 * 3600
STEP = 60
# Walking is slow, so these tests take a quarter of the profile's examples: 15 at each run, 500 in the full one.
walk = settings(max_examples=settings().max_examples // 4)


@dataclass(frozen=True)
class Example:
    """A calendar in JSON form, a start, and pauses in seconds after it."""

    spec: dict[str, Any]
    start: datetime
    pauses: list[tuple[int, int | None]]

    def spans(self) -> list[tuple[datetime, datetime | None]]:
        return [(self.after(begin), None if end is None else self.after(end)) for begin, end in self.pauses]

    def after(self, seconds: int) -> datetime:
        return self.start + timedelta(seconds=seconds)


def text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


# Minutes at which things happen: mostly on the half hours around the changes, sometimes anywhere.
minutes = st.one_of(st.sampled_from([0, 60, 90, 105, 120, 150, 180, 210, 1320, 1440]), st.integers(0, 1440))
hours = st.lists(minutes, max_size=6, unique=True).map(
    lambda cuts: [[text(a), text(b)] for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    start = change - timedelta(minutes=draw(st.integers(0, 24 * 60)))
    offset = st.integers(-60, TICKS // STEP).map(lambda number: number * STEP)
    pauses = draw(st.lists(st.tuples(offset, st.one_of(offset, st.none())), max_size=3))
    local = start.astimezone(ZoneInfo(zone)).date()
    dates = [str(local + timedelta(days=days)) for days in range(-1, 4)]
    spec = {
        "zone": zone,
        "weekly": {day: draw(hours) for day in DAYS},
        "exceptions": draw(st.dictionaries(st.sampled_from(dates), hours, max_size=2)),
    }
    return Example(spec, start, pauses)


@cache
def wall(zone: str, instant: datetime) -> tuple[str, str, str]:
    """The local date, weekday and time of an instant, in words."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.date().isoformat(), DAYS[local.weekday()], local.strftime("%H:%M:%S")


def ticks(example: Example) -> list[bool]:
    """Whether each minute from the start on is open and unpaused, one by one."""
    return [
        not any(begin <= tick and (end is None or tick < end) for begin, end in example.pauses)
        and is_open(example.spec, example.after(tick))
        for tick in range(0, TICKS, STEP)
    ]


def is_open(spec: dict[str, Any], instant: datetime) -> bool:
    """The pointwise rule, on the text of the wall time; "24:00" is after every time of a day."""
    day, weekday, time = wall(spec["zone"], instant)
    return any(
        begin + ":00" <= time < end + ":00" for begin, end in spec["exceptions"].get(day, spec["weekly"][weekday])
    )


@walk
@given(examples(), st.integers(0, TICKS // STEP))
def test_counted_time_is_the_number_of_open_ticks(example: Example, length: int) -> None:
    found = counted(parse_calendar(example.spec), example.start, example.after(length * STEP), example.spans())
    assert found == sum(ticks(example)[:length]) * STEP


@walk
@given(examples(), st.integers(1, 600))
def test_due_is_the_end_of_the_last_tick_it_needs(example: Example, need: int) -> None:
    is_counted = ticks(example)
    reached = [tick for tick, opened in enumerate(is_counted) if opened][:need]
    if len(reached) < need:
        return
    due = add(parse_calendar(example.spec), example.start, need * STEP, example.spans())
    assert due == example.after((reached[-1] + 1) * STEP)


@walk
@given(examples(), st.integers(1, 600))
def test_a_promise_breaks_as_the_first_tick_too_many_begins(example: Example, need: int) -> None:
    beyond = [tick for tick, opened in enumerate(ticks(example)) if opened][need : need + 1]
    if not beyond:
        return
    breach = breach_at(parse_calendar(example.spec), example.start, need * STEP, example.spans())
    assert breach == example.after(beyond[0] * STEP)


@walk
@given(examples())
def test_offsets_change_on_the_exact_second(example: Example) -> None:
    """A window of two minutes around the change, second by second."""
    change = datetime.fromisoformat(CHANGES[example.spec["zone"]][0]).replace(tzinfo=UTC)
    calendar = parse_calendar(example.spec)
    for second in range(-30, 30):
        tick = change + timedelta(seconds=second)
        is_counted = counted(calendar, tick, tick + timedelta(seconds=1))
        assert is_counted == is_open(example.spec, tick)


@given(st.integers(0, 8_580_000_000_000_000))
def test_no_microsecond_is_lost_between_instants_and_numbers(count: int) -> None:
    """Until 2241."""
    assert to_microseconds(from_microseconds(count)) == count


@walk
@given(examples(), st.lists(st.integers(60, 400 * 3600), max_size=5))
def test_many_promises_at_once_are_due_when_each_alone_is(example: Example, targets: list[int]) -> None:
    calendar = parse_calendar(example.spec | {"weekly": {day: [["09:00", "17:00"]] for day in DAYS}})
    alone = [add(calendar, example.start, target) for target in targets]
    together = [count and from_microseconds(count) for count in add_each(calendar, example.start, targets)]
    assert together == alone
