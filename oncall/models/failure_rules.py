"""What people corrected once and the portal keeps: these words mean this kind of failure (spec oncall 6)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from oncall.domain.failure_kinds import FailureKind
from oncall.models.rotas import PERSON, TEAM


class FailureRule(models.Model):
    """Alerts of a team whose words hold this phrase are of this kind; the longest phrase decides."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="failure_rules")
    phrase = models.CharField(max_length=120)
    failure_kind = models.CharField(max_length=20)
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(failure_kind__in=list(FailureKind)), name="oncall_failurerule_kind"),
            models.CheckConstraint(condition=~Q(phrase=""), name="oncall_failurerule_phrase"),
            models.UniqueConstraint(fields=["team", "phrase"], name="oncall_failurerule_once"),
        ]

    def __str__(self) -> str:
        return f"“{self.phrase}” of {self.team}"
