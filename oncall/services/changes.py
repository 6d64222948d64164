"""Overrides, taking a shift, withdrawing, and confirming what the cascade gave (spec oncall 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.domain.consent import LEAST_TO_ASK, EditKind, EditState
from oncall.domain.words import ChangeKind, ChangeState, Source
from oncall.models import RotaEdit, ShiftChange
from oncall.models.spans import ends
from oncall.queries.duties import duty_of
from oncall.queries.shifts import may_serve, people_by_id
from oncall.services.applying import change_lines
from oncall.services.consents import Asking, answer_edit, ask_about
from oncall.services.edit_states import close_edit
from oncall.services.laying import FIRM, Stretch, Wanted, check_own_backup, check_stretch, save_change
from oncall.services.locking import lock_rota
from oncall.services.shift_news import CHANGED, shift_line, tell
from oncall.services.timers import arm_next_handoff
from portal.accounts.models import Person
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.models import Rota

LONGEST_DAYS = 62


@transaction.atomic
def create_override(
    *, actor: Any, rota: Rota, stretch: Stretch, person: Person, told_in_person: str = "", at: datetime
) -> ShiftChange:
    """Give a stretch to a member or a borrowed person; by the lead or a holder.

    It waits for the yes of the new holder, and of whoever holds it firmly and would lose it within the notice period,
    unless they act themselves or the lead says how they were told in person.
    Raises `Conflict` own_backup, slot_taken, past, `DomainError` not_member.
    """
    rota = lock_rota(rota)
    rows = check_stretch(rota, stretch, at)
    require(policies.can_override(actor, rota, [row.person for row in rows], at))
    _check_taker(rota, person, stretch, at)
    check_own_backup(rota, stretch, person)
    is_told = actor is None or bool(told_in_person.strip())
    if is_told and actor is not None and actor.pk != person.pk:
        require(policies.can_manage_rota(actor, rota.team, at))
    asked = set() if is_told else _asked(rota, rows, stretch, at) | {person.handle}
    asked -= {actor.handle} if actor is not None else set()
    wanted = Wanted(stretch, person, ChangeKind.OVERRIDE, told_in_person)
    change = save_change(rota, wanted, ChangeState.PROPOSED if asked else ChangeState.ACTIVE, actor, at)
    if asked:
        begins_at = stretch.start if stretch.start >= at + LEAST_TO_ASK else stretch.end
        lines = change_lines(rota, stretch, person.handle, at)
        asking = Asking(EditKind.OVERRIDE, lines, asked, begins_at, change=change)
        ask_about(actor=actor, rota=rota, asking=asking, at=at)
    else:
        _tell_about(change, rows, at)
    return change


def _asked(rota: Rota, rows: list[Effective], stretch: Stretch, at: datetime) -> set[str]:
    """Who would lose a future shift within the notice period; who only stands in provisionally is not asked."""
    if not at < stretch.start < at + timedelta(days=duty_of(rota.team).notice_days):
        return set()
    people = people_by_id([row.person for row in rows if row.person is not None and row.source in FIRM])
    return {person.handle for person in people.values()}


@transaction.atomic
def accept_change(*, actor: Person, change: ShiftChange, at: datetime) -> ShiftChange:
    """The new holder says yes to an override. Idempotent; raises `NotAllowed`, `Conflict` too_late.

    It stands at once, unless others are asked as well and have not answered yet.
    """
    row = _asked_change(actor, change)
    if row.state == ChangeState.ACTIVE:
        return row
    if row.state != ChangeState.PROPOSED:
        raise Conflict("oncall.too_late", f"This was {row.state} before.")
    _answer(actor, row, at, is_yes=True)
    row.refresh_from_db()
    made = ShiftChange.objects.filter(group=row.group, state=ChangeState.ACTIVE, to_person=actor)
    return made.order_by("-pk").first() or row


@transaction.atomic
def refuse_change(*, actor: Person, change: ShiftChange, at: datetime) -> ShiftChange:
    """The new holder says no; nothing of the plan moved."""
    row = _asked_change(actor, change)
    if row.state == ChangeState.PROPOSED:
        _answer(actor, row, at, is_yes=False)
        record_audit(actor=actor, verb="oncall.change_refused", subject=row.rota, at=at)
        row.refresh_from_db()
    return row


def _asked_change(actor: Person, change: ShiftChange) -> ShiftChange:
    """The change under its locks, for the one who is asked. Raises `NotAllowed`."""
    lock_rota(change.rota)
    row = (
        ShiftChange.objects.select_for_update(of=("self",)).select_related("to_person", "rota__team").get(pk=change.pk)
    )
    require(policies.can_answer_change(actor, row))
    return row


def _answer(actor: Person, row: ShiftChange, at: datetime, *, is_yes: bool) -> None:
    """The new holder's word on the edit that asks for it."""
    edit = RotaEdit.objects.select_related("rota").get(change=row)
    mark = edit.consents.get(person=actor).diff_sha256
    answer_edit(actor=actor, edit=edit, is_yes=is_yes, diff_sha256=mark, at=at)


@transaction.atomic
def take_shift(*, actor: Person, rota: Rota, stretch: Stretch, at: datetime) -> ShiftChange:
    """Take it oneself: at once, from now or the stated time; the holder is told. Any member of the rota.

    Who holds another slot then is promoted: their own slot goes to the next by the cascade. Raises `NotAllowed`.
    """
    rota = lock_rota(rota)
    rows = check_stretch(rota, stretch, at)
    _require_may_serve(rota, actor, stretch, at)
    _check_taker(rota, actor, stretch, at)
    if all(row.person == actor.pk and row.source in (Source.PLANNED, Source.CHANGE) for row in rows):
        raise Conflict("oncall.already_yours", "You hold this already.", "during")
    change = save_change(rota, Wanted(stretch, actor, ChangeKind.TAKE), ChangeState.ACTIVE, actor, at)
    _tell_about(change, rows, at)
    return change


@transaction.atomic
def confirm_cascade(*, actor: Person, rota: Rota, stretch: Stretch, at: datetime) -> ShiftChange:
    """What the cascade gave is agreed: by the one who serves or the lead. Raises `oncall.nothing_provisional`."""
    rota = lock_rota(rota)
    rows = [row for row in check_stretch(rota, stretch, at) if row.provisional]
    if not rows or rows[0].person is None:
        raise Conflict("oncall.nothing_provisional", "Nothing waits for a yes here.", "during")
    person = Person.objects.get(pk=rows[0].person)
    if actor.pk != person.pk:
        require(policies.can_manage_rota(actor, rota.team, at))
    part = Stretch(stretch.role, rows[0].start, rows[0].end, stretch.slot)
    return save_change(rota, Wanted(part, person, ChangeKind.COVER, "confirmed"), ChangeState.ACTIVE, actor, at)


@transaction.atomic
def withdraw_change(*, actor: Person, change: ShiftChange, at: datetime) -> ShiftChange:
    """Take a change back for the time to come; what it had cut returns. A swap goes back whole.

    Raises `Conflict` `oncall.superseded` while a later change stands on it, `oncall.past` when it is over.
    """
    rota = lock_rota(change.rota)
    row = ShiftChange.objects.select_for_update().get(pk=change.pk)
    require(policies.can_withdraw(actor, row, rota, at))
    if row.state not in (ChangeState.ACTIVE, ChangeState.PROPOSED):
        if row.state == ChangeState.WITHDRAWN:
            return row
        raise Conflict("oncall.superseded", "A later change stands on this one. Withdraw that first.")
    group = list(ShiftChange.objects.select_for_update().filter(group=row.group, state=row.state))
    if any(other.replaced_by.filter(state=ChangeState.ACTIVE).exists() for other in group):
        raise Conflict("oncall.superseded", "A later change stands on this one. Withdraw that first.")
    for other in group:
        _end_question(other, actor, at)
        _withdraw(other, actor, at)
    record_audit(actor=actor, verb="oncall.change_withdrawn", subject=rota, before={"change": row.pk}, at=at)
    arm_next_handoff(rota, at)
    row.refresh_from_db()
    return row


def _end_question(row: ShiftChange, actor: Any, at: datetime) -> None:
    edit = RotaEdit.objects.filter(change=row, state=EditState.WAITING).select_related("rota__team").first()
    if edit is not None:
        close_edit(edit, EditState.WITHDRAWN, actor, at)


def _withdraw(row: ShiftChange, actor: Any, at: datetime) -> None:
    start, end = ends(row.during)
    if row.state == ChangeState.ACTIVE and end <= at:
        raise Conflict("oncall.past", "This is over. What was served stays as it was.")
    was_active = row.state == ChangeState.ACTIVE
    if was_active and start < at:
        row.during = DateTimeTZRange(start, at)
    else:
        row.state = ChangeState.WITHDRAWN
    row.save(update_fields=["during", "state"])
    before = row.replaces
    if was_active and before is not None:
        part = Stretch(row.role, max(start, at), end, row.slot)
        wanted = Wanted(part, before.to_person, ChangeKind(before.kind), before.reason, before.group)
        save_change(row.rota, wanted, ChangeState.ACTIVE, actor, at)


def _require_may_serve(rota: Rota, actor: Person, stretch: Stretch, at: datetime) -> None:
    if not may_serve(rota, actor, stretch.role, max(at, stretch.start)):
        raise NotAllowed("oncall.not_member", f"Members of {rota.name} take its shifts.")


def _check_taker(rota: Rota, person: Person, stretch: Stretch, at: datetime) -> None:
    if (stretch.end - stretch.start).days > LONGEST_DAYS:
        raise DomainError("oncall.too_long", f"At most {LONGEST_DAYS} days at a time.", "during")
    if not person.is_active or not may_serve(rota, person, stretch.role, max(at, stretch.start)):
        message = f"{person.name} is no member of {rota.name}."
        raise Conflict("oncall.not_member", message, "to")


def _tell_about(change: ShiftChange, rows: list[Effective], at: datetime) -> None:
    """The former holders hear what moved, the new one what they have."""
    rota = change.rota
    line = shift_line(change.role, *ends(change.during), rota.zone, at)
    actor = change.requested_by_id
    before = {row.person for row in rows if row.person is not None} - {change.to_person_id, actor}
    tell(rota, CHANGED, before, f"{change.to_person.name} has it now: {line}.", key=f"change.{change.pk}", at=at)
    if actor != change.to_person_id:
        tell(rota, CHANGED, [change.to_person_id], f"You have {line}.", key=f"change.{change.pk}:new", at=at)
