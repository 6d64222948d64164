"""Who holds a slot, against a clock that is watched minute by minute (spec oncall 3, 5; issue C, acceptance 1).

The oracle knows nothing of blocks, edges or merging: it looks at the wall clock of the zone once a minute, counts the
handoffs it has seen, and fills the two slots of that minute by the order of truth.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.domain.coverage import covered_spans, restrict
from oncall.domain.effective import Laid, Planned, Standby, effective_shifts
from oncall.domain.rotation import DOWS, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.effective import Effective

MINUTE, DAYS = timedelta(minutes=1), 4
MEMBERS = (1, 2, 3)
ZONES_AND_DAYS = (
    ("Europe/Madrid", date(2027, 3, 26)), ("Europe/Madrid", date(2027, 10, 29)),
    ("America/New_York", date(2027, 3, 12)), ("America/New_York", date(2027, 11, 5)),
    ("Australia/Lord_Howe", date(2027, 4, 2)), ("Australia/Lord_Howe", date(2027, 10, 1)),
    ("Asia/Kolkata", date(2027, 3, 26)),
)  # fmt: skip


class Held(NamedTuple):
    """Somebody from one minute to another, counted from the beginning."""

    person: int
    start: int
    end: int


class Case(NamedTuple):
    zone: str
    first: date
    handoff: time
    window: tuple[time, time] | None
    changes: dict[str, list[Held]]
    away: list[Held]
    behind: list[Held]


SPAN = st.tuples(st.integers(0, DAYS * 1440), st.integers(1, 1500))
WALL = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def _apart(people: st.SearchStrategy[int]) -> st.SearchStrategy[list[Held]]:
    """Stretches of people that do not overlap, as the database demands of the changes of one slot."""

    def placed(found: list[tuple[int, int, int]]) -> list[Held]:
        at, rows = 0, []
        for person, pause, length in found:
            rows.append(Held(person, at + pause, at + pause + length))
            at += pause + length
        return rows

    return st.lists(st.tuples(people, st.integers(0, 1500), st.integers(1, 1500)), max_size=3).map(placed)


CASES = st.builds(
    lambda place, handoff, window, first, second, away, behind: Case(
        place[0], place[1], handoff, window, {"primary": first, "secondary": second}, away, behind
    ),
    st.sampled_from(ZONES_AND_DAYS),
    WALL,
    st.none() | st.tuples(WALL, WALL).filter(lambda pair: pair[0] != pair[1]),
    _apart(st.sampled_from(MEMBERS)),
    _apart(st.sampled_from(MEMBERS)),
    st.lists(
        st.builds(lambda who, span: Held(who, span[0], sum(span)), st.sampled_from((*MEMBERS, 8, 9)), SPAN), max_size=6
    ),
    st.lists(st.builds(lambda who, span: Held(who, span[0], sum(span)), st.sampled_from((8, 9)), SPAN), max_size=3),
)


def _start(case: Case) -> datetime:
    """Noon of the day before, in UTC; never near a change of the clocks."""
    return datetime.combine(case.first - timedelta(days=1), time(12), UTC)


def by_the_rules(case: Case) -> list[Effective]:
    """The product: blocks, coverage, turns, changes, absences and the list behind."""
    start = _start(case)
    end = start + (DAYS + 2) * timedelta(days=1)
    rotation = {"kind": "daily", "start": (case.first - timedelta(days=3)).isoformat(), "time": f"{case.handoff:%H:%M}"}
    coverage: dict[str, object] = {"mode": "always"}
    if case.window is not None:
        low, high = (f"{each:%H:%M}" for each in case.window)
        coverage = {"mode": "windows", "windows": [{"dow": dow, "from": low, "to": high} for dow in DOWS]}
    found = restrict(blocks(rotation, case.zone, start, end), covered_spans(coverage, case.zone, start, end, set()))
    rows = [
        Planned(role, 0, MEMBERS[(n + shift) % len(MEMBERS)], low, high, MEMBERS)
        for n, block in enumerate(found)
        for role, shift in (("primary", 0), ("secondary", 1))
        for low, high in block.served
    ]

    def at(minute: int) -> datetime:
        return start + minute * MINUTE

    laid = [Laid(role, 0, one.person, at(one.start), at(one.end), "override")
            for role, held in case.changes.items() for one in held]  # fmt: skip
    away: dict[int, list[tuple[datetime, datetime]]] = {}
    for one in sorted(case.away, key=lambda one: one.start):
        away.setdefault(one.person, []).append((at(one.start), at(one.end)))
    behind = [Standby(one.person, at(one.start), at(one.end)) for one in case.behind]
    return effective_shifts(rows, laid, away, behind)


class Watch:
    """The wall clock of the zone, looked at once a minute."""

    def __init__(self, case: Case) -> None:
        self.case, self.zone = case, ZoneInfo(case.zone)
        self.start = _start(case)
        self.walls = [(self.start + n * MINUTE).astimezone(self.zone).replace(tzinfo=None)
                      for n in range((DAYS + 2) * 1440)]  # fmt: skip
        # The latest wall time seen so far: a repeated hour reaches nothing a second time.
        self.reached, latest = [], self.walls[0]
        for wall in self.walls:
            latest = max(latest, wall)
            self.reached.append(latest)

    def when(self, day: date, wall: time) -> int:
        """The first minute at which the clock shows the time or a later one."""
        return bisect_right(self.reached, datetime.combine(day, wall) - timedelta(microseconds=1))

    def handoffs(self) -> list[int]:
        days = [self.walls[0].date() + timedelta(days=n) for n in range(DAYS + 3)]
        minutes = [self.when(day, self.case.handoff) for day in days]
        return [0, *(minute for minute in minutes if 0 < minute < len(self.walls))]

    def covered(self) -> list[bool]:
        if self.case.window is None:
            return [True] * len(self.walls)
        low, high = self.case.window
        open_at = [False] * len(self.walls)
        for n in range(-1, DAYS + 3):
            day = self.walls[0].date() + timedelta(days=n)
            last = self.when(day if low < high else day + timedelta(days=1), high)
            for minute in range(self.when(day, low), last):
                open_at[minute] = True
        return open_at


def _there(held: Sequence[Held], minute: int) -> list[int]:
    return [one.person for one in held if one.start <= minute < one.end]


def by_the_clock(case: Case, minute: int, turn: int) -> dict[str, int | None]:
    """Both slots of one minute by the order of truth: change, plan, who is there, cascade, list, gap."""
    gone = set(_there(case.away, minute))
    wanted, changed = {}, set()
    for n, role in enumerate(("primary", "secondary")):
        laid = _there(case.changes[role], minute)
        wanted[role] = laid[0] if laid else MEMBERS[(turn + n) % len(MEMBERS)]
        changed |= {role} if laid else set()
    held: dict[str, int | None] = {}
    for role in sorted(wanted, key=lambda role: role not in changed):
        if wanted[role] not in gone and wanted[role] not in held.values():
            held[role] = wanted[role]
    for role in ("primary", "secondary"):
        if role in held:
            continue
        if role == "primary" and "secondary" in held:
            held[role] = held.pop("secondary")
            continue
        line = [*MEMBERS, *_there(case.behind, minute)]
        free = [one for one in line if one not in gone and one not in held.values() and one != wanted[role]]
        held[role] = free[0] if free else None
    return held


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_every_minute_of_days_with_a_change_of_clocks_has_the_holder_a_watcher_would_name(case: Case) -> None:
    watch, rows = Watch(case), by_the_rules(case)
    handoffs, covered = watch.handoffs(), watch.covered()
    turns, turn = {}, 0
    for low, high in zip(handoffs, [*handoffs[1:], len(covered)], strict=True):
        turns[low] = turn
        turn += any(covered[low:high])
    seen: dict[str, dict[int, int | None]] = {"primary": {}, "secondary": {}}
    for row in rows:
        for minute in range(int((row.start - watch.start) / MINUTE), int((row.end - watch.start) / MINUTE)):
            assert minute not in seen[row.role], "two holders of one slot"
            seen[row.role][minute] = row.person
    for minute in range(len(covered)):
        if not covered[minute]:
            assert minute not in seen["primary"], "a holder where nothing is covered"
            continue
        block = handoffs[bisect_right(handoffs, minute) - 1]
        told = {role: seen[role].get(minute, "no row") for role in seen}
        assert told == by_the_clock(case, minute, turns[block]), watch.walls[minute]
