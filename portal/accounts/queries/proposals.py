"""Who asks to be in which team, and who may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.domain.vocabulary import Role
from portal.accounts.models import TeamProposal
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import memberships_on
from portal.core.registries import Need

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def proposals_before(viewer: Any, at: datetime) -> QuerySet[TeamProposal]:
    """Open proposals for the teams one leads; admins decide on all."""
    rows = TeamProposal.objects.filter(state="open").select_related("person", "team").order_by("made_at", "pk")
    if not (viewer.is_authenticated and viewer.is_active):
        return rows.none()
    if viewer.is_admin:
        return rows
    led = memberships_on(local_day(viewer, at)).filter(person=viewer, role=Role.LEAD)
    return rows.filter(team__in=led.values("team"))


def proposals_to_decide(viewer: Any, at: datetime) -> list[Need]:
    """What stands in "Needs you" of those who decide."""
    return [
        Need(row.person.name, f"says: I am in {row.team.name}", "Decide", f"/teams/{row.team.slug}#proposals", None,
             row.made_at)
        for row in proposals_before(viewer, at)[:20]
    ]  # fmt: skip
