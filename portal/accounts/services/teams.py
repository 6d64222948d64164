"""Teams: made, described, archived."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.models import ApiToken, Organization, Team
from portal.accounts.policies import can_administer, can_manage_team
from portal.accounts.services.changing import apply_changes, check_seen, locked
from portal.accounts.services.refusing import refusing
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Person

DEEPEST = 6
FIELDS = frozenset({"name", "discipline", "model", "host_team_id", "parent_id", "zone", "calendar_id"})


@dataclass(frozen=True)
class TeamProfile:
    """What a team says of itself; without a calendar it has the organization's."""

    name: str
    discipline: str = ""
    model: str = "centralized"
    host_team_id: int | None = None
    parent_id: int | None = None
    zone: str = "UTC"
    calendar_id: int | None = None


@transaction.atomic
def create_team(*, actor: Person | None, slug: str, profile: TeamProfile, at: datetime) -> Team:
    """A team without members; admins and the installation itself may."""
    if actor is not None:
        require(can_administer(actor, at))
    facts = asdict(profile)
    facts["calendar_id"] = profile.calendar_id or Organization.objects.get(pk=1).calendar_id
    team = Team(slug=checks.clean_slug(slug), **_checked(facts, None))
    with refusing({"accounts_team_slug_key": Conflict("accounts.slug_taken", "A team has this name already.", "slug")}):
        team.save(force_insert=True)
    record_audit(actor=actor, verb="accounts.team_created", subject=team, after={"slug": slug}, at=at)
    return team


@transaction.atomic
def update_team(
    *, actor: Person | None, team: Team, changes: Mapping[str, Any], version: int | None = None, at: datetime
) -> Team:
    """Change what `FIELDS` names; its lead or an admin may. Raises `Stale`, or refuses a circle of parents."""
    if actor is not None:
        require(can_manage_team(actor, team, at))
    unknown = sorted(set(changes) - FIELDS)
    if unknown:
        raise DomainError("accounts.unknown_field", f"This cannot be changed here: {unknown[0]}.", unknown[0])
    row: Team = locked(Team, team.pk)
    check_seen(row, version)
    facts = {name: getattr(row, name) for name in FIELDS} | dict(changes)
    checked = _checked(facts, row)
    apply_changes(row, {name: checked[name] for name in changes}, actor=actor, verb="accounts.team_changed", at=at)
    return row


def _checked(facts: dict[str, Any], team: Team | None) -> dict[str, Any]:
    facts["name"] = checks.clean_text(facts["name"], "name", longest=80)
    checks.clean_discipline(facts["discipline"])
    checks.clean_zone(facts["zone"])
    if facts["model"] not in ("centralized", "embedded"):
        raise DomainError("accounts.unknown_model", "centralized or embedded.", "model")
    if facts["host_team_id"] is not None and facts["model"] != "embedded":
        raise DomainError("accounts.bad_host", "Only an embedded team has a host.", "host_team")
    if team is not None and facts["host_team_id"] == team.pk:
        raise DomainError("accounts.bad_host", "A team is not its own host.", "host_team")
    _check_parents(facts["parent_id"], team)
    return facts


def _check_parents(parent_id: int | None, team: Team | None) -> None:
    """Walk up under a lock of all teams, so that two changes cannot close a circle together."""
    if parent_id is None:
        return
    parents = dict(Team.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
    depth = 1 + _height(team.pk if team else None, parents)
    current: int | None = parent_id
    while current is not None:
        if team is not None and current == team.pk:
            raise DomainError("accounts.team_cycle", "The parent stands below this team.", "parent")
        depth += 1
        if depth > DEEPEST:
            raise DomainError("accounts.team_depth", f"At most {DEEPEST} levels of teams.", "parent")
        current = parents[current]


def _height(team_id: int | None, parents: Mapping[int, int | None]) -> int:
    """How many levels hang below a team."""
    if team_id is None:
        return 0
    below = [child for child, parent in parents.items() if parent == team_id]
    return 1 + max(_height(child, parents) for child in below) if below else 0


@transaction.atomic
def archive_team(*, actor: Person | None, team: Team, reason: str, at: datetime) -> Team:
    """No new members, requests or tokens; its programs' tokens end now. Idempotent; admins only."""
    if actor is not None:
        require(can_administer(actor, at))
    row: Team = locked(Team, team.pk)
    if row.is_system:
        raise DomainError("accounts.team_system", "This team belongs to the installation and stays.")
    if row.archived_at is not None:
        return row
    apply_changes(row, {"archived_at": at}, actor=actor, verb="accounts.team_archived", reason=reason, at=at)
    live = ApiToken.objects.filter(person__owner_team=row, revoked_at__isnull=True)
    live.update(revoked_at=at, revoked_by=actor)
    return row
