"""The engine's own condition: one control row, and who is alive."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class EngineControl(models.Model):
    """One row. `held_until` stops firing for a moment after a leap of the clock."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_paused = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    pause_reason = models.CharField(max_length=200, blank=True)
    cluster_identifier = models.DecimalField(max_digits=20, decimal_places=0)
    epoch = models.IntegerField(default=1)
    last_tick_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "engine_control"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="engine_control_one_row")]

    def __str__(self) -> str:
        return "paused" if self.is_paused else "running"


class Heartbeat(models.Model):
    """The last sign of life of one process; `beat_at` is the database's clock."""

    pk = models.CompositePrimaryKey("component", "instance")
    component = models.CharField(max_length=40)
    instance = models.CharField(max_length=120)
    beat_at = models.DateTimeField()
    started_at = models.DateTimeField()
    version = models.CharField(max_length=40, blank=True)
    epoch = models.IntegerField(default=1)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.component} {self.instance}"
