"""Telling both sides that an agreement ends, or has ended (spec oncall 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.queries.parties import owning_team
from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import AgreementVersion

NOTICE_KIND = "oncall.agreement_ends"


def remind_agreement(*, version: AgreementVersion, days: int, at: datetime) -> None:
    """One notice a lead of either side; 0 days says that it is over and the default holds. Inside a transaction."""
    agreement = version.agreement
    owner = owning_team([agreement.asset_id], at)[agreement.asset_id]
    teams = [team for team in (owner, agreement.downstream_team) if team is not None]
    people = {lead.pk for team in teams for lead in responsible_leads(team, at.date())}
    left = (
        f"ends in {days} day{'s' if days != 1 else ''}" if days else "has ended; the team's default holds from now on"
    )
    _tell(version, people, f"d{days}", left, at)


def tell_archived(*, version: AgreementVersion, at: datetime) -> None:
    """One notice a lead of the owner: the downstream team is archived, so nothing is agreed. Inside a transaction."""
    owner = owning_team([version.agreement.asset_id], at)[version.agreement.asset_id]
    people = {lead.pk for lead in responsible_leads(owner, at.date())} if owner is not None else set()
    left = "has ended, because that team was archived; your default holds from now on"
    _tell(version, people, "archived", left, at)


def _tell(version: AgreementVersion, people: set[int], key: str, left: str, at: datetime) -> None:
    agreement = version.agreement
    context = {
        "asset": agreement.asset.name, "team": agreement.downstream_team.name, "left": left,
        "url": agreement.get_absolute_url(),
    }  # fmt: skip
    drafts = [
        NoticeDraft(NOTICE_KIND, f"{NOTICE_KIND}:{version.pk}:{key}:{to.key}", subject_of(version), to, "info", context)
        for to in (Recipient(person_id=pk) for pk in sorted(people))
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
