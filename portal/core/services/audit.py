"""The audit row that every service writes in its own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core import context
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    door = context.current()
    return AuditEntry.objects.create(
        at=at,
        actor=actor,
        on_behalf_of_id=door.on_behalf_of,
        via=door.via,
        verb=verb,
        object_type=subject._meta.label_lower,  # noqa: SLF001 (Django's public name for model facts)
        object_id=str(subject.pk),
        object_label=str(subject)[:300],
        compartment=compartment,
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        request_id=door.request_id,
        token_id=door.token_id,
        address=door.address,
        group=group or door.group,
        undoes=undoes,
    )
