"""Handing assets over: who offers what to whom, what each recipient said, what had to be done before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from ownership.domain.handoffs import CHECK_STATES, HANDOFF_STATES, ITEM_STATES, MOST_SHADOW_DAYS
from ownership.domain.states import LAST_RANK, Duty
from ownership.models.assets import Asset


def _one(side: str) -> Q:
    person, team = f"{side}_person__isnull", f"{side}_team__isnull"
    return Q(**{person: False, team: True}) | Q(**{person: True, team: False})


class Handoff(models.Model):
    """HND-n: one party offers assets to another; the old owner answers until each is accepted and effective."""

    from_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    from_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    to_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    to_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")
    note = models.CharField(max_length=2000, blank=True, default="")
    effective_at = models.DateTimeField()
    moved_days = models.PositiveSmallIntegerField(default=0)
    shadow_days = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, default="draft")
    offered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one("from"), name="ownership_handoff_from"),
            models.CheckConstraint(condition=_one("to"), name="ownership_handoff_to"),
            models.CheckConstraint(condition=Q(state__in=HANDOFF_STATES), name="ownership_handoff_state"),
            models.CheckConstraint(
                condition=Q(shadow_days__lte=MOST_SHADOW_DAYS), name="ownership_handoff_shadow_days"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(state="withdrawn") | Q(offered_at__isnull=False),
                name="ownership_handoff_offered",
            ),
        ]
        indexes = [
            models.Index(fields=["to_person"], condition=Q(state="offered"), name="ownership_handoff_to_person"),
            models.Index(fields=["to_team"], condition=Q(state="offered"), name="ownership_handoff_to_team"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"HND-{self.pk}"


class HandoffItem(models.Model):
    """One duty and rank of one asset; an asset is in one open offer at a time."""

    handoff = models.ForeignKey(Handoff, models.PROTECT, related_name="items")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    duty = models.SmallIntegerField(default=Duty.TECHNICAL.value)
    rank = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="offered")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handoff", "asset", "duty"], name="ownership_handoffitem_once"),
            models.UniqueConstraint(
                fields=["asset", "duty"], condition=Q(state="offered"), name="ownership_handoffitem_one_offer"
            ),
            models.CheckConstraint(condition=Q(state__in=ITEM_STATES), name="ownership_handoffitem_state"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=LAST_RANK), name="ownership_handoffitem_rank"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="ownership_handoffitem_decline_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id}: {self.asset_id}"


class HandoffCheck(models.Model):
    """Something to be done before the handover takes effect; of one asset, or of all."""

    handoff = models.ForeignKey(Handoff, models.PROTECT, related_name="checks")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    is_required = models.BooleanField(default=True)
    state = models.CharField(max_length=8, default="open")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handoff", "asset", "code"], nulls_distinct=False, name="ownership_handoffcheck_once"
            ),
            models.CheckConstraint(condition=Q(state__in=CHECK_STATES), name="ownership_handoffcheck_state"),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id}: {self.code}"
