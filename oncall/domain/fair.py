"""`fair-1`: the deterministic planner, greedy first, then improved until nothing gets better (spec oncall 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.fair_cost import HEAD, Standing
from oncall.domain.plan_facts import Plan
from oncall.domain.weighing import weigh

if TYPE_CHECKING:
    from oncall.domain.plan_facts import Problem
    from oncall.domain.weighing import Tables

MOST_SWEEPS = 20
# What the greedy step compares, in order; the words of the reason that a shift shows.
COMPONENTS = (
    "absent", "protected", "major", "held_before", "held_weekend_before", "weekends", "quarter_points",
    "own_holidays", "total", "waited_longest", "handle",
)  # fmt: skip
# What the improving step compares, in order.
COSTS = (
    "absent", "protected", "major", "held_before", "held_weekend_before", "quarter", "weekends", "own_holidays", "total"
)  # fmt: skip
NOBODY = -1
Key = tuple[Any, ...]


def plan_fairly(problem: Problem) -> Plan:
    """The holders of a role's first slot for every block, the same for the same facts.

    Greedy takes, block by block, the member with the least key; improving then reassigns and exchanges while the cost
    vector gets strictly smaller, at most 20 sweeps. A block nobody can take has None. Fixed blocks are constants.
    """
    tables = weigh(problem)
    chooser = _Greedy(problem, tables)
    why = [chooser.choose(block) for block in range(len(problem.blocks))]
    standing = chooser.standing
    moves, sweeps = _improve(standing, problem, why)
    names = [member.handle for member in problem.members]
    holders = tuple(names[holder] if holder != NOBODY else None for holder in standing.holders)
    return Plan(holders, standing.cost(), moves, sweeps, tuple(why))


def cost_of(problem: Problem, holders: tuple[str | None, ...]) -> tuple[int, ...]:
    """The cost vector of any assignment, for comparing plans."""
    names = {member.handle: n for n, member in enumerate(problem.members)}
    return Standing(problem, weigh(problem), [names.get(holder or "", NOBODY) for holder in holders]).cost()


class _Greedy:
    """Chooses block by block; knows what has been given so far."""

    def __init__(self, problem: Problem, tables: Tables) -> None:
        self.problem, self.tables = problem, tables
        self.standing = Standing(problem, tables, ())
        self.last = [-1] * len(problem.members)
        self.last_weekend = self.standing.before_weekend

    def choose(self, block: int) -> dict[str, Any]:
        names = [member.handle for member in self.problem.members]
        if (fixed := self.problem.fixed.get(block)) is not None:
            self._give(block, names.index(fixed))
            return {"decided_by": "fixed"}
        keys = sorted((self._key(block, person), person) for person in range(len(names)))
        best, person = keys[0] if keys else ((1,), NOBODY)
        if best[0]:
            return {"decided_by": "nobody", "keys": {names[n]: list(key) for key, n in keys}}
        self._give(block, person)
        return {"decided_by": _decided(keys), "keys": {names[n]: list(key) for key, n in keys}}

    def _give(self, block: int, person: int) -> None:
        self.standing.assign(block, person)
        self.last[person] = block
        if self.problem.blocks[block].is_weekend:
            self.last_weekend = person

    def _key(self, block: int, person: int) -> Key:
        standing, weighed = self.standing, self.tables.weighed[person][block]
        is_weekend = self.problem.blocks[block].is_weekend
        before = standing.holders[block - 1] if block else standing.before
        rests = self.problem.rules.use_rest
        return (
            int(weighed.is_absent),
            int(weighed.is_protected),
            int(self._breaks_major(block, person)),
            int(rests and before == person),
            int(rests and is_weekend and self.last_weekend == person),
            standing.held_weekends[person] if is_weekend else 0,
            standing.points[person][self.tables.start_quarter[block]] + weighed.total,
            standing.holidays[person] + weighed.holidays,
            standing.totals[person],
            self.last[person],
            self.problem.members[person].handle,
        )

    def _breaks_major(self, block: int, person: int) -> bool:
        """Held that one last year, or would hold more in its year than the cap."""
        held = self.standing.held_majors[person]
        years = self.tables.major_years
        for major in self.tables.majors_of[block]:
            in_year = sum(1 for m, count in enumerate(held) if count and years[m] == years[major] and m != major)
            if (person, major) in self.tables.repeats or in_year >= self.problem.rules.major_cap:
                return True
        return False


def _decided(keys: list[tuple[Key, int]]) -> str:
    """The first component in which the chosen one and the next best who is there differ."""
    others = [key for key, _ in keys[1:] if not key[0]]
    if not others:
        return "only_one"
    best = keys[0][0]
    return next(name for name, mine, theirs in zip(COMPONENTS, best, others[0], strict=True) if mine != theirs)


def _improve(standing: Standing, problem: Problem, why: list[dict[str, Any]]) -> tuple[int, int]:
    """Moves made and sweeps needed; the last sweep changed nothing, unless there were 20."""
    search = _Search(standing, problem, why)
    for sweep in range(1, MOST_SWEEPS + 1):
        moves = search.moves
        search.reassign_each()
        search.exchange_pairs()
        if search.moves == moves:
            return moves, sweep
    return search.moves, MOST_SWEEPS


class _Search:
    def __init__(self, standing: Standing, problem: Problem, why: list[dict[str, Any]]) -> None:
        self.standing, self.why, self.moves = standing, why, 0
        self.best = standing.cost()
        self.people = range(len(problem.members))
        self.movable = [n for n in range(len(problem.blocks)) if n not in problem.fixed]

    def reassign_each(self) -> None:
        for block in self.movable:
            for person in self.people:
                if person != self.standing.holders[block]:
                    self._try(((block, person),))

    def exchange_pairs(self) -> None:
        held = self.standing.holders
        for n, first in enumerate(self.movable):
            for second in self.movable[n + 1 :]:
                mine, theirs = held[first], held[second]
                if mine != theirs and mine != NOBODY != theirs:
                    self._try(((first, theirs), (second, mine)))

    def _try(self, changes: tuple[tuple[int, int], ...]) -> None:
        """Keep the changes if the cost gets strictly smaller; the sums of balance are only made where rules allow."""
        standing = self.standing
        undo = [(block, standing.holders[block]) for block, _ in changes]
        for block, person in changes:
            standing.assign(block, person)
        head = standing.head()
        if head <= self.best[:HEAD] and (cost := head + standing.tail()) < self.best:
            self._keep(changes, cost)
            return
        for block, person in undo:
            standing.assign(block, person)

    def _keep(self, changes: tuple[tuple[int, int], ...], cost: tuple[int, ...]) -> None:
        for_the = next(name for name, new, old in zip(COSTS, cost, self.best, strict=True) if new != old)
        for block, _ in changes:
            self.why[block] = self.why[block] | {"improved": for_the}
        self.best = cost
        self.moves += 1
