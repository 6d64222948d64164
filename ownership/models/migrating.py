"""Backfills and migrations: plans, steps, references to move, and what is run below (spec ownership 14)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ownership.domain.plan_sql import DIALECTS
from ownership.domain.plans import LIVE, PREFIX, PlanKind, PlanState, StepState
from ownership.domain.references import KINDS, OPEN, STATES
from ownership.domain.triggering import TRIGGER_KINDS, TriggerState
from ownership.models.assets import Asset
from ownership.models.owning import ONE_PARTY
from portal.core.secrets import EncryptedText

LIVE_STATES = [state.value for state in LIVE]


class ChangePlan(models.Model):
    """A table that is rebuilt in place (`backfill`) or replaced by a second version (`migration`)."""

    kind = models.CharField(max_length=9, choices=[(kind.value, kind.value) for kind in PlanKind])
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="plans")
    successor = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    range_text = models.CharField(max_length=200, blank=True, default="")
    columns = models.JSONField(default=dict)
    dialect = models.CharField(max_length=10, choices=[(name, name) for name in DIALECTS])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=11, choices=[(state.value, state.value) for state in PlanState])
    ends_on = models.DateField(null=True, blank=True)
    hold_days = models.SmallIntegerField(default=7)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state__in=LIVE_STATES), name="ownership_changeplan_one_live"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_STATES, finished_at=None)
                | (~Q(state__in=LIVE_STATES) & Q(finished_at__isnull=False)),
                name="ownership_changeplan_finished",
            ),
            models.CheckConstraint(condition=Q(hold_days__gte=0, hold_days__lte=60), name="ownership_changeplan_hold"),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("asset")), name="ownership_changeplan_successor"
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="ownership_changeplan_new")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """BKF-7 or MIG-8; one series for both."""
        return f"{PREFIX[PlanKind(self.kind)]}-{self.pk}"


class ChangeStep(models.Model):
    """A step of a plan, in order; `evidence` is what was seen when it was done."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="steps")
    n = models.SmallIntegerField()
    code = models.CharField(max_length=20)
    state = models.CharField(
        max_length=7, choices=[(state.value, state.value) for state in StepState], default=StepState.TODO.value
    )
    evidence = models.JSONField(default=dict)
    note = models.CharField(max_length=1000, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "n"], name="ownership_changestep_n"),
            models.CheckConstraint(
                condition=Q(state__in=["todo"], at=None) | (~Q(state="todo") & Q(at__isnull=False)),
                name="ownership_changestep_at",
            ),
        ]
        ordering = ["n"]

    def __str__(self) -> str:
        return f"{self.plan_id} step {self.n}"


class Reference(models.Model):
    """Somebody still reads the table that is to go; `phase` 2 is the way back from the suffix to the plain name."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="references")
    phase = models.SmallIntegerField(default=1)
    referrer = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    referrer_text = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=10, choices=list(KINDS.items()))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=6, choices=[(state, state) for state in STATES], default=OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField()
    moved_in = models.CharField(max_length=500, blank=True, default="")
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    waive_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "phase", "referrer"],
                condition=Q(referrer__isnull=False),
                name="ownership_reference_once",
            ),
            models.UniqueConstraint(
                fields=["plan", "phase", "referrer_text"], condition=Q(referrer=None), name="ownership_reference_text"
            ),
            models.CheckConstraint(
                condition=Q(referrer__isnull=False) | ~Q(referrer_text=""), name="ownership_reference_named"
            ),
            models.CheckConstraint(
                condition=ONE_PARTY | Q(person=None, team=None), name="ownership_reference_at_most_one_party"
            ),
            models.CheckConstraint(condition=Q(phase__in=[1, 2]), name="ownership_reference_phase"),
            models.CheckConstraint(
                condition=Q(state=OPEN, closed_at=None) | (~Q(state=OPEN) & Q(closed_at__isnull=False)),
                name="ownership_reference_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state="waived") | (Q(waived_by__isnull=False) & ~Q(waive_reason="")),
                name="ownership_reference_waived",
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(state=OPEN), name="ownership_reference_mine")]

    def __str__(self) -> str:
        return self.referrer.name if self.referrer else self.referrer_text


class PipelineTrigger(models.Model):
    """How a pipeline is told to run: a signed call to an endpoint of a team, in the words of its scheduler."""

    pipeline = models.OneToOneField(Asset, models.CASCADE, related_name="trigger")
    kind = models.CharField(max_length=9, choices=[(kind, kind) for kind in TRIGGER_KINDS])
    endpoint = models.ForeignKey("accounts.Endpoint", models.PROTECT, related_name="+")
    job = models.CharField(max_length=250, blank=True, default="")
    authorization = EncryptedText(blank=True)

    def __str__(self) -> str:
        return f"trigger of {self.pipeline_id}"


class PlanTrigger(models.Model):
    """One asset below a plan that has to run again; its forerunners run first."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="triggers")
    n = models.SmallIntegerField()
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    after = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(
        max_length=7, choices=[(state.value, state.value) for state in TriggerState], default=TriggerState.TODO.value
    )
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "asset"], name="ownership_plantrigger_once")]
        ordering = ["n"]

    def __str__(self) -> str:
        return f"{self.plan_id} runs {self.asset_id}"
