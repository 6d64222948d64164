"""The quarterly question "is this still yours?" (spec ownership 12)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from ownership.domain.reviews import ITEM_STATES
from ownership.models.owning import Ownership


class ReviewCampaign(models.Model):
    """One review a quarter."""

    quarter_start = models.DateField(unique=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"review of {self.quarter_start}"


class ReviewItem(models.Model):
    """One row of ownership in one review: confirmed by what was done, or asked and answered."""

    campaign = models.ForeignKey(ReviewCampaign, models.PROTECT, related_name="items")
    ownership = models.ForeignKey(Ownership, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "ownership"], name="ownership_reviewitem_once"),
            models.CheckConstraint(condition=Q(state__in=ITEM_STATES), name="ownership_reviewitem_state"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.ownership_id}"
