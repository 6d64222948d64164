"""What the API reads and shows of ways to reach people and teams; addresses go in and never out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.accounts.models import ContactMethod, Deputy, Endpoint
from portal.accounts.models.reach import SEVERITIES

MOST_RULES_IN_ALL = 40


class EndpointShown(serializers.Serializer[Endpoint]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    kind = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField()
    version = serializers.IntegerField()


class EndpointInput(serializers.Serializer[Any]):
    slug = serializers.CharField(max_length=60)
    team = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(["webhook", "slack", "mail"])
    address = serializers.CharField(max_length=500)
    topics = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100, default=list)


class EndpointChange(serializers.Serializer[Any]):
    address = serializers.CharField(max_length=500, required=False)
    topics = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100, required=False)
    is_active = serializers.BooleanField(required=False)


class TestShown(serializers.Serializer[Any]):
    notice = serializers.UUIDField()


class DeputyShown(serializers.Serializer[Deputy]):
    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    deputy = serializers.CharField(source="deputy.handle")
    since = serializers.DateTimeField(source="during.lower")
    until = serializers.DateTimeField(source="during.upper")


class DeputyInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40, required=False)
    deputy = serializers.CharField(max_length=40)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)


class MethodShown(serializers.Serializer[ContactMethod]):
    id = serializers.IntegerField()
    channel = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF has a `label` of its own
    state = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)


class MethodInput(serializers.Serializer[Any]):
    channel = serializers.CharField(max_length=20)
    address = serializers.CharField(max_length=500)
    label = serializers.CharField(max_length=60, default="", allow_blank=True)  # type: ignore[assignment]  # DRF has a `label` of its own


class CodeInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20, default="", allow_blank=True)


class Rule(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(SEVERITIES)
    method_id = serializers.IntegerField(source="contact_method_id")
    delay_seconds = serializers.IntegerField(default=0)
    repeat_every_seconds = serializers.IntegerField(allow_null=True, default=None)
    repeat_max = serializers.IntegerField(default=0)
    window = serializers.CharField(max_length=20, default="always")


class RulesShown(serializers.Serializer[Any]):
    rules = serializers.ListField(child=Rule(), max_length=MOST_RULES_IN_ALL)
