"""The tables a planner counts with: every block weighed for every member once (spec oncall 4)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from math import gcd, lcm
from typing import TYPE_CHECKING

from oncall.domain.instants import ONE_DAY, local_date, local_dates, quarter_of
from oncall.domain.points import HOLIDAY, day_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.plan_facts import Major, Member, Problem
    from oncall.domain.rotation import Block

Cell = tuple[int, int]  # index of the quarter, index of the stretch with the same members
QUARTER_MONTHS, LAST_QUARTER = 3, 4
ENOUGH_OF_A_QUARTER = 80


@dataclass(frozen=True)
class Weighed:
    """One block for one member."""

    cells: tuple[tuple[Cell, int], ...]
    total: int
    in_start_quarter: int
    holidays: int
    is_absent: bool
    is_protected: bool


@dataclass(frozen=True)
class Tables:
    """`weighed[member][block]`; `shares[stretch][member]` of `unit`; `judged` are the quarters of the target."""

    weighed: tuple[tuple[Weighed, ...], ...]
    start_quarter: tuple[int, ...]
    quarters: int
    judged: tuple[int, ...]
    shares: tuple[tuple[int, ...], ...]
    unit: int
    majors_of: tuple[tuple[int, ...], ...]
    major_years: tuple[int, ...]
    repeats: frozenset[tuple[int, int]]
    quarter_names: tuple[tuple[int, int], ...]


def weigh(problem: Problem) -> Tables:
    """All a planner needs, in integers. Members are taken in the order of the problem."""
    dates = [day for block in problem.blocks for day in _span_dates(problem, block)]
    quarters = sorted({quarter_of(day) for day in dates})
    index = {quarter: n for n, quarter in enumerate(quarters)}
    edges = _edges(problem.members)
    weighed = tuple(
        tuple(_weighed(problem, member, block, index, edges) for block in problem.blocks) for member in problem.members
    )
    starts = tuple(index[quarter_of(local_date(block.start, problem.zone))] for block in problem.blocks)
    shares, unit = _shares(problem.members, edges)
    first, last = local_date(problem.blocks[0].start, problem.zone), local_date(problem.blocks[-1].end, problem.zone)
    judged = tuple(n for quarter, n in index.items() if _is_judged(quarter, first, last))
    majors = problem.majors if problem.rules.use_majors else ()
    handles = {member.handle: n for n, member in enumerate(problem.members)}
    held = tuple(tuple(m for m, major in enumerate(majors) if touches(block, major, problem.zone))
                 for block in problem.blocks)  # fmt: skip
    repeats = {(handles[major.last_held_by], m) for m, major in enumerate(majors) if major.last_held_by in handles}
    years = tuple(major.first.year for major in majors)
    return Tables(weighed, starts, len(index), judged, shares, unit, held, years, frozenset(repeats), tuple(quarters))


def _span_dates(problem: Problem, block: Block) -> list[date]:
    """A day more on both sides: the members' zones lie up to a day from the rota's."""
    first, last = local_date(block.start, problem.zone), local_date(block.end, problem.zone)
    return [first - ONE_DAY, first, last, last + ONE_DAY]


def _edges(members: Sequence[Member]) -> list[date]:
    """Where the set of members changes; the stretches lie between."""
    return sorted({edge for member in members for edge in member.active if edge is not None})


def _stretch(day: date, edges: list[date]) -> int:
    return bisect_right(edges, day)


def _weighed(
    problem: Problem, member: Member, block: Block, index: dict[tuple[int, int], int], edges: list[date]
) -> Weighed:
    rows = day_points(block.served, member.zone, member.holidays)
    cells: dict[Cell, int] = {}
    for row in rows:
        cell = (index[quarter_of(row.day)], _stretch(row.day, edges))
        cells[cell] = cells.get(cell, 0) + row.milli
    start = index[quarter_of(local_date(block.start, problem.zone))]
    counts_holidays = problem.rules.use_holidays
    return Weighed(
        cells=tuple(sorted(cells.items())),
        total=sum(row.milli for row in rows),
        in_start_quarter=sum(milli for (quarter, _), milli in cells.items() if quarter == start),
        holidays=sum(row.tenths == HOLIDAY for row in rows) if counts_holidays else 0,
        is_absent=is_absent(problem, member, block),
        is_protected=(member.handle, block.start) in problem.protected or _is_free(problem, member, block),
    )


def is_absent(problem: Problem, member: Member, block: Block) -> bool:
    """Away at any moment of the block, or no member on any day of it."""
    first, past = member.active
    days = local_dates(block.start, block.end, problem.zone)
    if days[0] < first or (past is not None and days[-1] >= past):
        return True
    served = block.served if problem.rules.use_absences else ()
    return any(a < end and start < b for a, b in member.absent for start, end in served)


def _is_free(problem: Problem, member: Member, block: Block) -> bool:
    """The block begins on a weekday the member asked to be free of."""
    return local_date(block.start, problem.zone).weekday() in member.free_dows


def _shares(members: Sequence[Member], edges: list[date]) -> tuple[tuple[tuple[int, ...], ...], int]:
    """Each member's part of a stretch by weight, as whole parts of one common unit."""
    common = gcd(*(member.weight for member in members)) if members else 1
    stretches = []
    for n in range(len(edges) + 1):
        probe = edges[n] - ONE_DAY if n < len(edges) else date.max
        stretches.append([member.weight // common if _active(member, probe) else 0 for member in members])
    unit = lcm(*(sum(weights) or 1 for weights in stretches))
    shares = tuple(tuple(w * (unit // (sum(weights) or 1)) for w in weights) for weights in stretches)
    return shares, unit


def _active(member: Member, day: date) -> bool:
    first, past = member.active
    return first <= day and (past is None or day < past)


def _is_judged(quarter: tuple[int, int], first: date, last: date) -> bool:
    """At least 80 % of its days lie in the horizon."""
    year, n = quarter
    begins = date(year, QUARTER_MONTHS * n - 2, 1)
    ends = date(year + (n == LAST_QUARTER), 1 if n == LAST_QUARTER else QUARTER_MONTHS * n + 1, 1)
    inside = (min(last, ends) - max(first, begins)).days
    return 100 * inside >= ENOUGH_OF_A_QUARTER * (ends - begins).days


def touches(block: Block, major: Major, zone: str) -> bool:
    """Whether any part of the block falls on the dates in the rota's zone."""
    days = local_dates(block.start, block.end, zone)
    return days[0] <= major.last and major.first <= days[-1]
