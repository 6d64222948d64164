"""Urgency tokens of asking teams: spent at filing, returned when nothing came of it (spec requests 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from portal.accounts.models import Team
from portal.accounts.queries.teams import organization
from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError, NotAllowed
from requests_queue.domain.states import Actor
from requests_queue.domain.texts import checked_line
from requests_queue.domain.urgency import free_slot
from requests_queue.models import DataRequest, UrgencyToken
from requests_queue.policies import parts_of
from requests_queue.queries.promises import policy_version_for, target_of
from requests_queue.queries.urgency import live_tokens
from requests_queue.services.clocks import change_running_target, live_clocks
from requests_queue.services.moving import audit, locked, note_event

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


def respend_token(*, actor: Any, request: DataRequest, at: datetime) -> bool:
    """Take a returned token back into use when a merge is undone; says whether one was free. The request is locked."""
    token = UrgencyToken.objects.select_for_update().get(request=request)
    Team.objects.select_for_update(no_key=True).get(pk=token.team_id)
    rows = UrgencyToken.objects.filter(team=token.team_id, quarter_start=token.quarter_start, returned_at=None)
    slot = free_slot(set(rows.values_list("slot", flat=True)), organization().urgency_tokens)
    if slot is None:
        return False
    token.slot, token.returned_at, token.return_reason = slot, None, ""
    token.save(update_fields=["slot", "returned_at", "return_reason"])
    audit(actor=actor, verb="requests.token_spent", request=request, after={"token": slot}, at=at)
    return True


@transaction.atomic
def judge_not_urgent(
    *, actor: Any, request: DataRequest, reason: str, version: int | None = None, at: datetime
) -> DataRequest:
    """The desk finds it is not urgent: the token goes back and the ordinary promises hold from now on.

    Raises `NotAllowed`, `Conflict` (`requests.not_urgent`), `DomainError` for an empty reason.
    """
    standing = locked(actor=actor, request=request, version=version)
    if Actor.TRIAGER not in parts_of(actor, standing, at):
        raise NotAllowed("requests.not_yours", f"The desk of {standing.team.name} judges this.")
    if standing.urgency != "urgent":
        raise Conflict("requests.not_urgent", f"{standing.number} is not urgent.")
    text = checked_line(reason, "reason", most=200)
    return_spent_token(actor=actor, request=standing, reason=f"not urgent: {text}", at=at)
    standing.urgency = "normal"
    standing.version += 1
    standing.save(update_fields=["urgency", "version"])
    version_now = policy_version_for(kind=standing.kind, team_id=standing.team_id, size=standing.size)
    for clock in live_clocks(standing):
        target = target_of(version_now, clock.kind, standing.promised_as)
        change_running_target(actor=actor, clock=clock, target_seconds=target, reason=text, at=at)
    return standing
