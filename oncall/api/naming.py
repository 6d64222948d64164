"""People and teams named in bodies."""

from __future__ import annotations

from portal.accounts.models import Person, Team
from portal.core.errors import DomainError


def person_called(handle: str, field: str) -> Person:
    """The active person of this handle; 422 on the field."""
    found = Person.objects.filter(handle=handle, state="active").first() if handle else None
    if found is None:
        raise DomainError("oncall.unknown_person", f"There is no person {handle[:40]!r}.", field)
    return found


def team_called(slug: str) -> Team:
    """The team of this slug; 422 on the field."""
    found = Team.objects.filter(slug=slug, archived_at=None, is_system=False).first()
    if found is None:
        raise DomainError("oncall.unknown_team", f"There is no team {slug[:60]!r}.", "team")
    return found
