"""Who stands behind: secondaries and further slots after the primary is planned, and the order of the cascade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncall.domain.weighing import weigh

if TYPE_CHECKING:
    from oncall.domain.plan_facts import Problem
    from oncall.domain.weighing import Tables

QUARTERS = 4  # the factor of a secondary is counted in quarters of a point
Holders = Sequence[str | None]


def plan_seconds(problem: Problem, primary: Holders, others: Sequence[Holders] = ()) -> list[str | None]:
    """In block order the least of (absent, protected, held it the block before, combined, last held, handle).

    Combined = opening + primary points of the whole horizon + factor x points of this slot so far and of this block,
    less the member's share of the primaries. Never the holder of another slot (`others` are further slots planned
    before). None where nobody is left.
    """
    tables = weigh(problem)
    combined = _after_primaries(problem, tables, primary)
    last = [-1] * len(problem.members)
    chosen: list[str | None] = []
    for block in range(len(problem.blocks)):
        busy = {primary[block], *(holders[block] for holders in others)}
        person = _least(problem, tables, block, combined, last, busy)
        if person is None:
            chosen.append(None)
            continue
        weighed = tables.weighed[person][block]
        combined[person] += problem.rules.factor_quarters * weighed.total * tables.unit
        last[person] = block
        chosen.append(problem.members[person].handle)
    return chosen


def _least(
    problem: Problem, tables: Tables, block: int, combined: list[int], last: list[int], busy: set[str | None]
) -> int | None:
    factor = problem.rules.factor_quarters * tables.unit
    keys = []
    for person, member in enumerate(problem.members):
        weighed = tables.weighed[person][block]
        if member.handle in busy or weighed.is_absent:
            continue
        before = last[person] == block - 1 and block > 0
        load = combined[person] + factor * weighed.total
        keys.append((weighed.is_protected, before, load, last[person], member.handle, person))
    return min(keys)[-1] if keys else None


def _after_primaries(problem: Problem, tables: Tables, primary: Holders) -> list[int]:
    """Opening + primary points - share, in quarters of a thousandth of the common unit."""
    names = {member.handle: n for n, member in enumerate(problem.members)}
    totals = [member.opening * tables.unit for member in problem.members]
    for block, holder in enumerate(primary):
        if holder is None:
            continue
        person = names[holder]
        for (_, stretch), milli in tables.weighed[person][block].cells:
            totals[person] += milli * tables.unit
            for other, part in enumerate(tables.shares[stretch]):
                totals[other] -= milli * part
    return [QUARTERS * total for total in totals]


def cascade_orders(problem: Problem, roles: Sequence[tuple[int, Holders]]) -> list[list[str]]:
    """For each block the members by combined balance as it stood when the block began, then handle.

    `roles` are (factor in quarters, holders); everybody is named, since who is away is judged at the instant.
    """
    tables = weigh(problem)
    names = {member.handle: n for n, member in enumerate(problem.members)}
    balance = [QUARTERS * member.opening * tables.unit for member in problem.members]
    orders = []
    for block in range(len(problem.blocks)):
        ranked = sorted(range(len(balance)), key=lambda n: (balance[n], problem.members[n].handle))
        orders.append([problem.members[n].handle for n in ranked])
        for factor, holders in roles:
            person = names.get(holders[block] or "")
            if person is None:
                continue
            for (_, stretch), milli in tables.weighed[person][block].cells:
                balance[person] += factor * milli * tables.unit
                for other, part in enumerate(tables.shares[stretch]):
                    balance[other] -= factor * milli * part
    return orders
