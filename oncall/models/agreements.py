"""What an owner and one downstream team have agreed for 3 am, version by version (spec oncall 8)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.domain.agreements import AgreementState, NightClass

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
ASSET = "ownership.Asset"
CHANGED_BESIDE_ITS_END = """
    OLD.state <> 'draft' AND to_jsonb(OLD) - ARRAY['state', 'ended_at', 'end_reason']
        IS DISTINCT FROM to_jsonb(NEW) - ARRAY['state', 'ended_at', 'end_reason']
"""
LIVE = Q(state=AgreementState.ACTIVE)
SIGNED = Q(owner_signed_at__isnull=False, downstream_signed_at__isnull=False, expires_on__isnull=False)


class Agreement(models.Model):
    """A team says that it reads an asset; the row alone counts as "not agreed"."""

    asset = models.ForeignKey(ASSET, models.PROTECT, related_name="agreements")
    downstream_team = models.ForeignKey(TEAM, models.PROTECT, related_name="agreements")
    registered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField()
    # Somebody was harmed by what it allows: both sides are asked to look at it again.
    review_wanted_at = models.DateTimeField(null=True)
    review_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "downstream_team"], name="oncall_agreement_once")]

    def __str__(self) -> str:
        return f"{self.asset} for {self.downstream_team}"

    def get_absolute_url(self) -> str:
        return f"/agreements/{self.pk}"


class AgreementVersion(models.Model):
    """One text with two signatures. Once in force only its end may change."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, default=AgreementState.DRAFT)
    night_class = models.CharField(max_length=16)
    until_time = models.TimeField(default="07:00")
    working_day_only = models.BooleanField(default=False)
    page_from = models.TimeField(default="07:00")
    page_to = models.TimeField(default="22:00")
    consequence = models.TextField(blank=True)
    shown_meanwhile = models.TextField(blank=True)
    tell = models.JSONField(default=list)
    exceptions = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    text_sha256 = models.CharField(max_length=64)
    wished_end = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    drafted_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    owner_signed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    owner_signed_at = models.DateTimeField(null=True)
    downstream_signed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    downstream_signed_at = models.DateTimeField(null=True)
    active_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="oncall_agreementversion_number"),
            models.UniqueConstraint(fields=["agreement"], condition=LIVE, name="oncall_agreementversion_one_active"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(state=AgreementState.DRAFT), name="oncall_agreementversion_one_draft"
            ),
            models.CheckConstraint(condition=Q(state__in=list(AgreementState)), name="oncall_agreementversion_state"),
            models.CheckConstraint(condition=Q(night_class__in=list(NightClass)), name="oncall_agreementversion_class"),
            models.CheckConstraint(
                condition=Q(page_from__lt=models.F("page_to")), name="oncall_agreementversion_hours"
            ),
            models.CheckConstraint(
                condition=Q(state=AgreementState.DRAFT) | SIGNED & Q(active_from__isnull=False),
                name="oncall_agreementversion_signed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AgreementState.DRAFT, AgreementState.ACTIVE], ended_at=None)
                | Q(state__in=[AgreementState.REPLACED, AgreementState.EXPIRED], ended_at__isnull=False),
                name="oncall_agreementversion_ended",
            ),
        ]
        indexes = [models.Index(fields=["expires_on"], condition=LIVE, name="oncall_agreementversion_expiry")]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="immutable",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(CHANGED_BESIDE_ITS_END),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} v{self.number}"
