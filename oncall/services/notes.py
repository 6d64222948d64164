"""Notes at the handoff (spec additions, On-call)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oncall import policies
from oncall.domain.rules import bad
from oncall.models import ShiftNote
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota
    from portal.accounts.models import Person

LONGEST = 5000


@transaction.atomic
def write_shift_note(*, actor: Person, rota: Rota, text: str, at: datetime) -> ShiftNote:
    """What the next one should know; first on the page of on-call for 24 hours. Members and leads of the rota."""
    require(policies.can_write_note(actor, rota, at))
    words = text.strip()
    if not words or len(words) > LONGEST or "\x00" in words:
        raise bad("text", f"A note has 1 to {LONGEST} characters.")
    row = ShiftNote(rota=rota, at=at, author=actor, text=words)
    row.save(force_insert=True)
    record_audit(actor=actor, verb="oncall.note_written", subject=rota, at=at)
    return row
