"""Who sees and who changes rotas (spec oncall 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import Rota, ShiftChange
from portal.accounts.policies import standings
from portal.core.policies import ALLOWED, Decision, refused

if TYPE_CHECKING:
    from collections.abc import Collection
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


def can_override(person: Any, rota: Rota, holders: Collection[int | None], at: datetime) -> Decision:
    """The holder of the stretch, or the lead."""
    if person is not None and holders and set(holders) == {person.pk}:
        return ALLOWED
    return can_manage_rota(person, rota.team, at)


def can_answer_change(person: Any, change: ShiftChange) -> Decision:
    """The one who is asked."""
    if change.to_person_id == person.pk:
        return ALLOWED
    return refused("oncall.not_asked", "Only the one who is asked can answer.")


def can_accept_swap(person: Any, change: ShiftChange) -> Decision:
    """The one to whom the swap was offered."""
    if person.pk in change.seen.get("people", []) and person.pk != change.requested_by_id:
        return ALLOWED
    return refused("oncall.not_asked", "Only the one who is asked can answer.")


def can_withdraw(person: Any, change: ShiftChange, rota: Rota, at: datetime) -> Decision:
    """Who asked for it, whoever it concerns, or the lead."""
    if person is not None and person.pk in (change.requested_by_id, change.to_person_id):
        return ALLOWED
    return can_manage_rota(person, rota.team, at)


def can_read_points(person: Any, rota: Rota, at: datetime) -> bool:
    """Points by person are for the rota's members and leads, and for auditors not at all; others see sums."""
    if person.is_admin or person.is_auditor:
        return False
    return any(row.person_id == person.pk for row in standings(person, rota.team, at))


def can_write_note(person: Any, rota: Rota, at: datetime) -> Decision:
    """The people of the rota's team, and whoever serves in it."""
    serves = rota.planned_shifts.filter(person=person).exists()
    if serves or any(row.person_id == person.pk for row in standings(person, rota.team, at)):
        return ALLOWED
    return refused("oncall.not_member", f"Members of {rota.name} write notes here.")
