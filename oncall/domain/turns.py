"""`turns`: a queue in which nobody gains or loses a turn through leave (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oncall.domain.weighing import is_absent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from oncall.domain.plan_facts import Problem


@dataclass(frozen=True)
class Turns:
    """The holders in block order, who kept their turn in which block, and the queue as it stands afterwards."""

    holders: tuple[str | None, ...]
    carried: dict[int, tuple[str, ...]] = field(default_factory=dict)
    queue: tuple[str, ...] = ()


def plan_turns(problem: Problem, queue: Sequence[str] = (), busy: Sequence[Collection[str]] = ()) -> Turns:
    """The first in the queue who can serve takes the block and goes to the end; who is skipped stays in front.

    `queue` continues an earlier plan (default: the order of the members). `busy[block]` are those who hold an exclusive
    rota or another slot then. A block nobody can take has None, and no turn is lost.
    """
    members = {member.handle: member for member in problem.members}
    line = [handle for handle in queue if handle in members]
    line += [handle for handle in members if handle not in line]
    holders: list[str | None] = []
    carried: dict[int, tuple[str, ...]] = {}
    for n, block in enumerate(problem.blocks):
        taken = busy[n] if n < len(busy) else ()
        can = [h for h in line if h not in taken and not is_absent(problem, members[h], block)]
        chosen = problem.fixed.get(n) or (can[0] if can else None)
        holders.append(chosen)
        if chosen is None:
            continue
        if skipped := tuple(line[: line.index(chosen)]):
            carried[n] = skipped
        line.remove(chosen)
        line.append(chosen)
    return Turns(tuple(holders), carried, tuple(line))
