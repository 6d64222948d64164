"""Taking back what can be taken back: a verb registers its inverse, the audit row holds what it needs (core.undo)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from portal.core.registries import verb_registry
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

UNDO_LIFE = timedelta(days=30)
UNDONE = "core.undone"


def is_undoable(entry: AuditEntry, at: datetime) -> bool:
    """Whether the act has an inverse, is young enough and was not undone; rights are looked at when it is."""
    known = verb_registry.get(entry.verb)
    return bool(known and known.undo) and at - entry.at <= UNDO_LIFE and not hasattr(entry, "undone_by")


@transaction.atomic
def undo_change(*, actor: Any, entry: AuditEntry, at: datetime) -> AuditEntry:
    """Run the inverse of one act and note it. Raises `Conflict` when it is too late, was undone, or has no inverse.

    The room's inverse checks the rights and that nothing stands in its way.
    """
    locked = AuditEntry.objects.get(pk=entry.pk)
    known = verb_registry.get(locked.verb)
    if known is None or known.undo is None:
        raise Conflict("core.no_undo", "This cannot be taken back.")
    if at - locked.at > UNDO_LIFE:
        raise Conflict("core.undo_expired", "After 30 days this cannot be taken back.")
    if AuditEntry.objects.filter(undoes=locked).exists():
        raise Conflict("core.undone_already", "This was taken back already.")
    subject: Any = known.undo(actor=actor, entry=locked, at=at)
    return record_audit(
        actor=actor, verb=UNDONE, subject=subject, after={"verb": locked.verb}, undoes=locked,
        compartment=locked.compartment, at=at,
    )  # fmt: skip


@transaction.atomic
def undo_group(*, actor: Any, entries: Sequence[AuditEntry], partly: bool, at: datetime) -> list[AuditEntry]:
    """Take back the acts of one group, newest first: all or none, or with `partly` those that can be.

    Raises `Conflict` (`core.undo_blocked`) naming the first act that stands in the way and how many others could go.
    """
    made: list[AuditEntry] = []
    blocked: list[str] = []
    for entry in sorted(entries, key=lambda row: -row.pk):
        try:
            with transaction.atomic():
                made.append(undo_change(actor=actor, entry=entry, at=at))
        except DomainError as refusal:
            blocked.append(f"{entry.object_label}: {refusal.message}")
    if not made or (blocked and not partly):
        message = f"{len(blocked)} of {len(entries)} cannot be taken back. {blocked[0] if blocked else ''}".strip()
        raise Conflict("core.undo_blocked", message, others=len(made))
    return made
