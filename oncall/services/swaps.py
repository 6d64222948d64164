"""Two people exchange shifts; both agree, nothing of it happens by halves (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from oncall import policies
from oncall.domain.words import ChangeKind, ChangeState
from oncall.models import ShiftChange
from oncall.models.spans import ends
from oncall.queries.shifts import people_by_id
from oncall.queries.working_out import facts_between
from oncall.services.laying import Stretch, Wanted, check_own_backup, check_stretch, save_change
from oncall.services.locking import lock_rota
from oncall.services.shift_news import ASKED, CHANGED, shift_line, tell
from portal.core.errors import Conflict, NotAllowed, NotVisible
from portal.core.policies import require

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from oncall.domain.effective import Effective
    from oncall.models import Rota
    from portal.accounts.models import Person

EXPIRES = timedelta(days=3)
BESIDE = timedelta(days=8)


@dataclass(frozen=True)
class SwapDraft:
    """My shift for yours; with `both_roles` the two also exchange the other slot they hold then."""

    mine: Stretch
    yours: Stretch
    both_roles: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Swap:
    """The changes of a swap and the soft rules it breaks, for both to agree to."""

    group: UUID
    changes: tuple[ShiftChange, ...]
    warnings: tuple[str, ...]


@transaction.atomic
def offer_swap(*, actor: Person, rota: Rota, swap: SwapDraft, at: datetime) -> Swap:
    """Offer one's own shift for another's; nothing moves before the other accepts. Of a running shift the rest moves.

    It lapses after 3 days, or when one of the two shifts is over.

    Raises `NotAllowed` not_yours, `Conflict` own_backup with the repaired proposal, past, not_covered.
    """
    rota = lock_rota(rota)
    mine, yours = check_stretch(rota, swap.mine, at), check_stretch(rota, swap.yours, at)
    other = _partner(actor, mine, yours)
    lines = _exchange(rota, swap, actor, other, at)
    _check_backups(rota, swap, lines)
    group, expires_at = uuid4(), min(at + EXPIRES, swap.mine.end, swap.yours.end)
    seen = {"people": [actor.pk, other.pk], "both_roles": swap.both_roles}
    rows = []
    for stretch, person in lines:
        facts = seen | {"holder": next(iter(check_stretch(rota, stretch, at))).person}
        wanted = Wanted(stretch, person, ChangeKind.SWAP, swap.reason, group, facts, expires_at)
        rows.append(save_change(rota, wanted, ChangeState.PROPOSED, actor, at))
    warnings = swap_warnings(rota, lines)
    said = f"{actor.name} offers {_words(rota, swap.mine, at)} for your {_words(rota, swap.yours, at)}."
    tell(rota, ASKED, [other.pk], " ".join([said, *warnings]), key=f"swap.{group}", at=at)
    return Swap(group, tuple(rows), tuple(warnings))


@transaction.atomic
def accept_swap(*, actor: Person, group: UUID, at: datetime) -> Swap:
    """The other says yes: all changes of the group stand at once, for the time to come. Idempotent.

    Raises `NotVisible`, `NotAllowed`, `Conflict` `oncall.shift_moved` when a shift is another than when offered.
    """
    first = ShiftChange.objects.filter(group=group, kind=ChangeKind.SWAP).select_related("rota").first()
    if first is None:
        raise NotVisible
    rota = lock_rota(first.rota)
    rows = list(ShiftChange.objects.select_for_update().filter(group=group).select_related("to_person").order_by("pk"))
    require(policies.can_accept_swap(actor, rows[0]))
    if any(row.state == ChangeState.ACTIVE for row in rows):
        return Swap(group, tuple(rows), ())
    _check_unmoved(rota, rows, at)
    lines = [(Stretch(row.role, *ends(row.during), row.slot), row.to_person) for row in rows]
    made = []
    ShiftChange.objects.filter(group=group).update(state=ChangeState.SUPERSEDED)
    for stretch, person in lines:
        wanted = Wanted(stretch, person, ChangeKind.SWAP, rows[0].reason, group, rows[0].seen)
        made.append(save_change(rota, wanted, ChangeState.ACTIVE, actor, at))
    offered_by = rows[0].requested_by_id
    if offered_by is not None:
        tell(rota, CHANGED, [offered_by], f"{actor.name} agreed to the swap.", key=f"swap.{group}:yes", at=at)
    return Swap(group, tuple(made), tuple(swap_warnings(rota, lines)))


def swap_warnings(rota: Rota, lines: list[tuple[Stretch, Person]]) -> list[str]:
    """Soft rules that the exchange breaks: two blocks running, two weekends running."""
    said = []
    primaries = [(stretch, person) for stretch, person in lines if stretch.role == lines[0][0].role]
    for stretch, person in primaries:
        rows, _ = facts_between(rota, stretch.start - BESIDE, stretch.end + BESIDE)
        own = [row for row in rows if row.role == stretch.role and row.person == person.pk]
        moved = [other for other, whose in lines if whose.pk != person.pk]
        own = [row for row in own if not any(each.start < row.end and row.start < each.end for each in moved)]
        if any(row.end == stretch.start or row.start == stretch.end for row in own):
            said.append(f"{person.name} would serve two blocks running.")
        if _is_weekend(rows, stretch) and any(_week_apart(row, stretch) for row in own if row.kind == "weekend"):
            said.append(f"{person.name} would serve two weekends running.")
    return said


def _is_weekend(rows: list[Effective], stretch: Stretch) -> bool:
    return any(row.kind == "weekend" and row.start < stretch.end and stretch.start < row.end for row in rows)


def _week_apart(row: Effective, stretch: Stretch) -> bool:
    return abs((row.start - stretch.start).days) in (6, 7, 8) or abs((row.end - stretch.end).days) in (6, 7)


def _partner(actor: Person, mine: list[Effective], yours: list[Effective]) -> Person:
    if {row.person for row in mine} != {actor.pk}:
        raise NotAllowed("oncall.not_yours", "You can offer only a shift that is yours.", "mine")
    holders = {row.person for row in yours}
    if len(holders) != 1 or None in holders or holders == {actor.pk}:
        raise Conflict("oncall.not_theirs", "Choose a shift that one other person holds.", "yours")
    person_id = next(iter(holders))
    return people_by_id([person_id or 0])[person_id or 0]


def _exchange(rota: Rota, swap: SwapDraft, actor: Person, other: Person, at: datetime) -> list[tuple[Stretch, Person]]:
    """What goes where: the two shifts, and with both roles also the slots the two hold beside them."""
    lines = [(_future(swap.mine, at), other), (_future(swap.yours, at), actor)]
    if not swap.both_roles:
        return lines
    for stretch, person in list(lines):
        giver = actor if person.pk == other.pk else other
        rows, _ = facts_between(rota, stretch.start, stretch.end)
        lines += [
            (Stretch(row.role, row.start, row.end, row.slot), giver)
            for row in rows
            if row.person == person.pk and (row.role, row.slot) != (stretch.role, stretch.slot)
        ]
    return lines


def _future(stretch: Stretch, at: datetime) -> Stretch:
    return Stretch(stretch.role, max(stretch.start, at), stretch.end, stretch.slot)


def _check_backups(rota: Rota, swap: SwapDraft, lines: list[tuple[Stretch, Person]]) -> None:
    leaving = [stretch for stretch, _ in lines[2:]] if swap.both_roles else []
    for stretch, person in lines[:2]:
        check_own_backup(rota, stretch, person, leaving)


def _check_unmoved(rota: Rota, rows: list[ShiftChange], at: datetime) -> None:
    for row in rows:
        stretch = Stretch(row.role, *ends(row.during), row.slot)
        now = check_stretch(rota, stretch, at)
        lapsed = row.expires_at is not None and row.expires_at <= at
        if row.state != ChangeState.PROPOSED or lapsed or {each.person for each in now} != {row.seen.get("holder")}:
            raise Conflict("oncall.shift_moved", "One of the two shifts moved since the offer. Offer it again.")


def _words(rota: Rota, stretch: Stretch, at: datetime) -> str:
    return shift_line(stretch.role, stretch.start, stretch.end, rota.zone, at)


def swaps_for(person: Person) -> Any:
    """Offers that wait for this person's yes, one row a swap."""
    rows = ShiftChange.objects.filter(kind=ChangeKind.SWAP, state=ChangeState.PROPOSED, seen__people__1=person.pk)
    return rows.select_related("rota", "requested_by").order_by("group", "pk").distinct("group")
