"""What if two rotas were one, or one were two: by the planner's own functions, nothing is written (spec oncall 5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.domain.coverage import overlap
from oncall.domain.fair import plan_fairly
from oncall.domain.points import day_points
from oncall.domain.sleeping import full_nights
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from oncall.domain.plan_facts import Member, Problem
    from oncall.domain.rotation import Block

MOST_PEOPLE = 40


@dataclass(frozen=True)
class Part:
    """One rota as it is or would be: its first role's blocks and who takes turns."""

    name: str
    problem: Problem


@dataclass(frozen=True)
class Burden:
    """What one person would have: whole nights, and points in thousandths."""

    handle: str
    nights: int
    milli: int


@dataclass(frozen=True)
class Outlook:
    """Everybody by handle, the turns nobody can take, and the rotas of one person."""

    people: tuple[Burden, ...]
    gaps: int
    islands: tuple[str, ...]

    @property
    def milli(self) -> int:
        return sum(each.milli for each in self.people)


def outlook(parts: Sequence[Part]) -> Outlook:
    """What each person has when every part is planned fairly; who sits in several parts has the sum."""
    nights: Counter[str] = Counter()
    milli: Counter[str] = Counter()
    handles: set[str] = set()
    gaps = 0
    for part in parts:
        members = {member.handle: member for member in part.problem.members}
        handles |= set(members)
        for block, holder in zip(part.problem.blocks, _holders(part.problem), strict=True):
            if holder is None:
                gaps += 1
                continue
            zone, own = members[holder].zone, members[holder].holidays
            nights[holder] += sum(full_nights(start, end, zone) for start, end in block.served)
            milli[holder] += sum(day.milli for day in day_points(block.served, zone, own))
    people = tuple(Burden(handle, nights[handle], milli[handle]) for handle in sorted(handles))
    return Outlook(people, gaps, tuple(part.name for part in parts if len(part.problem.members) == 1))


def merged(first: Part, second: Part) -> Part:
    """One rota by the rules of the first, with the people of both; who is in both stands once."""
    here = {member.handle for member in first.problem.members}
    people = [*first.problem.members, *(each for each in second.problem.members if each.handle not in here)]
    if len(people) > MOST_PEOPLE:
        raise DomainError("oncall.bad_what_if", f"At most {MOST_PEOPLE} people take turns in one rota here.", "merge")
    return Part(f"{first.name} and {second.name}", replace(first.problem, members=people))


def parted(whole: Part, leaving: Collection[str]) -> tuple[Part, Part]:
    """Who stays and who leaves, two rotas by the same rules. Raises `DomainError` unless both have somebody."""
    members = whole.problem.members
    if unknown := sorted(set(leaving) - {member.handle for member in members}):
        raise DomainError("oncall.bad_what_if", f"{unknown[0][:40]} takes no turns in {whole.name}.", "split")
    go = [member for member in members if member.handle in leaving]
    stay = [member for member in members if member.handle not in leaving]
    if not go or not stay:
        raise DomainError("oncall.bad_what_if", "Leave somebody on each side: some of the people, not all.", "split")
    return _of(whole, whole.name, stay), _of(whole, f"{whole.name}, the other half", go)


def uncovered(before: Sequence[Block], after: Sequence[Block]) -> timedelta:
    """How much of what the first blocks serve the second ones do not."""
    spans = [span for block in before for span in block.served]
    left = [span for block in after for span in block.served]
    return sum((end - start for start, end in spans), timedelta(0)) - overlap(spans, left)


def ended_at(found: Sequence[Block], end: datetime) -> Iterator[Block]:
    """The blocks up to an instant, the last one cut there."""
    for block in found:
        pieces = tuple((low, min(high, end)) for low, high in block.served if low < end)
        if pieces:
            yield replace(block, end=min(block.end, end), pieces=pieces)


def _of(whole: Part, name: str, members: list[Member]) -> Part:
    here = {member.handle for member in members}
    fixed = {n: handle for n, handle in whole.problem.fixed.items() if handle in here}
    return Part(name, replace(whole.problem, members=members, fixed=fixed))


def _holders(problem: Problem) -> Sequence[str | None]:
    if not problem.members or not problem.blocks:
        return [None] * len(problem.blocks)
    return plan_fairly(problem).holders
