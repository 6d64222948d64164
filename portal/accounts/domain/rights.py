"""The one table of roles, grants and verbs (spec accounts 6). Rooms may narrow it, never widen it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.accounts.domain.vocabulary import GrantName


@dataclass(frozen=True)
class Right:
    """Who may: any active person, a member or lead of the owning team, a lead's deputy, the flags, or a grant."""

    anyone: bool = False
    auditor: bool = False
    member: bool = False
    lead: bool = False
    deputy: bool = False
    admin: bool = False
    grant: GrantName | None = None
    needs: str = ""


RIGHTS: dict[str, Right] = {
    "read": Right(anyone=True, auditor=True, admin=True),
    "file": Right(anyone=True, admin=True, needs="an account that is no auditor's"),
    "own": Right(anyone=True, auditor=True, admin=True),
    "enter_absence": Right(lead=True, deputy=True, needs="the lead of the team"),
    "read_load": Right(lead=True, needs="the lead of the team"),
    "triage": Right(member=True, lead=True, deputy=True, grant=GrantName.TRIAGE, needs="the team, or a triage grant"),
    "approve": Right(
        lead=True, deputy=True, grant=GrantName.APPROVE_BUDGET, needs="the lead of the team, or a budget grant"
    ),
    "exempt": Right(grant=GrantName.EXEMPT, needs="the grant to confirm exemptions"),
    "lock_plan": Right(lead=True, deputy=True, grant=GrantName.LOCK_PLAN, needs="the lead, or a plan grant"),
    "excuse_clock": Right(lead=True, deputy=True, grant=GrantName.EXCUSE_CLOCK, needs="the lead, or a clock grant"),
    "vote": Right(lead=True, grant=GrantName.VOTE, needs="the lead, or a vote"),
    "sign_agreement": Right(lead=True, needs="the lead of the team"),
    "manage_team": Right(lead=True, admin=True, needs="the lead of the team, or an admin"),
    "revoke_token": Right(lead=True, admin=True, needs="the lead of the owning team, or an admin"),
    "administer": Right(admin=True, needs="an admin"),
    "audit": Right(anyone=True, auditor=True, admin=True),
}
