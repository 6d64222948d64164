"""Nothing typed is lost: unsent forms, one a person and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.models import Draft

if TYPE_CHECKING:
    from datetime import datetime


def save_draft(*, actor: Any, kind: str, body: dict[str, Any], at: datetime) -> Draft:
    """Keep the newest text of an unsent form; idempotent."""
    draft, _ = Draft.objects.update_or_create(person=actor, kind=kind, defaults={"body": body, "saved_at": at})
    return draft


def discard_draft(*, actor: Any, kind: str) -> None:
    """Forget the draft, if there is one."""
    Draft.objects.filter(person=actor, kind=kind).delete()
