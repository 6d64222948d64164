"""The audit row that every service writes in its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core import context
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model


def record_audit(  # noqa: PLR0913 (one flat call at every write; each argument is a column)
    *,
    actor: Any,
    verb: str,
    subject: Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    compartment: str = "",
    group: UUID | None = None,
    undoes: AuditEntry | None = None,
    at: datetime,
) -> AuditEntry:
    """Write what `actor` meant by a change of `subject`; the door comes from `portal.core.context`.

    `verb` is `<room>.<past tense>` and registered with a sentence. Call it inside the transaction of the write.
    """
    row = _row(actor, verb, Change(subject, before or {}, after or {}), at)
    row.compartment, row.reason, row.undoes = compartment, reason, undoes
    row.group = group or row.group
    row.save(force_insert=True)
    return row


@dataclass(frozen=True)
class Change:
    """What one act did to one of many."""

    subject: Model
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def record_audits(*, actor: Any, verb: str, changes: Iterable[Change], at: datetime) -> None:
    """The same for many changes of one kind, in a few statements."""
    AuditEntry.objects.bulk_create((_row(actor, verb, change, at) for change in changes), batch_size=1000)


def _row(actor: Any, verb: str, change: Change, at: datetime) -> AuditEntry:
    door, subject = context.current(), change.subject
    return AuditEntry(
        at=at,
        actor=actor,
        on_behalf_of_id=door.on_behalf_of,
        via=door.via,
        verb=verb,
        object_type=subject._meta.label_lower,  # noqa: SLF001 (Django's public name for model facts)
        object_id=str(subject.pk),
        object_label=str(subject)[:300],
        before=dict(change.before),
        after=dict(change.after),
        request_id=door.request_id,
        token_id=door.token_id,
        address=door.address,
        group=door.group,
    )
