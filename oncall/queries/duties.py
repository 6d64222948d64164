"""What a team has settled about its duty, with the defaults of the house."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from oncall.models import TeamDuty

if TYPE_CHECKING:
    from portal.accounts.models import Team


def duty_of(team: Team) -> TeamDuty:
    """The team's row, or the defaults as an unsaved one."""
    standing = TeamDuty.objects.filter(team=team).first()
    return standing or TeamDuty(team=team, digest_at=time(10), default_until=time(7))
