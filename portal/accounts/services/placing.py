"""Somebody without a team says which one is theirs; its lead, else the admins, hear of it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

KIND = "accounts.place_me"


@transaction.atomic
def ask_for_team(*, actor: Person, team: Team, at: datetime) -> None:
    """Tell those who can add the person to `team`. Asking twice tells once."""
    if team.is_system or team.archived_at is not None:
        raise DomainError("accounts.team_archived", "Choose a team that is at work.", "team")
    subject = subject_of(actor)
    context = {"name": actor.name, "team": team.name, "url": f"/teams/{team.slug}"}
    for lead in responsible_leads(team, local_day(actor, at)):
        to = Recipient(person_id=lead.pk)
        key = f"{dedup_key(KIND, subject, 0, to)}:{team.pk}"
        raise_notice(actor=actor, draft=NoticeDraft(KIND, key, subject, to, "info", context), at=at)
    record_audit(actor=actor, verb="accounts.team_asked", subject=team, at=at)
