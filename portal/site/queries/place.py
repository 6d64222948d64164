"""Where a person works, in one line for the frame of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.accounts.domain.vocabulary import Role
from portal.accounts.queries.teams import memberships_on
from portal.core.web.presentation import role_badge

if TYPE_CHECKING:
    from datetime import datetime


def person_line(viewer: Any, at: datetime) -> str:
    """Role and team of the main membership, as "DE lead · Data Platform"; nothing for somebody without one."""
    today = at.astimezone(ZoneInfo(viewer.zone)).date()
    place = memberships_on(today).filter(person=viewer, is_main=True).select_related("team").first()
    if place is None:
        return ""
    role = role_badge(place.discipline)
    words = [role.label if role else "", "lead" if place.role == Role.LEAD else ""]
    return " · ".join(filter(None, [" ".join(filter(None, words)), place.team.name]))
