"""Urgency tokens of asking teams: spent at filing, returned when nothing came of it (spec requests 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.accounts.models import Team
from portal.accounts.queries.teams import organization
from portal.core.domain.quarter import quarter_of
from portal.core.errors import DomainError
from requests_queue.domain.urgency import free_slot
from requests_queue.models import DataRequest, UrgencyToken
from requests_queue.queries.urgency import live_tokens
from requests_queue.services.moving import audit, note_event

if TYPE_CHECKING:
    from datetime import datetime


def spend_token(*, actor: Any, request: DataRequest, at: datetime) -> UrgencyToken:
    """Make the request urgent with a token of the requester's team; inside the transaction of filing.

    Locks the team, so that two posts cannot spend one token. Raises `DomainError` (`requests.no_token`).
    """
    team = request.requester_team
    if team is None:
        message = "Urgency tokens belong to teams, and you are in none yet."
        raise DomainError("requests.no_token", message, "use_token")
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    quarter = quarter_of(at.astimezone(ZoneInfo(team.zone)).date())
    taken = set(live_tokens(team, quarter).values_list("slot", flat=True))
    slot = free_slot(taken, organization().urgency_tokens)
    if slot is None:
        message = f"{team.name} has no urgency token left in {quarter.name}. Say the date and the decision instead."
        raise DomainError("requests.no_token", message, "use_token")
    token = UrgencyToken.objects.create(
        team=team, quarter_start=quarter.starts_on, slot=slot, request=request, spent_at=at
    )
    audit(actor=actor, verb="requests.token_spent", request=request, after={"token": slot}, at=at)
    return token


def return_spent_token(*, actor: Any, request: DataRequest, reason: str, at: datetime) -> bool:
    """Give the token back, if one is spent; says whether it did. The request is locked."""
    token = UrgencyToken.objects.select_for_update().filter(request=request, returned_at=None).first()
    if token is None:
        return False
    token.returned_at, token.return_reason = at, reason[:200]
    token.save(update_fields=["returned_at", "return_reason"])
    note_event(actor=actor, request=request, kind="token_returned", data={"reason": reason[:200]}, at=at)
    audit(actor=actor, verb="requests.token_returned", request=request, reason=reason[:200], at=at)
    return True
