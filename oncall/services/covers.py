"""Finding somebody for a stretch: asked by itself when an absence clashes, first yes wins (spec oncall 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.domain.balance import points_text
from oncall.domain.words import ChangeKind, ChangeState, DutyRole
from oncall.models import CoverRequest, ShiftChange
from oncall.models.spans import ends
from oncall.queries.shifts import askable, candidates, may_serve
from oncall.services.laying import Stretch, Wanted, check_stretch, save_change
from oncall.services.locking import lock_rota
from oncall.services.shift_news import ASKED, CHANGED, shift_line, tell, tell_leads
from oncall.services.timers import COVER, COVER_SUBJECT
from portal.core.errors import Conflict, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota
    from portal.accounts.models import Absence, Person

ALONE = timedelta(hours=12)
REMIND = (timedelta(days=14), timedelta(days=7), timedelta(days=2), timedelta(hours=12))


@transaction.atomic
def open_cover_request(
    *, actor: Any, rota: Rota, stretch: Stretch, from_person: Person, absence: Absence | None = None, at: datetime
) -> CoverRequest:
    """Ask for cover of a stretch: the least loaded free candidate first, after 12 hours everybody.

    The holder asks, or their lead; an absence asks by itself (`actor` None). Raises `Conflict` cover_open, past.
    """
    rota = lock_rota(rota)
    check_stretch(rota, stretch, at)
    if actor is not None and actor.pk != from_person.pk:
        require(policies.can_manage_rota(actor, rota.team, at))
    start = max(stretch.start, at)
    open_rows = CoverRequest.objects.filter(
        rota=rota, role=stretch.role, slot=stretch.slot, state="open", during__overlap=(start, stretch.end)
    )
    if standing := open_rows.first():
        raise Conflict("oncall.cover_open", "Cover is asked for already.", "during", cover=standing.pk)
    found = [
        each for each in candidates(rota, stretch.role, start, stretch.end, at) if each.person_id != from_person.pk
    ]
    chosen = found[0] if found else None
    reason = "absence" if absence is not None else "asked" if actor and actor.pk == from_person.pk else "lead"
    row = CoverRequest(
        rota=rota, role=stretch.role, slot=stretch.slot, during=DateTimeTZRange(start, stretch.end),
        from_person=from_person, candidate_id=chosen.person_id if chosen else None,
        candidate_line=f"balance {points_text(chosen.balance, signed=True)}" if chosen else "nobody is free",
        reason_kind=reason, absence=absence, ask="chosen" if chosen else "all", opened_at=at, expires_at=stretch.end,
    )  # fmt: skip
    row.save(force_insert=True)
    after = {"role": stretch.role, "candidate": chosen.handle if chosen else "", "reason": reason}
    record_audit(actor=actor, verb="oncall.cover_asked", subject=rota, after=after, at=at)
    _ask(row, at)
    arm_deadlines(drafts=_following(row, at), at=at)
    return row


def _ask(row: CoverRequest, at: datetime) -> None:
    line = shift_line(row.role, *ends(row.during), row.rota.zone, at)
    if row.ask == "chosen" and row.candidate_id is not None:
        people = [row.candidate_id]
    else:
        people = [pk for pk in askable(row.rota, row.role, at) if pk != row.from_person_id]
    said = f"{row.from_person.name} needs cover: {line}. The first yes has it."
    tell(row.rota, ASKED, people, said, key=f"cover.{row.pk}:{row.ask}", at=at)


def _following(row: CoverRequest, at: datetime) -> tuple[DeadlineDraft, ...]:
    """The next thing to do about an open request: ask all, remind, or close it at its end."""
    start, end = ends(row.during)
    steps = [*(start - before for before in REMIND), end]
    if row.ask == "chosen":
        steps.append(row.opened_at + ALONE)
    due = min((step for step in steps if step > at), default=None)
    return (DeadlineDraft(COVER, Subject(COVER_SUBJECT, row.pk), due),) if due is not None else ()


def step_cover(*, cover: CoverRequest, at: datetime) -> tuple[DeadlineDraft, ...] | None:
    """What falls due about an open request, with what follows. Inside the firing transaction, the row locked.

    None when it is closed.
    """
    if cover.state != "open":
        return None
    start, end = ends(cover.during)
    if at >= end:
        cover.state = "expired"
        cover.save(update_fields=["state"])
        return ()
    if cover.ask == "chosen" and at >= cover.opened_at + ALONE:
        cover.ask = "all"
        cover.save(update_fields=["ask"])
        _ask(cover, at)
    if at >= start - REMIND[-1]:
        line = shift_line(cover.role, start, end, cover.rota.zone, at)
        tell_leads(cover.rota, f"Nobody has taken {line}; the cascade stands.", key=f"cover.{cover.pk}:lead", at=at)
    return _following(cover, at)


@transaction.atomic
def accept_cover(*, actor: Person, cover: CoverRequest, part: Stretch | None = None, at: datetime) -> ShiftChange:
    """The first yes has it; a part is enough, the rest stays asked for. Who is secondary is promoted.

    Raises `Conflict` `oncall.already_taken` with the name, `NotAllowed` `oncall.not_member`.
    """
    rota = lock_rota(cover.rota)
    row = (
        CoverRequest.objects.select_for_update(of=("self",)).select_related("taken_by", "from_person").get(pk=cover.pk)
    )
    if row.state == "taken" and row.taken_by is not None:
        raise Conflict("oncall.already_taken", f"{row.taken_by.name} has taken it.", person=row.taken_by.handle)
    if row.state != "open":
        raise Conflict("oncall.cover_closed", "This is not asked for any more.")
    start, end = ends(row.during)
    wanted = Stretch(row.role, max(start, at), end, row.slot)
    if part is not None:
        wanted = Stretch(row.role, max(part.start, wanted.start), min(part.end, end), row.slot)
    if not may_serve(rota, actor, row.role, max(at, start)) or actor.pk == row.from_person_id:
        raise NotAllowed("oncall.not_member", f"Members of {rota.name} can cover.")
    check_stretch(rota, wanted, at)
    change = save_change(rota, Wanted(wanted, actor, ChangeKind.COVER), ChangeState.ACTIVE, actor, at)
    row.state, row.taken_by = "taken", actor
    row.save(update_fields=["state", "taken_by"])
    cancel_deadlines(actor=actor, subject=Subject(COVER_SUBJECT, row.pk), reason="taken", at=at)
    line = shift_line(row.role, wanted.start, wanted.end, rota.zone, at)
    tell(rota, CHANGED, [row.from_person_id], f"{actor.name} covers {line}.", key=f"cover.{row.pk}:taken", at=at)
    _ask_for_the_rest(row, wanted, at)
    return change


def _ask_for_the_rest(row: CoverRequest, taken: Stretch, at: datetime) -> None:
    start, end = ends(row.during)
    for low, high in ((max(start, at), taken.start), (taken.end, end)):
        if low < high:
            rest = Stretch(row.role, low, high, row.slot)
            open_cover_request(
                actor=None, rota=row.rota, stretch=rest, from_person=row.from_person, absence=row.absence, at=at
            )


@transaction.atomic
def withdraw_cover(*, actor: Any, cover: CoverRequest, at: datetime) -> CoverRequest:
    """No cover is needed any more. Idempotent; what somebody took stays theirs."""
    rota = lock_rota(cover.rota)
    row = CoverRequest.objects.select_for_update().get(pk=cover.pk)
    if actor is not None and actor.pk != row.from_person_id:
        require(policies.can_manage_rota(actor, rota.team, at))
    if row.state == "open":
        row.state = "withdrawn"
        row.save(update_fields=["state"])
        cancel_deadlines(actor=actor, subject=Subject(COVER_SUBJECT, row.pk), reason="withdrawn", at=at)
    return row


def role_needs_cover(role: str) -> bool:
    """A shadow is copied, never counted, and needs nobody in its place."""
    return role != DutyRole.SHADOW
