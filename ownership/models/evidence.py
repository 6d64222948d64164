"""Traces of work on assets: who committed, reviewed, answered, resolved (spec ownership 5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ownership.models.assets import Asset
from ownership.models.touching import touching
from portal.core.models.append_only import append_only


class Evidence(models.Model):
    """One act of one person on one asset; kept 400 days, never changed."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="evidence", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    ref = models.CharField(max_length=300)
    url = models.CharField(max_length=1000, blank=True, db_default="")

    class Meta:
        triggers = [append_only(), touching()[0]]
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref", "asset", "person"], name="ownership_evidence_once")
        ]
        indexes = [models.Index(fields=["asset", "at"], name="ownership_evidence_asset")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
