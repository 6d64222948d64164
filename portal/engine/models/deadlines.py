"""Instants that matter, as rows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.engine.domain.states import DEADLINE_OUTCOMES, DEADLINE_STATES

ARMED = Q(state="armed")


class Deadline(models.Model):
    """At `due_at`, call the handler of `kind` for this subject. Never moved: cancelled and armed again."""

    kind = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject_version = models.IntegerField(default=1)
    step = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    run_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="armed")
    outcome = models.CharField(max_length=12, blank=True)
    outcome_note = models.CharField(max_length=500, blank=True)
    fired_at = models.DateTimeField(null=True)
    fired_by = models.CharField(max_length=120, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=120, blank=True)
    failures = models.IntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "step"],
                condition=ARMED,
                name="engine_deadline_armed_once",
            ),
            models.CheckConstraint(condition=Q(state__in=DEADLINE_STATES), name="engine_deadline_state"),
            models.CheckConstraint(condition=Q(run_at__gte=F("due_at")), name="engine_deadline_never_early"),
            models.CheckConstraint(
                condition=Q(state="fired", fired_at__isnull=False, outcome__in=DEADLINE_OUTCOMES)
                | (~Q(state="fired") & Q(fired_at__isnull=True, outcome="")),
                name="engine_deadline_fired",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True, cancel_reason="")),
                name="engine_deadline_cancelled",
            ),
        ]
        indexes = [
            models.Index(fields=["run_at", "id"], condition=ARMED, name="engine_deadline_due"),
            models.Index(fields=["subject_type", "subject_id"], name="engine_deadline_subject"),
            models.Index(fields=["fired_at"], condition=Q(state="fired"), name="engine_deadline_fired_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}.{self.subject_id} step {self.step}"
