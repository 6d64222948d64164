"""Laying a change over the plan: the one place where a slot gets another holder (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall.domain.words import ChangeKind, ChangeState, Source
from oncall.models import ShiftChange
from oncall.models.spans import ends
from oncall.queries.working_out import facts_between
from oncall.services.timers import arm_next_handoff
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.models import Rota
    from portal.accounts.models import Person

FIRM = (Source.PLANNED, Source.CHANGE)


@dataclass(frozen=True)
class Stretch:
    """A slot for a while."""

    role: str
    start: datetime
    end: datetime
    slot: int = 0


@dataclass(frozen=True)
class Wanted:
    """Who should hold a stretch, and why."""

    stretch: Stretch
    person: Person
    kind: ChangeKind
    reason: str = ""
    group: UUID | None = None
    seen: dict[str, Any] | None = None
    expires_at: datetime | None = None


def check_stretch(rota: Rota, stretch: Stretch, at: datetime) -> list[Effective]:
    """The rows the stretch lies on. Raises `oncall.bad_during`, 409 `oncall.past`, 409 `oncall.not_covered`."""
    if stretch.start >= stretch.end:
        raise DomainError("oncall.bad_during", "The end lies before the beginning.", "during")
    if stretch.end <= at:
        raise Conflict("oncall.past", "This is over. What was served stays as it was.", "during")
    rows, _ = facts_between(rota, stretch.start, stretch.end)
    mine = [row for row in rows if (row.role, row.slot) == (stretch.role, stretch.slot)]
    if not mine:
        raise Conflict("oncall.not_covered", "Nobody is planned there: the rota does not cover this time.", "during")
    return mine


def check_own_backup(rota: Rota, stretch: Stretch, person: Person, leaving: Sequence[Stretch] = ()) -> None:
    """Nobody is their own backup: 409 `oncall.own_backup` with the slot they hold; `leaving` are slots given away."""
    rows, _ = facts_between(rota, stretch.start, stretch.end)
    given = {(each.role, each.slot) for each in leaving}
    for row in rows:
        slot = (row.role, row.slot)
        if row.person != person.pk or slot == (stretch.role, stretch.slot) or slot in given or row.source not in FIRM:
            continue
        message = f"{person.name} is {row.role} at that time and would be their own backup. Swap both roles instead."
        raise Conflict(
            "oncall.own_backup", message, "to",
            proposal={"swap_both_roles": True, "role": stretch.role, "other_role": row.role,
                      "start": stretch.start.isoformat(), "end": stretch.end.isoformat()},
        )  # fmt: skip


def save_change(rota: Rota, wanted: Wanted, state: ChangeState, actor: Any, at: datetime) -> ShiftChange:
    """The row of a change; an active one first cuts what stood there. Under the rota's lock."""
    stretch = wanted.stretch
    start = max(stretch.start, at) if state == ChangeState.ACTIVE else stretch.start
    replaced = cut_earlier(rota, stretch, start, wanted.kind) if state == ChangeState.ACTIVE else None
    if state == ChangeState.ACTIVE:
        cut_own(rota, wanted.person, start, stretch.end, stretch)
    holder = next(iter(check_stretch(rota, Stretch(stretch.role, start, stretch.end, stretch.slot), at)), None)
    row = ShiftChange(
        rota=rota, role=stretch.role, slot=stretch.slot, kind=wanted.kind, to_person=wanted.person,
        from_person_id=holder.person if holder is not None else None,
        during=DateTimeTZRange(start, stretch.end), state=state, group=wanted.group or uuid4(), reason=wanted.reason,
        requested_by=actor, seen=wanted.seen or {}, created_at=at, expires_at=wanted.expires_at, replaces=replaced,
    )  # fmt: skip
    row.save(force_insert=True)
    after = {"to": wanted.person.handle, "role": stretch.role, "start": start.isoformat(),
             "end": stretch.end.isoformat(), "state": state.value}  # fmt: skip
    verb = f"oncall.{wanted.kind}_{'made' if state == ChangeState.ACTIVE else 'proposed'}"
    record_audit(actor=actor, verb=verb, subject=rota, after=after, reason=wanted.reason, group=row.group, at=at)
    if state == ChangeState.ACTIVE:
        arm_next_handoff(rota, at)
    return row


def cut_earlier(rota: Rota, stretch: Stretch, start: datetime, kind: str) -> ShiftChange | None:
    """Active changes of the slot give way where the new one lies; the rest stays. Returns the first that was cut.

    An override keeps its hours against another override: 409 `oncall.slot_taken` naming the first.
    """
    rows = ShiftChange.objects.select_for_update().filter(
        rota=rota, role=stretch.role, slot=stretch.slot, state=ChangeState.ACTIVE, during__overlap=(start, stretch.end)
    )
    first = None
    for row in rows.select_related("to_person").order_by("during"):
        if kind == ChangeKind.OVERRIDE and row.kind == ChangeKind.OVERRIDE:
            message = f"{row.to_person.name} has an override there already. Withdraw it first."
            raise Conflict("oncall.slot_taken", message, "during", change=row.pk, person=row.to_person.handle)
        first = first or row
        _cut(row, start, stretch.end)
    return first


def cut_own(rota: Rota, person: Person, start: datetime, end: datetime, keep: Stretch) -> None:
    """The person's own earlier changes in other slots end where the new one begins."""
    rows = ShiftChange.objects.select_for_update().filter(
        rota=rota, to_person=person, state=ChangeState.ACTIVE, during__overlap=(start, end)
    )
    for row in rows:
        if (row.role, row.slot) != (keep.role, keep.slot):
            _cut(row, start, end)


def _cut(row: ShiftChange, start: datetime, end: datetime) -> None:
    low, high = ends(row.during)
    if low < start:
        row.during = DateTimeTZRange(low, start)
    elif high > end:
        row.during = DateTimeTZRange(end, high)
    else:
        row.state = ChangeState.SUPERSEDED
    row.save(update_fields=["during", "state"])
    if low < start and high > end:
        tail = ShiftChange(
            rota_id=row.rota_id, role=row.role, slot=row.slot, kind=row.kind, to_person_id=row.to_person_id,
            from_person_id=row.from_person_id, during=DateTimeTZRange(end, high), state=ChangeState.ACTIVE,
            group=row.group, reason=row.reason, requested_by_id=row.requested_by_id, consented_by=row.consented_by,
            created_at=row.created_at,
        )  # fmt: skip
        tail.save(force_insert=True)
