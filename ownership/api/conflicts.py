"""`/api/v1/conflicts`: where a file and a person name different owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.decorators import action

from ownership.domain.states import DUTY_WORDS, Duty
from ownership.models import Claim
from ownership.queries.conflicts import open_conflicts
from ownership.services.conflicts import DECISIONS, decide_conflict
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class ConflictInput(serializers.Serializer[Any]):
    """keep: ours stays; take: theirs is asked to take over; mute: this file is not heard on it again."""

    decision = serializers.ChoiceField(choices=list(DECISIONS))


class ConflictShown(serializers.Serializer[Claim]):
    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    source = serializers.CharField(source="source.name")  # type: ignore[assignment] # a field
    raw = serializers.CharField()
    person = serializers.CharField(source="person.handle", default=None)
    team = serializers.CharField(source="team.slug", default=None)
    duty = serializers.SerializerMethodField()
    rank = serializers.IntegerField()
    outcome = serializers.CharField()
    first_seen = serializers.DateTimeField()

    def get_duty(self, claim: Claim) -> str:
        return DUTY_WORDS[Duty(claim.duty)]


class ConflictViewSet(PortalViewSet):
    """Claims of files against the word of people."""

    serializer_class = ConflictShown
    order = ("first_seen",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"decide": ConflictInput}

    def get_queryset(self) -> QuerySet[Claim]:
        return open_conflicts(self.request.user)

    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Keep ours, take theirs, or mute the file on this."""
        del pk
        actor: Any = request.user
        decision = self.read(ConflictInput)["decision"]
        return self.shown(decide_conflict(actor=actor, claim=self.get_object(), decision=decision, at=self.at))
