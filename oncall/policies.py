"""Who sees and who changes rotas (spec oncall 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import Rota
from portal.accounts.policies import standings
from portal.core.policies import ALLOWED, Decision, refused

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def rotas_visible_to(user: Any) -> QuerySet[Rota]:
    """Everybody signed in reads every rota: who answers is no secret."""
    rows = Rota.objects.all()
    return rows if getattr(user, "is_authenticated", False) and user.is_active else rows.none()


def can_manage_rota(person: Any, team: Any, at: datetime) -> Decision:
    """Leads manage the duty of their own teams, their deputies for them; admins everywhere. None is the system."""
    if person is None or (person.is_active and person.is_admin):
        return ALLOWED
    for row in standings(person, team, at):
        if row.role == "lead" and not person.is_auditor:
            return Decision(allowed=True, on_behalf_of=None if row.person_id == person.pk else row.person_id)
    return refused("oncall.not_lead", f"A lead of {team.name} can do this.")
