"""Long work, and events from one room to another."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.engine.domain.states import INBOUND_STATES, JOB_STATES

LIVE = Q(state__in=("queued", "running"))


class Job(models.Model):
    """Import, report, nightly recomputation: under a lease like a delivery, so that a killed worker loses nothing."""

    kind = models.CharField(max_length=80)
    args = models.JSONField(default=dict)
    queue = models.CharField(max_length=20, default="default")
    unique_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, default="queued")
    attempts = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField(default=3)
    run_at = models.DateTimeField()
    hinted_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_holder = models.CharField(max_length=120, blank=True)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    final_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"], condition=LIVE & ~Q(unique_key=""), name="engine_job_live_once"
            ),
            models.CheckConstraint(condition=Q(state__in=JOB_STATES), name="engine_job_state"),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True, lease_token__isnull=True)),
                name="engine_job_lease",
            ),
        ]
        indexes = [models.Index(fields=["run_at"], condition=LIVE, name="engine_job_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class EngineEvent(models.Model):
    """Something happened in a lower room; one row a handler, drained in id order per subject, then deleted."""

    topic = models.CharField(max_length=80)
    handler = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    run_at = models.DateTimeField()
    failures = models.IntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "engine_event"
        indexes = [
            models.Index(fields=["handler", "subject_type", "subject_id", "id"], name="engine_event_order"),
            models.Index(fields=["run_at"], name="engine_event_due"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject_type}.{self.subject_id}"


class EngineInbound(models.Model):
    """What came in by a signed door (alerts, receipts, OpenLineage): stored once, worked on later by its room."""

    source = models.CharField(max_length=80)
    message_id = models.CharField(max_length=200)
    body = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="new")
    tries = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "engine_inbound"
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="engine_inbound_once"),
            models.CheckConstraint(condition=Q(state__in=INBOUND_STATES), name="engine_inbound_state"),
        ]
        indexes = [models.Index(fields=["source", "id"], condition=Q(state="new"), name="engine_inbound_new")]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id}"
