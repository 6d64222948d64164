"""What merging a rota with another, or splitting it, would mean for its people (spec oncall 5). Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from oncall.domain.instants import local_date
from oncall.domain.plan_facts import Problem
from oncall.domain.reshaping import MOST_PEOPLE, Outlook, Part, ended_at, merged, outlook, parted, uncovered
from oncall.domain.words import DutyRole
from oncall.models import Rota, RotaMember, RotaVersion
from oncall.queries.facts import cast_of, rules_of
from oncall.queries.planned import Span, covered_blocks
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from oncall.domain.rotation import Block

WINDOW = timedelta(weeks=13)
MOST_BLOCKS = 130  # a turn a day over the window, and some that a special period or a clock cuts


@dataclass(frozen=True)
class Seated:
    """A rota with its newest rules and who takes its first role's turns in the window."""

    rota: Rota
    version: RotaVersion
    places: tuple[RotaMember, ...]


@dataclass(frozen=True)
class WhatIf:
    """Until when it was worked out, as it is planned afresh, as it would be, and who would not be covered any more.

    `then` is None while nothing is asked. `lost`: what the other rota covers and the rules of this one do not.
    """

    until: datetime
    now: Outlook
    then: Outlook | None
    lost: timedelta
    names: Mapping[str, str]


def may_join(viewer_rotas: Any, rota: Rota) -> list[Rota]:
    """The rotas it could be merged with: in use, of the same kind."""
    return list(viewer_rotas.filter(kind=rota.kind).exclude(pk=rota.pk))


def seated(rotas: Sequence[Rota], at: datetime) -> dict[int, Seated]:
    """The newest rules of each rota with the members of its first role from today on; two queries. No rules, no row."""
    members = Prefetch("members", RotaMember.objects.select_related("person"))
    newest = RotaVersion.objects.filter(rota__in=rotas, valid__isempty=False).order_by("rota", "-valid")
    rows = {row.rota_id: row for row in newest.distinct("rota").prefetch_related(members)}
    return {rota.pk: Seated(rota, rows[rota.pk], _places(rota, rows[rota.pk], at)) for rota in rotas if rota.pk in rows}


def _places(rota: Rota, version: RotaVersion, at: datetime) -> tuple[RotaMember, ...]:
    """Each person once, in order."""
    first, last = local_date(at, rota.zone), local_date(at + WINDOW, rota.zone)
    found: dict[int, RotaMember] = {}
    for row in sorted(version.members.all(), key=lambda row: (row.position, row.pk)):
        is_there = (row.active.lower or first) <= last and (row.active.upper is None or row.active.upper > first)
        if is_there and row.role in ("", DutyRole.PRIMARY):
            found.setdefault(row.person_id, row)
    return tuple(found.values())


def what_if(seats: Sequence[Seated], at: datetime, *, leaving: Collection[str] = ()) -> WhatIf:
    """The first rota alone, merged with the second, or without those who leave; planned afresh over 13 weeks.

    Both sides by the planner's own functions, on rules, own holidays and absences, without what people carried before,
    major holidays and drafts. Two queries, and one or two a rota. Raises `DomainError` with the field.
    """
    if len(seats) > 1 and leaving:
        raise DomainError("oncall.bad_what_if", "Ask one thing at a time: merge it, or split it.", "split")
    if not seats:
        return WhatIf(at + WINDOW, outlook([]), None, timedelta(0), {})
    parts, until, names = _parts(seats, at)
    now = outlook(parts)
    if leaving:
        return WhatIf(until, now, outlook(parted(parts[0], leaving)), timedelta(0), names)
    if len(parts) == 1:
        return WhatIf(until, now, None, timedelta(0), names)
    one = merged(*parts)
    lost = uncovered(parts[1].problem.blocks, one.problem.blocks)
    return WhatIf(until, now, outlook([one]), lost, names)


def other_of(rota: Rota, other: Rota) -> Rota:
    """The rota to merge with. Raises `DomainError` for itself and for one that answers another kind of call."""
    if other.pk == rota.pk or other.kind != rota.kind:
        raise DomainError("oncall.bad_what_if", "Choose another rota of the same kind.", "merge")
    return other


def _parts(seats: Sequence[Seated], at: datetime) -> tuple[list[Part], datetime, dict[str, str]]:
    end = at + WINDOW
    found = [covered_blocks(each.rota, each.version, Span(at, end)) for each in seats]
    end = min([end, *(blocks[MOST_BLOCKS - 1].end for blocks in found if len(blocks) >= MOST_BLOCKS)])
    places = {place.person_id: place for each in reversed(seats) for place in each.places}
    if any(len(each.places) > MOST_PEOPLE for each in seats):
        raise DomainError("oncall.bad_what_if", f"At most {MOST_PEOPLE} people take turns in one rota here.", "merge")
    cast = cast_of(places.values(), DutyRole.PRIMARY, at, end, {})
    parts = []
    for each, turns in zip(seats, found, strict=True):
        here = {place.person.handle for place in each.places}
        members = [member for member in cast.members if member.handle in here]
        parts.append(Part(each.rota.name, _problem(each, list(ended_at(turns, end)), members)))
    names = {place.person.handle: place.person.name for place in places.values()}
    return parts, end, names


def _problem(seat: Seated, turns: list[Block], members: list[Any]) -> Problem:
    here = {member.handle for member in members}
    fixed = {n: block.fixed for n, block in enumerate(turns) if block.fixed in here}
    return Problem(seat.rota.zone, turns, members, fixed=fixed, rules=rules_of(seat.version))
