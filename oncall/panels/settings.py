"""What on-call adds to the settings of a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.core.web.presentation import Row

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team


def settings_of_team(team: Team, viewer: Any, at: datetime) -> list[Row]:
    """Links to what the team settles about its nights."""
    del team, viewer, at
    return [
        Row("How a page climbs", reverse("ladders"), icon="siren", facts=["the steps until somebody answers"]),
        Row("What wakes at 3 am", reverse("agreements_list"), icon="moon-star", facts=["signed with each team below"]),
    ]
