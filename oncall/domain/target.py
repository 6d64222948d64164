"""Can the target of fairness be met, and if not, what would make it possible (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from oncall.domain.fair import plan_fairly
from oncall.domain.weighing import weigh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oncall.domain.plan_facts import Problem
    from oncall.domain.weighing import Tables

PERCENT = 100
LONGER = "a year instead of a quarter"


@dataclass(frozen=True)
class Way:
    """One thing that could be changed: how, and the largest deviation of the best plan then found."""

    words: str
    worst: Fraction
    meets: bool


@dataclass(frozen=True)
class Verdict:
    """`bound` is what whole blocks make impossible; `quarters` the largest deviation of each judged quarter."""

    blocks: int
    people: int
    bound: Fraction
    quarters: tuple[tuple[tuple[int, int], Fraction], ...]
    tolerance_percent: int
    ways: tuple[Way, ...] = ()

    @property
    def worst(self) -> Fraction:
        return max((deviation for _, deviation in self.quarters), default=Fraction(0))

    @property
    def is_met(self) -> bool:
        return self.worst * PERCENT <= self.tolerance_percent


def granularity_bound(blocks: int, people: int) -> Fraction:
    """How far from the mean somebody must be when `blocks` equal blocks go to `people`: (ceil(k/n) - k/n) / (k/n)."""
    if not blocks or not people:
        return Fraction(0)
    mean = Fraction(blocks, people)
    return (-(-blocks // people) - mean) / mean


def percent_text(share: Fraction) -> str:
    """One digit after the point, half up: "23.1 %"."""
    tenths = (share * 2 * PERCENT * 10 + 1) // 2
    return f"{tenths // 10}.{tenths % 10} %"


def deviations(
    problem: Problem, holders: Sequence[str | None], names: Sequence[tuple[int, int]], tables: Tables | None = None
) -> tuple[tuple[tuple[int, int], Fraction], ...]:
    """The largest deviation from a fair share in each judged quarter; `names` are year and quarter by index."""
    tables = tables or weigh(problem)
    index = {member.handle: n for n, member in enumerate(problem.members)}
    points = [[0] * tables.quarters for _ in problem.members]
    sums = [[0] * len(tables.shares) for _ in range(tables.quarters)]
    for block, holder in enumerate(holders):
        if holder is None:
            continue
        for (quarter, stretch), milli in tables.weighed[index[holder]][block].cells:
            points[index[holder]][quarter] += milli
            sums[quarter][stretch] += milli
    return tuple((names[q], _largest(points, sums, q, tables)) for q in tables.judged)


def _largest(points: list[list[int]], sums: list[list[int]], quarter: int, tables: Tables) -> Fraction:
    worst = Fraction(0)
    for person, mine in enumerate(points):
        share = sum(s * part[person] for s, part in zip(sums[quarter], tables.shares, strict=True))
        if share:
            worst = max(worst, Fraction(abs(mine[quarter] * tables.unit - share), share))
    return worst


def over_all(problem: Problem, holders: Sequence[str | None]) -> Fraction:
    """The largest deviation from a fair share over the whole plan: what remains when no quarter is judged alone."""
    tables = weigh(problem)
    index = {member.handle: n for n, member in enumerate(problem.members)}
    points, sums = [0] * len(problem.members), [0] * len(tables.shares)
    for block, holder in enumerate(holders):
        if holder is None:
            continue
        for (_, stretch), milli in tables.weighed[index[holder]][block].cells:
            points[index[holder]] += milli
            sums[stretch] += milli
    shares = [
        sum(s * part[person] for s, part in zip(sums, tables.shares, strict=True)) for person in range(len(points))
    ]
    return max(
        (Fraction(abs(mine * tables.unit - share), share) for mine, share in zip(points, shares, strict=True) if share),
        default=Fraction(0),
    )


def judge(problem: Problem, holders: Sequence[str | None]) -> Verdict:
    """How a plan stands against the tolerance; costs no planning."""
    tables = weigh(problem)
    found = deviations(problem, holders, tables.quarter_names, tables)
    per_quarter = max((_blocks_in(tables, quarter) for quarter in tables.judged), default=0)
    people = len(problem.members)
    return Verdict(
        per_quarter, people, granularity_bound(per_quarter, people), found, problem.rules.tolerance_percent
    )  # fmt: skip


def _blocks_in(tables: Tables, quarter: int) -> int:
    return sum(1 for start in tables.start_quarter if start == quarter)


def explain_target(
    problem: Problem, holders: Sequence[str | None], changes: Sequence[tuple[str, Callable[[], Problem | None]]]
) -> Verdict:
    """The verdict, and if the target is missed the first change that meets it with what the earlier ones reach.

    `changes` are tried in order: split the week, drop a rule, one more member; each builds the problem as it would be,
    or None where it cannot apply. One planner run a change. After the first comes the longer window, which costs none.
    """
    verdict = judge(problem, holders)
    if verdict.is_met:
        return verdict
    ways = []
    for n, (words, build) in enumerate(changes):
        if n == 1:
            whole = over_all(problem, holders)
            ways.append(Way(LONGER, whole, whole * PERCENT <= verdict.tolerance_percent))
            if ways[-1].meets:
                break
        changed = build()
        if changed is None:
            continue
        tried = judge(changed, plan_fairly(changed).holders)
        ways.append(Way(words, tried.worst, tried.is_met))
        if tried.is_met:
            break
    return replace(verdict, ways=tuple(ways))


def verdict_words(verdict: Verdict) -> str:
    """The plain statement: "10 % a quarter: not met (Q2 11.3 %); met with Mon-Thu/Fri-Sun blocks."."""
    wanted = f"{verdict.tolerance_percent} % a quarter"
    if verdict.is_met:
        return f"{wanted}: met, the largest deviation is {percent_text(verdict.worst)}."
    missed = [
        f"Q{quarter} {percent_text(deviation)}"
        for (_, quarter), deviation in verdict.quarters
        if deviation * PERCENT > verdict.tolerance_percent
    ]
    said = f"{wanted}: not met ({', '.join(missed)})"
    found = next((way for way in verdict.ways if way.meets), None)
    return f"{said}; met with {found.words}." if found else f"{said}, and no change tried meets it."
