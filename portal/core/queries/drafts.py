"""Reads of unsent forms."""

from __future__ import annotations

from typing import Any

from portal.core.models import Draft


def draft_of(person: Any, kind: str) -> Draft | None:
    """The person's unsent form of this kind."""
    return Draft.objects.filter(person=person, kind=kind).first()
