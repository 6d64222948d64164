"""What the engine's API reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from portal.engine.policies import can_operate
from portal.engine.queries.facts import facts_of
from portal.engine.queries.masking import masked
from portal.engine.services.wording import words_of

if TYPE_CHECKING:
    from portal.engine.models import Delivery, Notice


class NoticeSerializer(serializers.Serializer[Any]):
    """A notice; the title of a private one is its number."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    severity = serializers.CharField()
    title = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    state = serializers.CharField()
    is_acknowledgeable = serializers.BooleanField()
    is_unrouted = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.handle", default=None, allow_null=True)
    acknowledged_via = serializers.CharField()

    def get_title(self, notice: Notice) -> str:
        return words_of(facts_of(notice)).title

    def get_subject(self, notice: Notice) -> str:
        return f"{notice.subject_type}.{notice.subject_id}"


class AttemptSerializer(serializers.Serializer[Any]):
    """One try, or what came of it."""

    number = serializers.IntegerField()
    phase = serializers.CharField()
    outcome = serializers.CharField()
    status_code = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()


class DeliverySerializer(serializers.Serializer[Any]):
    """A delivery with its tries; the address is masked except to its owner and admins."""

    id = serializers.UUIDField()
    notice = serializers.UUIDField(source="notice_id")
    channel = serializers.CharField()
    address = serializers.SerializerMethodField()
    repeat_no = serializers.IntegerField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    run_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    tries = AttemptSerializer(source="attempt_rows", many=True)

    def get_address(self, delivery: Delivery) -> str:
        viewer = self.context["request"].user
        is_own = delivery.notice.recipient_id == viewer.pk or can_operate(viewer).allowed
        return delivery.address if is_own and delivery.channel == "email" else masked(delivery.address)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why an operator acts; at least ten characters."""

    reason = serializers.CharField(max_length=200)


class StatusSerializer(serializers.Serializer[Any]):
    """Ring 1 of the watchdog, and whether the engine is paused."""

    is_well = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    tick_age_seconds = serializers.FloatField(source="figures.tick_age", allow_null=True)
    deadlines_overdue = serializers.IntegerField(source="figures.deadlines_overdue")
    deliveries_overdue = serializers.IntegerField(source="figures.deliveries_overdue")
    unrouted = serializers.IntegerField(source="figures.unrouted")
    canary_age_seconds = serializers.FloatField(source="figures.canary_age", allow_null=True)
    canary_lag_seconds = serializers.FloatField(source="figures.canary_lag", allow_null=True)
    is_paused = serializers.BooleanField(source="figures.is_paused")
