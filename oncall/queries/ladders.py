"""The ladders of teams: in force, former, and who climbs the house's own (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Prefetch

from oncall.domain.escalation import DEFAULT_STEPS, from_json
from oncall.domain.incident_states import OPEN
from oncall.models import EscalationPolicyVersion, EscalationRun, Rota
from oncall.policies import incidents_visible_to, is_reader
from portal.accounts.models import Team

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from oncall.domain.escalation import Step
    from oncall.models import Incident

MOST_CLIMBING = 20


def listed_ladders(viewer: Any) -> QuerySet[EscalationPolicyVersion]:
    """Every version of every ladder, each with whether a later one took its place; one read."""
    later = EscalationPolicyVersion.objects.filter(policy=OuterRef("policy"), number__gt=OuterRef("number"))
    rows = EscalationPolicyVersion.objects.select_related("policy__team", "created_by")
    rows = rows.annotate(is_former=Exists(later))
    return rows if is_reader(viewer) else rows.none()


def teams_on_default() -> QuerySet[Team]:
    """Teams that have a rota and no ladder of their own."""
    serves = Rota.objects.filter(team=OuterRef("pk"), is_archived=False)
    return Team.objects.filter(Exists(serves), archived_at=None, escalation_policy=None).order_by("name")


def versions_of(team: Team) -> list[EscalationPolicyVersion]:
    """The versions of one team's ladder, the newest first."""
    rows = EscalationPolicyVersion.objects.filter(policy__team=team).select_related("created_by")
    return list(rows.order_by("-number"))


def steps_of(version: EscalationPolicyVersion | None) -> tuple[Step, ...]:
    """What climbs: the version's steps, else the house's five."""
    return from_json(version.steps) if version is not None else DEFAULT_STEPS


def climbing(team: Team, viewer: Any) -> list[Incident]:
    """The team's open incidents, each with its newest run as `climbs`: those keep the steps they began with."""
    newest = EscalationRun.objects.select_related("policy_version").order_by("-pk")
    rows = incidents_visible_to(viewer).filter(team=team, state__in=sorted(OPEN))
    return list(rows.prefetch_related(Prefetch("runs", newest, "climbs")).order_by("-opened_at")[:MOST_CLIMBING])
