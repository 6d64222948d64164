"""Two admins give back the way in to somebody whose second factor is lost (spec security 3)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class FactorReset(models.Model):
    """One admin asks, another agrees within a day; neither is the person. Closed once, and kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="factor_resets")
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at=None), name="accounts_factorreset_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("person"))
                & (Q(approved_by=None) | (~Q(approved_by=F("asked_by")) & ~Q(approved_by=F("person")))),
                name="accounts_factorreset_two_others",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(closed_at__isnull=False), name="accounts_factorreset_approved"
            ),
        ]

    def __str__(self) -> str:
        return f"the second factor of {self.person}"
