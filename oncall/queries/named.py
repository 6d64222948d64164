"""What a caller names: assets, teams, people and incidents, else an error with the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import Rota
from oncall.policies import incidents_visible_to
from ownership.queries.assets import asset_by_key
from portal.accounts.models import Person, Team
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from oncall.models import Incident
    from ownership.models import Asset


def asset_called(key: str, viewer: Any, field: str = "asset") -> Asset:
    """The asset of a slug, id or alias."""
    found = asset_by_key(key.strip(), viewer) if key.strip() else None
    if found is None:
        raise DomainError("oncall.unknown_asset", f"There is no asset called {key[:80]!r}.", field)
    return found


def team_called(slug: str, field: str = "team") -> Team:
    """The live team of a slug."""
    found = Team.objects.filter(slug=slug.strip(), archived_at=None).first()
    if found is None:
        raise DomainError("oncall.unknown_team", f"There is no team called {slug[:60]!r}.", field)
    return found


def rota_called(slug: str, field: str = "rota") -> Rota:
    """The live rota of a slug."""
    found = Rota.objects.filter(slug=slug.strip(), is_archived=False).first()
    if found is None:
        raise DomainError("oncall.unknown_rota", f"There is no rota called {slug[:80]!r}.", field)
    return found


def person_called(handle: str, field: str = "person") -> Person:
    """The active person of a handle."""
    found = Person.objects.filter(handle=handle.strip().lstrip("@"), state="active").first()
    if found is None:
        raise DomainError("oncall.unknown_person", f"There is nobody called {handle[:40]!r}.", field)
    return found


def incident_called(number: str, viewer: Any, field: str = "incident") -> Incident:
    """The visible incident of a number such as INC-41."""
    pk = number.strip().upper().removeprefix("INC-")
    found = incidents_visible_to(viewer).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None  # noqa: PLR2004 (bigint)
    if found is None:
        raise DomainError("oncall.unknown_incident", f"There is no incident {number[:30]!r}.", field)
    return found
