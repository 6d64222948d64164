"""What is told, to whom, by which way, and every try."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only
from portal.core.secrets import EncryptedText
from portal.engine.domain.states import DELIVERY_STATES, NOTICE_STATES, SEVERITIES
from portal.engine.models.deadlines import Deadline


class Notice(models.Model):
    """One statement to one recipient (a person or a shared endpoint) for one reason."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=80)
    dedup_key = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    deadline = models.ForeignKey(Deadline, models.SET_NULL, null=True, related_name="notices")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="notices"
    )
    endpoint_ref = models.CharField(max_length=80, blank=True)
    severity = models.CharField(max_length=8)
    is_acknowledgeable = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    is_unrouted = models.BooleanField(default=False)
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="open")
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    acknowledged_via = models.CharField(max_length=8, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedup_key"], name="engine_notice_told_once"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, endpoint_ref="")
                | (Q(recipient__isnull=True) & ~Q(endpoint_ref="")),
                name="engine_notice_one_recipient",
            ),
            models.CheckConstraint(condition=Q(state__in=NOTICE_STATES), name="engine_notice_state"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="engine_notice_severity"),
            models.CheckConstraint(
                condition=Q(state="acknowledged", acknowledged_at__isnull=False)
                | (~Q(state="acknowledged") & Q(acknowledged_at__isnull=True)),
                name="engine_notice_acknowledged",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="engine_notice_inbox"),
            models.Index(fields=["subject_type", "subject_id"], name="engine_notice_subject"),
            models.Index(
                fields=["expires_at"], condition=Q(state="open", expires_at__isnull=False), name="engine_notice_ends"
            ),
            models.Index(fields=["created_at"], condition=Q(state="open"), name="engine_notice_open"),
        ]

    def __str__(self) -> str:
        return self.dedup_key


class Delivery(models.Model):
    """One notice by one way; its id (or its batch's) is the idempotency key of every try."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    notice = models.ForeignKey(Notice, models.CASCADE, db_index=False, related_name="deliveries")
    channel = models.CharField(max_length=40)
    destination_ref = models.CharField(max_length=80)
    address = EncryptedText()
    repeat_no = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=12, default="queued")
    attempts = models.SmallIntegerField(default=0)
    ambiguous = models.SmallIntegerField(default=0)
    batch_id = models.UUIDField(null=True)
    run_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_holder = models.CharField(max_length=120, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True)
    provider_seq = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "destination_ref", "repeat_no"], name="engine_delivery_once"
            ),
            models.CheckConstraint(condition=Q(state__in=DELIVERY_STATES), name="engine_delivery_state"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="sending") & Q(lease_until__isnull=True, lease_token__isnull=True)),
                name="engine_delivery_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state="queued"), name="engine_delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="engine_delivery_leases"),
            models.Index(
                fields=["channel", "destination_ref", "-claimed_at"],
                condition=Q(claimed_at__isnull=False),
                name="engine_delivery_claimed",
            ),
            models.Index(
                fields=["channel", "provider_message_id"],
                condition=~Q(provider_message_id=""),
                name="engine_delivery_provider",
            ),
            models.Index(fields=["batch_id"], condition=Q(batch_id__isnull=False), name="engine_delivery_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Attempt(models.Model):
    """One try of a delivery, or a receipt about it. Append-only."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_rows")
    number = models.SmallIntegerField()
    phase = models.CharField(max_length=8, choices=[(name, name) for name in ("claimed", "result", "receipt")])
    outcome = models.CharField(max_length=12, blank=True)
    status_code = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True)
    duration_ms = models.IntegerField(null=True)
    holder = models.CharField(max_length=120, blank=True)
    lease_token = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], condition=Q(phase="claimed"), name="engine_attempt_claimed_once"
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.phase} {self.number} {self.outcome}"
