"""Where signals come in, what is kept quiet for a while, and what data is owed (spec oncall 6, 7)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from portal.core.secrets import EncryptedText

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
ASSET = "ownership.Asset"
KINDS = ("alertmanager", "pagerduty", "airflow", "generic")


class Integration(models.Model):
    """One door for one sender of one team. The secret is shown once; `mapping` says which label is which asset."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="integrations")
    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64)
    secret = EncryptedText(blank=True)
    mapping = models.JSONField(default=dict)
    rate_per_minute = models.PositiveIntegerField(default=300)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="oncall_integration_kind"),
            models.CheckConstraint(
                condition=Q(rate_per_minute__gte=1, rate_per_minute__lte=6000), name="oncall_integration_rate"
            ),
            models.UniqueConstraint(fields=["token_hash"], name="oncall_integration_token"),
        ]

    def __str__(self) -> str:
        return self.name


class Silence(models.Model):
    """Matching alerts are kept and make no incident, for at most seven days."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="silences")
    matcher = models.JSONField()
    starts_at = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("starts_at")), name="oncall_silence_until"),
            models.CheckConstraint(condition=~Q(reason=""), name="oncall_silence_reason"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_at=None), name="oncall_silence_live")]

    def __str__(self) -> str:
        return f"silence of {self.team}"


class MaintenanceWindow(models.Model):
    """Planned work: alerts of these assets and integrations wait for its end."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="maintenance_windows")
    assets: models.ManyToManyField[Any, Any] = models.ManyToManyField(ASSET, related_name="maintenance_windows")
    integrations = models.ManyToManyField(Integration, related_name="maintenance_windows")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(during__isempty=False), name="oncall_maintenance_during"),
            models.CheckConstraint(condition=~Q(reason=""), name="oncall_maintenance_reason"),
        ]

    def __str__(self) -> str:
        return f"maintenance of {self.team}"


class Expectation(models.Model):
    """Data that is owed by an instant; armed when it is made, so that what never came alarms too."""

    asset = models.ForeignKey(ASSET, models.PROTECT, related_name="expectations")
    rule_kind = models.CharField(max_length=16)
    rule = models.JSONField()
    zone = models.CharField(max_length=64, default="UTC")
    grace_seconds = models.PositiveIntegerField(default=0)
    token_hash = models.CharField(max_length=64, unique=True)
    first_due_at = models.DateTimeField()
    next_due_at = models.DateTimeField()
    last_beat_at = models.DateTimeField(null=True)
    last_partition = models.CharField(max_length=100, blank=True)
    is_paused = models.BooleanField(default=False)
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "rule_kind"], condition=Q(is_paused=False), name="oncall_expectation_once"
            ),
            models.CheckConstraint(condition=Q(grace_seconds__lte=86_400 * 7), name="oncall_expectation_grace"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_kind} of {self.asset}"
