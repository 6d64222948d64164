"""What proves that history was not rewritten."""

from __future__ import annotations

from django.db import models

from portal.core.models.append_only import append_only


class AuditSeal(models.Model):
    """The digest of one day's rows of an append-only table, over the digest of the day before (spec security 5)."""

    table_name = models.CharField(max_length=63)
    day = models.DateField()
    rows = models.PositiveBigIntegerField()
    last_id = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64)
    marks = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table_name", "day"], name="core_auditseal_once")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.table_name} {self.day}"
