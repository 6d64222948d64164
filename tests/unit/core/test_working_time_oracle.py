"""Working time against an oracle that walks second by second and shares no code with it.

The oracle asks the zone database for the wall time of every single second; random hours, pauses and starts stand
around the changes of offset of zones that have, each in its way, broken such arithmetic before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.calendars import parse_calendar
from portal.core.domain.working_time import add, breach_at, counted

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


def ticks(example: Example, step: int = STEP) -> list[bool]:
    """Whether each moment from the start on is open and unpaused, one by one."""
    zone = ZoneInfo(example.spec["zone"])
    return [
        not any(begin <= tick and (end is None or tick < end) for begin, end in example.pauses)
        and is_open(example.spec, example.after(tick).astimezone(zone))
        for tick in range(0, TICKS, step)
    ]


def is_open(spec: dict[str, Any], local: datetime) -> bool:
    """The pointwise rule, on the text of the wall time; "24:00" is after every time of a day."""
    day = local.date().isoformat()
    intervals = spec["exceptions"].get(day, spec["weekly"][DAYS[local.weekday()]])
    wall = local.strftime("%H:%M:%S")
    return any(begin + ":00" <= wall < end + ":00" for begin, end in intervals)


@given(examples(), st.integers(0, TICKS // STEP))
def test_counted_time_is_the_number_of_open_ticks(example: Example, length: int) -> None:
    found = counted(parse_calendar(example.spec), example.start, example.after(length * STEP), example.spans())
    assert found == sum(ticks(example)[:length]) * STEP


@given(examples(), st.integers(1, 600))
def test_due_is_the_end_of_the_last_tick_it_needs(example: Example, need: int) -> None:
    is_counted = ticks(example)
    reached = [tick for tick, opened in enumerate(is_counted) if opened][:need]
    if len(reached) < need:
        return
    due = add(parse_calendar(example.spec), example.start, need * STEP, example.spans())
    assert due == example.after((reached[-1] + 1) * STEP)


@given(examples(), st.integers(1, 600))
def test_a_promise_breaks_as_the_first_tick_too_many_begins(example: Example, need: int) -> None:
    beyond = [tick for tick, opened in enumerate(ticks(example)) if opened][need : need + 1]
    if not beyond:
        return
    breach = breach_at(parse_calendar(example.spec), example.start, need * STEP, example.spans())
    assert breach == example.after(beyond[0] * STEP)


@given(examples())
def test_offsets_change_on_the_exact_second(example: Example) -> None:
    """A window of two minutes around the change, second by second."""
    change = datetime.fromisoformat(CHANGES[example.spec["zone"]][0]).replace(tzinfo=UTC)
    zone, calendar = ZoneInfo(example.spec["zone"]), parse_calendar(example.spec)
    for second in range(-60, 60):
        tick = change + timedelta(seconds=second)
        is_counted = counted(calendar, tick, tick + timedelta(seconds=1))
        assert is_counted == is_open(example.spec, tick.astimezone(zone))
