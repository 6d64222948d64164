"""What was meant: one row a write, made by the service that wrote."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from portal.core.models.append_only import append_only
from portal.core.models.expressions import TransactionNumber


class AuditEntry(models.Model):
    """Append-only; `before` and `after` hold the changed fields, secrets as `***` (spec security 5)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    via = models.CharField(max_length=16)
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    object_label = models.CharField(max_length=300, blank=True)
    compartment = models.CharField(max_length=40, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    token_id = models.BigIntegerField(null=True)
    address = models.GenericIPAddressField(null=True)
    group = models.UUIDField(null=True)
    transaction_number = models.BigIntegerField(db_default=TransactionNumber(), db_index=True)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="core_audit_object"),
            models.Index(fields=["actor", "-id"], name="core_audit_actor"),
            BrinIndex(fields=["at"], name="core_audit_at"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"
