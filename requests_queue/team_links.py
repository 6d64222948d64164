"""What requests add to the settings of a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.core.web.presentation import Row

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team


def settings_of_team(team: Team, viewer: Any, at: datetime) -> list[Row]:
    """Links to what the team settles about its desk and its budget."""
    del viewer, at
    desk, budget = reverse("budget_desk", args=[team.slug]), reverse("budget", args=[team.slug])
    return [
        Row("How its desk answers", desk, icon="inbox", facts=["the ad-hoc band, sizes, who triages"]),
        Row("What ad-hoc work may cost", budget, icon="wallet", facts=["this quarter so far"]),
    ]
