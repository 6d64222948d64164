"""The end of an edit that was asked for: its state, its deadlines, and who hears of it (spec oncall 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.consent import Answer, EditKind, EditState
from oncall.domain.words import ChangeState
from oncall.models import RotaEdit
from oncall.services.shift_news import ASKED, CHANGED, tell, tell_leads
from oncall.services.timers import CONSENT, EDIT_SUBJECT
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

NEWS = {
    EditState.DECLINED: "What was planned stays: not everybody agreed to the change.",
    EditState.WITHDRAWN: "You are not asked any more: the change is taken back.",
    EditState.LAPSED: "You are not asked any more: the time of the change has come, and what was planned stays.",
    EditState.MOVED: "You are not asked any more: the plan became another one.",
}


def edit_url(edit: RotaEdit) -> str:
    """Where the edit is read and answered."""
    return f"/oncall/edits/{edit.pk}"


def close_edit(edit: RotaEdit, state: EditState, actor: Any, at: datetime, *, told_reason: str = "") -> None:
    """Set the end of a locked edit, cancel its timers, write the audit row and tell whoever was asked in vain."""
    edit.state, edit.closed_at, edit.closed_by, edit.told_reason = state, at, actor, told_reason[:500]
    edit.version += 1
    edit.save(update_fields=["state", "closed_at", "closed_by", "told_reason", "version"])
    if state != EditState.LAPSED:  # its own deadline is the one that fires
        subject = Subject(EDIT_SUBJECT, edit.pk)
        cancel_deadlines(actor=actor, subject=subject, kinds=[CONSENT], reason=str(state), at=at)
    after = {"edit": edit.pk, "state": state.value}
    record_audit(actor=actor, verb=f"oncall.edit_{state}", subject=edit.rota, after=after, reason=told_reason, at=at)
    if state not in NEWS:
        return
    if edit.change is not None and edit.change.state == ChangeState.PROPOSED:
        edit.change.state = ChangeState.REFUSED if state == EditState.DECLINED else ChangeState.WITHDRAWN
        edit.change.save(update_fields=["state"])
    asked = edit.consents.exclude(answer=Answer.NO).values_list("person_id", flat=True)
    people = [pk for pk in asked if actor is None or pk != actor.pk]
    tell(edit.rota, CHANGED, people, NEWS[state], key=f"edit.{edit.pk}:{state}", at=at, url=edit_url(edit))


def close_standing(rota: Rota, actor: Any, at: datetime) -> None:
    """Other rules come into force: what still waits for a yes would move something else by now."""
    waiting = RotaEdit.objects.select_for_update(of=("self",)).select_related("change", "rota__team")
    for edit in waiting.filter(rota=rota, state=EditState.WAITING).exclude(kind=EditKind.OVERRIDE):
        close_edit(edit, EditState.MOVED, actor, at)


def tell_asker(edit: RotaEdit, line: str, key: str, at: datetime) -> None:
    """The one who asked and the leads of the rota hear how it went."""
    full = f"edit.{edit.pk}:{key}"
    if edit.asked_by_id is not None:
        tell(edit.rota, ASKED, [edit.asked_by_id], line, key=full, at=at, url=edit_url(edit))
    tell_leads(edit.rota, line, key=full, at=at)
