"""The quarterly plan: what somebody wants, what was promised, and what changed afterwards (spec budget 7)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.core.models.append_only import append_only
from requests_queue.domain.plan import (
    CANDIDATE_STATES,
    CHANGE_KINDS,
    ITEM_KINDS,
    ITEM_STATES,
    NEED_STATES,
    PLAN_STATES,
    SOURCES,
    SYSTEM_KINDS,
)
from requests_queue.models.requests import DataRequest

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"


class QuarterPlan(models.Model):
    """One team's quarter. What it looked like when it was locked stays in `snapshot`: ids, ranks and minutes."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="plans")
    quarter_start = models.DateField()
    state = models.CharField(max_length=16, default="draft")
    opens_at = models.DateTimeField()
    input_closes_at = models.DateTimeField()
    lock_due_at = models.DateTimeField()
    floor_bp = models.PositiveSmallIntegerField(default=500)
    cap_bp = models.PositiveSmallIntegerField(default=1000)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    snapshot = models.JSONField(default=dict)
    # What stands behind the suggested upkeep: minutes of the two quarters before, pipelines, those that cause half.
    upkeep = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "quarter_start"], name="requests_plan_once"),
            models.CheckConstraint(condition=Q(state__in=PLAN_STATES), name="requests_plan_state"),
            models.CheckConstraint(
                condition=Q(floor_bp__gt=0, floor_bp__lte=F("cap_bp"), cap_bp__lte=3000), name="requests_plan_band"
            ),
            models.CheckConstraint(
                condition=~Q(state="locked") | Q(locked_at__isnull=False), name="requests_plan_locked"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lte=F("input_closes_at"), input_closes_at__lte=F("lock_due_at")),
                name="requests_plan_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"plan of {self.team} from {self.quarter_start}"

    @property
    def is_open(self) -> bool:
        """Whether its list may still be changed without a `PlanChange`."""
        return self.state in {"draft", "open_for_input"}


class PlanCandidate(models.Model):
    """Work somebody wants; its fate is told when the plan is locked. `cost_of_delay` None: nobody said."""

    plan = models.ForeignKey(QuarterPlan, models.PROTECT, related_name="candidates")
    title = models.CharField(max_length=200)
    why = models.CharField(max_length=500, blank=True)
    source_type = models.CharField(max_length=16, default="member")
    source_id = models.BigIntegerField(null=True)
    sponsor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    sponsor_team = models.ForeignKey(TEAM, models.PROTECT, null=True, related_name="+")
    estimate_minutes = models.PositiveIntegerField(null=True)
    spread_minutes = models.PositiveIntegerField(default=0)
    cost_of_delay = models.PositiveSmallIntegerField(null=True)
    adds_pipelines = models.JSONField(default=list)
    cluster = models.ForeignKey("requests_queue.RequestCluster", models.PROTECT, null=True, related_name="candidates")
    status = models.CharField(max_length=10, default="open")
    decision_reason = models.CharField(max_length=500, blank=True)
    moved_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="moved_to")
    passed_over = models.PositiveSmallIntegerField(default=0)
    requests = models.ManyToManyField(DataRequest, related_name="candidates")
    assets = models.ManyToManyField("ownership.Asset", related_name="plan_candidates")
    invited: models.ManyToManyField[Any, Any] = models.ManyToManyField(TEAM, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "source_type", "source_id"], condition=Q(source_id__isnull=False),
                name="requests_candidate_source",
            ),
            models.CheckConstraint(condition=Q(source_type__in=SOURCES), name="requests_candidate_sources"),
            models.CheckConstraint(condition=Q(status__in=CANDIDATE_STATES), name="requests_candidate_status"),
            models.CheckConstraint(
                condition=Q(status="open") | ~Q(decision_reason=""), name="requests_candidate_reason"
            ),
            models.CheckConstraint(
                condition=Q(cost_of_delay=None) | Q(cost_of_delay__gte=1, cost_of_delay__lte=5),
                name="requests_candidate_delay",
            ),
            models.CheckConstraint(
                condition=Q(estimate_minutes=None) | Q(estimate_minutes__gte=1, estimate_minutes__lte=1_000_000),
                name="requests_candidate_estimate",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="requests_candidate_title"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return f"C-{self.pk}"


class PlanItem(models.Model):
    """A line of the ranked list, or the upkeep and on-call share the system puts above it (without a rank)."""

    plan = models.ForeignKey(QuarterPlan, models.PROTECT, related_name="items")
    rank = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=24, default="project")
    title = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField()
    spread_minutes = models.PositiveIntegerField(default=0)
    remaining_minutes = models.PositiveIntegerField(null=True)
    owner = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    is_bumpable = models.BooleanField(default=False)
    candidate = models.OneToOneField(PlanCandidate, models.PROTECT, null=True, related_name="item")
    adds_pipelines = models.JSONField(default=list)
    retires = models.ManyToManyField("ownership.Asset", related_name="+")
    suggested_minutes = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=8, default="planned")
    expected_month = models.DateField(null=True)
    carried_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="carried_to")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "rank"], name="requests_planitem_rank", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                fields=["plan", "kind"], condition=Q(kind__in=SYSTEM_KINDS), name="requests_planitem_upkeep"
            ),
            models.CheckConstraint(condition=Q(kind__in=ITEM_KINDS), name="requests_planitem_kind"),
            models.CheckConstraint(condition=Q(state__in=ITEM_STATES), name="requests_planitem_state"),
            models.CheckConstraint(
                condition=Q(kind__in=SYSTEM_KINDS, rank=None) | (~Q(kind__in=SYSTEM_KINDS) & Q(rank__isnull=False)),
                name="requests_planitem_ranked",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0) | Q(kind__in=SYSTEM_KINDS), name="requests_planitem_minutes"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanVote(models.Model):
    """Points of one team for one candidate; public by team. At most ten a team and plan (checked under its lock)."""

    candidate = models.ForeignKey(PlanCandidate, models.CASCADE, related_name="votes")
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField()
    cast_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "team"], name="requests_vote_once"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=10), name="requests_vote_points"),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.team_id} for {self.candidate_id}"


class PlanVoter(models.Model):
    """Who casts a team's points; without a row its leads do."""

    team = models.OneToOneField(TEAM, models.CASCADE, related_name="plan_voter", primary_key=True)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} votes for {self.team_id}"


class PlanNeed(models.Model):
    """What a line needs from another team; its lead says yes or no."""

    item = models.ForeignKey(PlanItem, models.CASCADE, related_name="needs")
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="+")
    what = models.CharField(max_length=300)
    state = models.CharField(max_length=8, default="asked")
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "team"], name="requests_need_once"),
            models.CheckConstraint(condition=Q(state__in=NEED_STATES), name="requests_need_state"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
                name="requests_need_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} needs {self.what}"


class PlanChange(models.Model):
    """What changed after the lock, why and who approved. Append-only."""

    plan = models.ForeignKey(QuarterPlan, models.PROTECT, related_name="changes")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    item = models.ForeignKey(PlanItem, models.PROTECT, related_name="changes")
    minutes_before = models.PositiveIntegerField(null=True)
    minutes_after = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500)
    approver = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "seq"], name="requests_planchange_seq"),
            models.CheckConstraint(condition=Q(kind__in=CHANGE_KINDS), name="requests_planchange_kind"),
            models.CheckConstraint(condition=~Q(reason=""), name="requests_planchange_reason"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"


class PlanScenario(models.Model):
    """A what-if: the plan and a list of changes, kept as text. Nothing else is written by it."""

    plan = models.ForeignKey(QuarterPlan, models.CASCADE, related_name="scenarios")
    name = models.CharField(max_length=60)
    changes = models.JSONField(default=list)
    made_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="requests_scenario_name")]

    def __str__(self) -> str:
        return self.name


class RequestCluster(models.Model):
    """Questions that ask for one thing; a rejected one is remembered by its members for 90 days."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="request_clusters")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=9, default="live")
    is_kept = models.BooleanField(default=False)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["live", "proposed", "shipped", "rejected", "gone"]),
                name="requests_cluster_state",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ClusterMember(models.Model):
    """A request in a cluster; in one live cluster at a time."""

    cluster = models.ForeignKey(RequestCluster, models.CASCADE, related_name="members")
    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="cluster_memberships")
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "request"], name="requests_clustermember_once"),
            models.UniqueConstraint(fields=["request"], condition=Q(is_live=True), name="requests_clustermember_live"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} in {self.cluster_id}"


class ModelOutcome(models.Model):
    """One look at whether the questions fell after a model shipped; a new row a look. Append-only."""

    item = models.ForeignKey(PlanItem, models.PROTECT, related_name="outcomes")
    cluster = models.ForeignKey(RequestCluster, models.PROTECT, related_name="outcomes")
    proposed_at = models.DateTimeField()
    shipped_at = models.DateTimeField()
    looked_at = models.DateTimeField()
    before = models.PositiveIntegerField()
    before_days = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    after_days = models.PositiveIntegerField()
    probability = models.FloatField()
    verdict = models.CharField(max_length=10)
    minutes_saved = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "looked_at"], name="requests_outcome_look"),
            models.CheckConstraint(condition=Q(verdict__in=["fell", "not_shown", "too_early"]),
                                   name="requests_outcome_verdict"),
        ]  # fmt: skip
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.verdict} after {self.after_days} days"
