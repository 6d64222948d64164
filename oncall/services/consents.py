"""Asking the people whose shifts an edit moves soon; it takes effect after their yes (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall import policies
from oncall.domain.consent import (
    LEAST_TO_ASK,
    Answer,
    EditKind,
    EditState,
    ask_steps,
    lines_of,
    mark_of,
    moved_of,
    near_lines,
    own_mark,
    verdict,
)
from oncall.domain.rules import bad
from oncall.models import EditConsent, RotaEdit
from oncall.services.applying import apply_edit, draft_of, draft_of_period, lines_now
from oncall.services.edit_states import close_edit, edit_url, tell_asker
from oncall.services.locking import lock_rota
from oncall.services.rotas import check_draft, check_seen, check_start, diff_of, others_of
from oncall.services.seasons import preview_special_period
from oncall.services.shift_news import ASKED, CHANGED, shift_line, tell
from oncall.services.timers import CONSENT, EDIT_SUBJECT
from portal.accounts.models import Person
from portal.core.errors import Conflict, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadlines

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from oncall.domain.diff import Diff
    from oncall.models import Rota, ShiftChange
    from oncall.services.rotas import RulesDraft
    from oncall.services.seasons import PeriodDraft

MOST_LINES = 6


@dataclass(frozen=True)
class Asking:
    """What is asked: its kind and content, the stretches that move soon, all that moves, and from when."""

    kind: EditKind
    lines: Sequence[dict[str, Any]]
    people: Collection[str]
    begins_at: datetime
    draft: dict[str, Any] | None = None
    change: ShiftChange | None = None
    moved_count: int = 0
    concerned: Collection[str] = ()
    reason: str = ""


@transaction.atomic
def ask_rota_version(
    *, actor: Any, rota: Rota, rules: RulesDraft, reason: str = "", diff_sha256: str = "", at: datetime
) -> RotaEdit:
    """Ask everybody whose shift the rules move within the notice period; nothing moves before all have said yes.

    Locks the rota. Raises `NotAllowed`, `DomainError` with the field of a wrong rule, `Conflict` `oncall.diff_changed`,
    `oncall.nothing_to_ask`, `oncall.too_soon_to_ask`, `oncall.edit_waiting`.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    check_draft(rota, rules)
    check_start(rules, at)
    found = diff_of(rota, rules, at)
    check_seen(found[0], diff_sha256)
    draft = draft_of(rules, found[1])
    asking = asking_of(EditKind.RULES, found, actor=actor, reason=reason, draft=draft)
    return ask_about(actor=actor, rota=rota, asking=asking, at=at)


@transaction.atomic
def ask_special_period(
    *, actor: Any, rota: Rota, period: PeriodDraft, reason: str = "", diff_sha256: str = "", at: datetime
) -> RotaEdit:
    """Ask everybody whose shift a special period moves within the notice period. Raises as `ask_rota_version`."""
    rota = lock_rota(rota)
    diff = preview_special_period(actor=actor, rota=rota, period=period, at=at)
    check_seen(diff, diff_sha256)
    draft = draft_of_period(period)
    asking = asking_of(EditKind.PERIOD, (diff, period.start), actor=actor, reason=reason, draft=draft)
    return ask_about(actor=actor, rota=rota, asking=asking, at=at)


def asking_of(
    kind: EditKind, found: tuple[Diff, datetime], *, actor: Any, reason: str, draft: dict[str, Any]
) -> Asking:
    """The question that a diff of rules or of a special period asks. Raises `Conflict` `oncall.nothing_to_ask`."""
    diff, start = found
    people = others_of(diff, actor)
    if not people:
        raise Conflict("oncall.nothing_to_ask", "Nobody else's shift moves soon. It can be put in force at once.")
    return Asking(kind, near_lines(diff.moved, diff.near), people, start, draft, None, len(diff.moved), diff.people,
                  reason)  # fmt: skip


def ask_about(*, actor: Any, rota: Rota, asking: Asking, at: datetime) -> RotaEdit:
    """The edit with a row for each person asked, told with what moves for them; timers remind. Under the rota's lock.

    Raises `Conflict` `oncall.too_soon_to_ask` within an hour of its beginning, `oncall.edit_waiting` for a second.
    """
    if asking.begins_at < at + LEAST_TO_ASK:
        message = "It begins within the hour: too soon to ask. Say why it cannot wait."
        raise Conflict("oncall.too_soon_to_ask", message, "told_reason")
    waiting = RotaEdit.objects.filter(rota=rota, state=EditState.WAITING).exclude(kind=EditKind.OVERRIDE)
    if asking.kind != EditKind.OVERRIDE and (standing := waiting.first()):
        message = "Another edit of this rota waits for answers. Take it back first."
        raise Conflict("oncall.edit_waiting", message, edit=standing.pk)
    edit = RotaEdit(
        rota=rota, kind=asking.kind, draft=asking.draft or {}, change=asking.change, lines=list(asking.lines),
        moved_count=asking.moved_count or len(asking.lines), diff_sha256=mark_of(asking.lines),
        begins_at=asking.begins_at, reason=asking.reason, asked_by=actor, asked_at=at,
    )  # fmt: skip
    edit.save(force_insert=True)
    asked = Person.objects.filter(handle__in=asking.people)
    rows = [_consent(edit, person) for person in asked]
    EditConsent.objects.bulk_create(rows)
    after = {"edit": edit.pk, "asked": sorted(asking.people), "moved": edit.moved_count}
    record_audit(actor=actor, verb="oncall.edit_asked", subject=rota, after=after, reason=asking.reason, at=at)
    for row in rows:
        tell(rota, ASKED, [row.person_id], _question(edit, row, at), key=f"edit.{edit.pk}", at=at, url=edit_url(edit))
    _tell_others(edit, asking, at)
    arm_deadlines(drafts=_following(edit, at), at=at)
    return edit


def _consent(edit: RotaEdit, person: Person) -> EditConsent:
    lines = lines_of(person.handle, edit.lines)
    return EditConsent(edit=edit, person=person, lines=lines, diff_sha256=own_mark(person.handle, lines))


def _question(edit: RotaEdit, row: EditConsent, at: datetime) -> str:
    """What one person reads: who asks, what they would lose and get, and why."""
    zone = edit.rota.zone
    said = [
        ("no longer " if line.before == row.person.handle else "new: ")
        + shift_line(line.role, line.start, line.end, zone, at)
        for line in map(moved_of, row.lines[:MOST_LINES])
    ]
    more = len(row.lines) - MOST_LINES
    asker = edit.asked_by.name if edit.asked_by is not None else "The portal"
    why = f" Why: {edit.reason}" if edit.reason else ""
    tail = f"; and {more} more" if more > 0 else ""
    return f"{asker} asks for your yes: {'; '.join(said)}{tail}. Nothing moves before.{why}"


def _tell_others(edit: RotaEdit, asking: Asking, at: datetime) -> None:
    """Whoever is moved later hears of it now, so that their notice counts from today."""
    later = set(asking.concerned) - set(asking.people)
    people = [pk for pk in Person.objects.filter(handle__in=later).values_list("pk", flat=True)
              if pk != edit.asked_by_id]  # fmt: skip
    line = "Your later shifts would move if everybody agrees to a change that is asked about."
    tell(edit.rota, CHANGED, people, line, key=f"edit.{edit.pk}:later", at=at, url=edit_url(edit))


def _following(edit: RotaEdit, at: datetime) -> tuple[DeadlineDraft, ...]:
    """The next thing to do about an edit that waits: remind, tell the lead, end it."""
    due = min((each for each in (*ask_steps(edit.asked_at, edit.begins_at), edit.begins_at) if each > at), default=None)
    return (DeadlineDraft(CONSENT, Subject(EDIT_SUBJECT, edit.pk), due),) if due is not None else ()


@transaction.atomic
def answer_edit(
    *, actor: Person, edit: RotaEdit, is_yes: bool, diff_sha256: str, words: str = "", at: datetime
) -> RotaEdit:
    """One person's own yes or no to exactly what they were shown; the last yes lets it take effect at once.

    Locks rota and edit. Idempotent. Raises `NotAllowed` for who is not asked, `Conflict` `oncall.diff_changed` for
    another mark, `oncall.edit_closed` when it waits no more. If the plan moved meanwhile, nothing of it is done and
    the asker hears so.
    """
    row = _locked(edit)
    mine = row.consents.select_related("person").filter(person=actor).first()
    if mine is None:
        raise NotAllowed("oncall.not_asked", "Only the one who is asked can answer.")
    wanted = Answer.YES if is_yes else Answer.NO
    if mine.answer == wanted:
        return row
    _check_open(row, at)
    if diff_sha256 != mine.diff_sha256:
        raise Conflict("oncall.diff_changed", "Something changed since you looked. See the new list.",
                       "diff_sha256", diff_sha256=mine.diff_sha256)  # fmt: skip
    mine.answer, mine.answered_at, mine.words = wanted, at, words[:300]
    mine.save(update_fields=["answer", "answered_at", "words"])
    row.version += 1
    row.save(update_fields=["version"])
    after = {"edit": row.pk, "answer": wanted.value}
    record_audit(actor=actor, verb="oncall.edit_answered", subject=row.rota, after=after, reason=words, at=at)
    _decide(row, actor, words, at)
    return row


def _decide(edit: RotaEdit, actor: Person, words: str, at: datetime) -> None:
    state = verdict(edit.consents.values_list("answer", flat=True))
    if state == EditState.DECLINED:
        close_edit(edit, state, actor, at)
        tell_asker(edit, f"{actor.name} said no to the change.{f' {words}' if words else ''}", "no", at)
    elif state == EditState.APPLIED and lines_now(edit, at) != edit.lines:
        close_edit(edit, EditState.MOVED, actor, at)
        tell_asker(edit, "Everybody agreed, but the plan became another one meanwhile. Look at it again.", "moved", at)
    elif state == EditState.APPLIED:
        _apply_or_give_up(edit, actor, at)


def _apply_or_give_up(edit: RotaEdit, actor: Person, at: datetime) -> None:
    """The last yes does it; what another change has made impossible meanwhile is told to the asker."""
    try:
        with transaction.atomic():
            close_edit(edit, EditState.APPLIED, actor, at)
            apply_edit(edit, at)
    except Conflict as refusal:
        rota = edit.rota
        edit.refresh_from_db()
        edit.rota = rota
        close_edit(edit, EditState.MOVED, actor, at)
        tell_asker(edit, f"Everybody agreed, but it cannot be done any more. {refusal.message}", "moved", at)
    else:
        tell_asker(edit, "Everybody agreed: the change is in force.", "yes", at)


@transaction.atomic
def overrule_edit(*, actor: Any, edit: RotaEdit, told_reason: str, at: datetime) -> RotaEdit:
    """A lead or admin lets it take effect without the yes, or against a no, and says why; everybody asked reads it.

    Raises `NotAllowed`, `DomainError` without a reason, `Conflict` `oncall.edit_closed`, `oncall.diff_changed` when it
    would move something else by now.
    """
    row = _locked(edit)
    require(policies.can_manage_rota(actor, row.rota.team, at))
    if row.state == EditState.APPLIED:
        return row
    if not told_reason.strip():
        raise bad("told_reason", "Say why it cannot wait; everybody who did not agree reads it.")
    if row.state != EditState.DECLINED:
        _check_open(row, at)
    elif row.begins_at <= at:
        raise Conflict("oncall.edit_closed", "Its time has come and gone.")
    if lines_now(row, at) != row.lines:
        raise Conflict("oncall.diff_changed", "The plan became another one. Edit it again and see the new list.")
    row.consents.exclude(answer=Answer.YES).update(answer=Answer.OVERRULED, answered_at=at)
    close_edit(row, EditState.APPLIED, actor, at, told_reason=told_reason)
    apply_edit(row, at)
    return row


@transaction.atomic
def withdraw_edit(*, actor: Any, edit: RotaEdit, at: datetime) -> RotaEdit:
    """Nobody is asked any more; nothing moved. By who asked or a lead. Idempotent."""
    row = _locked(edit)
    if actor is None or actor.pk != row.asked_by_id:
        require(policies.can_manage_rota(actor, row.rota.team, at))
    if row.state == EditState.WITHDRAWN:
        return row
    _check_open(row, at)
    close_edit(row, EditState.WITHDRAWN, actor, at)
    return row


def step_edit(*, edit: RotaEdit, at: datetime) -> tuple[DeadlineDraft, ...] | None:
    """What falls due about an edit that waits, with what follows: remind, tell the lead, or end it at its beginning.

    Inside the firing transaction, the row locked; None when it waits no more.
    """
    if edit.state != EditState.WAITING:
        return None
    silent = list(edit.consents.filter(answer=Answer.NONE).select_related("person").order_by("person__name"))
    names = ", ".join(row.person.name for row in silent)
    if at >= edit.begins_at:
        close_edit(edit, EditState.LAPSED, None, at)
        tell_asker(edit, f"{names} did not answer in time; what was planned stays.", "lapsed", at)
        return ()
    remind_at, lead_at = ask_steps(edit.asked_at, edit.begins_at)
    if at >= remind_at:
        for row in silent:
            tell(edit.rota, ASKED, [row.person_id], _question(edit, row, at), key=f"edit.{edit.pk}:again", at=at,
                 url=edit_url(edit))  # fmt: skip
    if at >= lead_at:
        tell_asker(edit, f"{names} did not answer. Say why it cannot wait, or take the change back.", "silent", at)
    return _following(edit, at)


def _locked(edit: RotaEdit) -> RotaEdit:
    rota = lock_rota(edit.rota)
    rows = RotaEdit.objects.select_for_update(of=("self",)).select_related("asked_by", "change__to_person")
    row = rows.get(pk=edit.pk)
    row.rota = rota
    return row


def _check_open(edit: RotaEdit, at: datetime) -> None:
    if edit.state != EditState.WAITING or edit.begins_at <= at:
        raise Conflict("oncall.edit_closed", "This is not asked any more.", state=edit.state)
