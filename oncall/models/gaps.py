"""Time that a lead leaves uncovered, knowingly and with an end."""

from __future__ import annotations

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from oncall.models.rotas import PERSON, Rota


class AcceptedGap(models.Model):
    """A dated gap that the lead accepts; an absence in it is no refusal any more."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="accepted_gaps")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=500)
    accepted_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(during__isempty=False) & ~Q(reason=""), name="oncall_acceptedgap_says")
        ]

    def __str__(self) -> str:
        return f"gap of {self.rota}"
