"""What nobody takes care of, from when to when (spec ownership 8)."""

from __future__ import annotations

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from ownership.domain.gaps import GAP_KINDS
from ownership.models.assets import Asset


class Gap(models.Model):
    """Something that nobody takes care of; one open row a kind and asset."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="gaps")
    kind = models.CharField(max_length=20)
    valid = DateTimeRangeField()
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind"], condition=Q(valid__upper_inf=True), name="ownership_gap_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(GAP_KINDS)), name="ownership_gap_kind"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="ownership_gap_valid"),
        ]
        indexes = [
            models.Index(fields=["kind", "asset"], condition=Q(valid__upper_inf=True), name="ownership_gap_kinds"),
            GistIndex(fields=["valid"], name="ownership_gap_valid_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset_id}"
