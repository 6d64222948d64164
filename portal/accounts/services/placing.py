"""Somebody without a team says which one is theirs; its lead, else the admins, decide (spec accounts 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.models import TeamProposal
from portal.accounts.policies import can_manage_team
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import responsible_leads
from portal.accounts.services.memberships import Place, add_member
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Membership, Person, Team

KIND = "accounts.place_me"


@transaction.atomic
def ask_for_team(
    *, actor: Person, team: Team, discipline: str = "", source: str = "self", at: datetime
) -> TeamProposal:
    """A proposal, told once to those who can accept it. Asking again while it is open changes nothing."""
    if team.is_system or team.archived_at is not None:
        raise DomainError("accounts.team_archived", "Choose a team that is at work.", "team")
    facts = {"discipline": checks.clean_discipline(discipline), "source": source, "made_at": at}
    row, is_new = TeamProposal.objects.get_or_create(person=actor, team=team, state="open", defaults=facts)
    if not is_new:
        return row
    subject = subject_of(actor)
    context = {"name": actor.name, "team": team.name, "url": f"/teams/{team.slug}"}
    for lead in responsible_leads(team, local_day(actor, at)):
        to = Recipient(person_id=lead.pk)
        key = f"{dedup_key(KIND, subject, 0, to)}:{team.pk}"
        raise_notice(actor=actor, draft=NoticeDraft(KIND, key, subject, to, "info", context), at=at)
    record_audit(actor=actor, verb="accounts.team_asked", subject=team, at=at)
    return row


@transaction.atomic
def decide_proposal(*, actor: Person, proposal: TeamProposal, is_accepted: bool, at: datetime) -> Membership | None:
    """The lead or an admin takes the person in from today, or says no; other open proposals of the person end.

    Raises `Conflict` for one that was decided, and what `add_member` refuses.
    """
    require(can_manage_team(actor, proposal.team, at))
    row = TeamProposal.objects.select_for_update().select_related("person", "team").get(pk=proposal.pk)
    if row.state != "open":
        raise Conflict("accounts.proposal_decided", "Somebody has decided on this already.")
    row.state, row.decided_by, row.decided_at = ("accepted" if is_accepted else "declined"), actor, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    verb = "accounts.proposal_accepted" if is_accepted else "accounts.proposal_declined"
    record_audit(actor=actor, verb=verb, subject=row, at=at)
    if not is_accepted:
        return None
    others = TeamProposal.objects.filter(person=row.person, state="open")
    others.update(state="withdrawn", decided_by=actor, decided_at=at)
    return add_member(actor=actor, team=row.team, person=row.person, place=Place(discipline=row.discipline), at=at)
