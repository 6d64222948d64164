"""What rests on too few people, from when to when (spec ownership 8)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from ownership.domain.risks import ON_ASSETS, ON_PEOPLE, RISK_KINDS
from ownership.models.assets import Asset


class Risk(models.Model):
    """A finding about an asset or a person, written by the refresh alone; `valid` is its age."""

    kind = models.CharField(max_length=20)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="risks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    valid = DateTimeRangeField()
    weight = models.IntegerField()
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "asset", "person", "team"],
                condition=Q(valid__upper_inf=True),
                nulls_distinct=False,
                name="ownership_risk_open",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(RISK_KINDS)), name="ownership_risk_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=ON_ASSETS, asset__isnull=False)
                | Q(kind__in=ON_PEOPLE, asset=None, person__isnull=False),
                name="ownership_risk_about",
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="ownership_risk_valid"),
        ]
        indexes = [
            models.Index(fields=["-weight", "id"], condition=Q(valid__upper_inf=True), name="ownership_risk_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset_id or self.person_id}"
