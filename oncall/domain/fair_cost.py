"""The cost of a plan, kept up to date block by block, so that a try costs microseconds (spec oncall 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.plan_facts import Problem
    from oncall.domain.weighing import Tables

PERCENT = 100
HEAD = 5  # so many components come from rules, the rest from balance
Cost = tuple[int, ...]


class Standing:
    """A plan with its sums. `assign` changes one block; `head` and `tail` together are the cost vector.

    Head: absent holders, protections broken, majors (repeats and beyond the cap), twice running, two weekends running.
    Tail: quarter excess, weekend spread, own-holiday spread, squared balances; all integers.
    """

    def __init__(self, problem: Problem, tables: Tables, holders: Sequence[int]) -> None:
        self.problem, self.tables = problem, tables
        people = range(len(problem.members))
        self.holders = [-1] * len(problem.blocks)
        self.weekends = [n for n, block in enumerate(problem.blocks) if block.is_weekend]
        self.points = [[0] * tables.quarters for _ in people]
        self.sums = [[0] * len(tables.shares) for _ in range(tables.quarters)]
        self.totals = [member.opening for member in problem.members]
        self.stretch_sums = [0] * len(tables.shares)
        self.holidays, self.held_weekends = [0 for _ in people], [0 for _ in people]
        self.held_majors = [[0] * len(tables.major_years) for _ in people]
        self.absent = self.broken = 0
        names = {member.handle: n for n, member in enumerate(problem.members)}
        self.before = names.get(problem.before, -1)
        self.before_weekend = names.get(problem.before_weekend, -1)
        for block, holder in enumerate(holders):
            self.assign(block, holder)

    def assign(self, block: int, holder: int) -> None:
        """Give the block to another member, or to nobody (-1)."""
        self._count(block, self.holders[block], -1)
        self.holders[block] = holder
        self._count(block, holder, 1)

    def _count(self, block: int, person: int, sign: int) -> None:
        if person < 0:
            return
        weighed = self.tables.weighed[person][block]
        points = self.points[person]
        for (quarter, stretch), milli in weighed.cells:
            points[quarter] += sign * milli
            self.sums[quarter][stretch] += sign * milli
            self.stretch_sums[stretch] += sign * milli
        self.totals[person] += sign * weighed.total
        self.holidays[person] += sign * weighed.holidays
        self.absent += sign * weighed.is_absent
        self.broken += sign * weighed.is_protected
        if self.problem.blocks[block].is_weekend:
            self.held_weekends[person] += sign
        for major in self.tables.majors_of[block]:
            self.held_majors[person][major] += sign

    def head(self) -> Cost:
        """What rules say, worst first."""
        return self.absent, self.broken, self._majors(), *self._running()

    def tail(self) -> Cost:
        """What balance says."""
        spread = max(self.held_weekends) - min(self.held_weekends) - 1
        own = max(self.holidays) - min(self.holidays) - 1
        return self._excess(), max(0, spread), max(0, own), self._squares()

    def cost(self) -> Cost:
        return self.head() + self.tail()

    def _majors(self) -> int:
        repeats = sum(1 for person, major in self.tables.repeats if self.held_majors[person][major])
        over = 0
        for held in self.held_majors:
            by_year: dict[int, int] = {}
            for year, count in zip(self.tables.major_years, held, strict=True):
                by_year[year] = by_year.get(year, 0) + (count > 0)
            over += sum(max(0, count - self.problem.rules.major_cap) for count in by_year.values())
        return repeats + over

    def _running(self) -> tuple[int, int]:
        if not self.problem.rules.use_rest:
            return 0, 0
        held = self.holders
        twice = sum(1 for a, b in zip([self.before, *held], held, strict=False) if a == b >= 0)
        ends = [held[n] for n in self.weekends]
        weekends = sum(1 for a, b in zip([self.before_weekend, *ends], ends, strict=False) if a == b >= 0)
        return twice, weekends

    def _excess(self) -> int:
        """`sum max(0, |t*N - s|*(100/tolerance) - s)`, N generalised to parts by weight and stretch."""
        excess = 0
        unit, scale = self.tables.unit, PERCENT
        tolerance = self.problem.rules.tolerance_percent
        for quarter in self.tables.judged:
            sums = self.sums[quarter]
            for person, points in enumerate(self.points):
                share = sum(s * part[person] for s, part in zip(sums, self.tables.shares, strict=True))
                over = abs(points[quarter] * unit - share) * scale - share * tolerance
                if over > 0:
                    excess += over
        return excess // tolerance

    def _squares(self) -> int:
        unit, shares, sums = self.tables.unit, self.tables.shares, self.stretch_sums
        total = 0
        for person, points in enumerate(self.totals):
            balance = points * unit - sum(s * part[person] for s, part in zip(sums, shares, strict=True))
            total += balance * balance
        return total
