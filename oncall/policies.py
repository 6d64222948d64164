"""Who sees and who changes rotas (spec oncall 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q

from oncall.models import Agreement, Incident, Rota, ShiftChange, UpstreamTicket
from portal.accounts.models import Membership, Person
from portal.accounts.policies import standings
from portal.accounts.queries.people import local_day
from portal.core.policies import ALLOWED, Decision, is_outside, refused

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


def is_reader(user: Any) -> bool:
    """Everybody signed in reads what is not private."""
    return bool(getattr(user, "is_authenticated", False) and user.is_active)


def incidents_visible_to(user: Any) -> QuerySet[Incident]:
    """Everything that is not private, and what is private to a team of this person; programs see none of that."""
    if not is_reader(user):
        return Incident.objects.none()
    if is_outside(user) or user.is_auditor:
        return Incident.objects.filter(is_private=False)
    mine = Membership.objects.filter(person=user, during__upper_inf=True).values("team")
    return Incident.objects.filter(Q(is_private=False) | Q(team__in=mine))


def agreements_visible_to(user: Any) -> QuerySet[Agreement]:
    """What was agreed is for everybody to read."""
    return Agreement.objects.all() if is_reader(user) else Agreement.objects.none()


def can_answer(person: Any, incident: Incident, at: datetime) -> Decision:
    """The owning team, whoever serves its rota, whoever was paged for it, and admins move an incident."""
    if person.is_auditor or not person.is_active:
        return refused("oncall.auditor", "An auditor reads and does not answer.")
    if person.is_admin or standings(person, incident.team, at):
        return ALLOWED
    paged = incident.events.filter(kind="paged", data__people__contains=person.pk)
    served = person.rota_places.filter(version__rota=incident.rota_id)
    if Person.objects.filter(Exists(paged) | Exists(served), pk=person.pk).exists():
        return ALLOWED
    return refused("oncall.not_responder", f"{incident.team.name} and whoever was paged can do this.")


def can_work_in(person: Any, team: Any, at: datetime) -> Decision:
    """Members of the team, admins, and the house itself (None) keep its runbooks, checks, silences and doors."""
    if person is None or (person.is_active and person.is_admin):
        return ALLOWED
    if not person.is_auditor and any(row.person_id == person.pk and row.role for row in standings(person, team, at)):
        return ALLOWED
    return refused("oncall.not_team", f"Somebody of {team.name} can do this.")


def leads(person: Any, team: Any, at: datetime) -> bool:
    """Whether the person leads this very team today; signatures are not lent to deputies."""
    on = local_day(person, at)
    return Membership.objects.filter(person=person, team=team, role="lead", during__contains=on).exists()


def sides_of(person: Any, owner: Any, downstream: Any, at: datetime) -> frozenset[str]:
    """For which side of an agreement the person can sign."""
    return frozenset(
        side for side, team in (("owner", owner), ("downstream", downstream)) if leads(person, team, at)
    )  # fmt: skip


def can_register_downstream(person: Any, owner: Any, downstream: Any, at: datetime) -> Decision:
    """A team says for itself that it reads an asset; the owner's people may say it for them."""
    for team in (downstream, owner):
        if can_work_in(person, team, at):
            return ALLOWED
    return refused("oncall.not_a_party", f"Somebody of {downstream.name} or {owner.name} can do this.")


def can_draft_agreement(person: Any, owner: Any, downstream: Any, at: datetime) -> Decision:
    """Either side proposes a text; only leads sign it."""
    return can_register_downstream(person, owner, downstream, at)


def can_open_ticket(person: Any) -> Decision:
    """Everybody who works here may ask upstream; the house itself (None) does so for a failed check."""
    if person is None or (person.is_active and not person.is_auditor):
        return ALLOWED
    return refused("oncall.auditor", "An auditor reads and does not ask.")


def can_move_ticket(person: Any, ticket: UpstreamTicket, state: str, at: datetime) -> Decision:
    """Those who wait confirm that they are unblocked; the upstream team says what was fixed or declined."""
    if person is None or (person.is_active and person.is_admin):
        return ALLOWED
    upstream = bool(standings(person, ticket.team, at)) or ticket.contact_id == person.pk
    waiting = ticket.opened_by_id == person.pk or (
        ticket.asking_team is not None and bool(standings(person, ticket.asking_team, at))
    )
    if not person.is_auditor and (waiting or (upstream and state != "unblocked")):
        return ALLOWED
    who = "whoever waits for it" if state == "unblocked" else f"{ticket.team.name} or whoever waits for it"
    return refused("oncall.not_party_of_ticket", f"This is said by {who}.")


def can_import_rotas(person: Any, at: datetime) -> Decision:
    """Leads and admins read schedules of other systems in."""
    led = Membership.objects.filter(person=person, role="lead", during__contains=at.date())
    if person is None or person.is_admin or (not person.is_auditor and led.exists()):
        return ALLOWED
    return refused("oncall.not_lead", "A team lead or an admin may import schedules.")
