"""Policies, their immutable versions, and the run of one incident with its snapshot (spec oncall 6)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.incidents import Incident
from portal.core.models.append_only import append_only

PERSON = settings.AUTH_USER_MODEL


class EscalationPolicy(models.Model):
    """How one team's pages go on; a team without one has the house's five steps."""

    team = models.OneToOneField("accounts.Team", models.PROTECT, related_name="escalation_policy")
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "escalation policies"

    def __str__(self) -> str:
        return self.name


class EscalationPolicyVersion(models.Model):
    """Steps as they were published; runs that began under one go on under it."""

    policy = models.ForeignKey(EscalationPolicy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    steps = models.JSONField()
    repeat = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="oncall_escalationversion_number"),
            models.CheckConstraint(condition=Q(repeat__lte=5), name="oncall_escalationversion_repeat"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"


class EscalationRun(models.Model):
    """One ladder of one incident; `loop` and `step` are the next to fire."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="runs")
    policy_version = models.ForeignKey(EscalationPolicyVersion, models.PROTECT, null=True, related_name="+")
    snapshot = models.JSONField()
    repeat = models.PositiveSmallIntegerField(default=0)
    loop = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default="running")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(state="running"), name="oncall_run_one"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None)
                | Q(state__in=["stopped", "finished"], ended_at__isnull=False),
                name="oncall_run_state",
            ),
        ]

    def __str__(self) -> str:
        return f"run of {self.incident_id}"


class GuardrailFire(models.Model):
    """A night that was given to somebody else because a person had too many of them."""

    person = models.ForeignKey(PERSON, models.PROTECT, related_name="guardrail_fires")
    rule = models.CharField(max_length=2)
    night = models.DateField()
    rota = models.ForeignKey("oncall.Rota", models.PROTECT, related_name="+")
    change = models.ForeignKey("oncall.ShiftChange", models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, default="moved")
    declined_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "night"], name="oncall_guardrail_once"),
            models.CheckConstraint(condition=Q(rule__in=["G1", "G2", "G3"]), name="oncall_guardrail_rule"),
            models.CheckConstraint(
                condition=Q(outcome__in=["moved", "not_needed", "nobody", "declined"]), name="oncall_guardrail_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.person_id} {self.night}"
