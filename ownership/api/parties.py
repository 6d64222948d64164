"""People and teams named in the body of the API."""

from __future__ import annotations

from portal.accounts.models import Person, Team
from portal.core.errors import DomainError


def person_of(handle: str) -> Person | None:
    """The person of a handle; None for no handle, `DomainError` for an unknown one."""
    found = Person.objects.filter(handle=handle).first() if handle else None
    if handle and found is None:
        raise DomainError("ownership.unknown_party", f"There is no person {handle[:40]!r}.", "person")
    return found


def team_of(slug: str) -> Team | None:
    """The team of a slug; None for no slug, `DomainError` for an unknown one."""
    found = Team.objects.filter(slug=slug, archived_at=None).first() if slug else None
    if slug and found is None:
        raise DomainError("ownership.unknown_party", f"There is no team {slug[:40]!r}.", "team")
    return found


def party_called(name: str, field: str) -> Person | Team:
    """The person of a handle, else the team of a slug; `DomainError` for neither."""
    found = Person.objects.filter(handle=name).first() or Team.objects.filter(slug=name, archived_at=None).first()
    if found is None:
        raise DomainError("ownership.unknown_party", f"Nobody here is called {name[:40]}.", field)
    return found
