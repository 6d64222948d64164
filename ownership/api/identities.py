"""`/api/v1/identities`: owner texts nobody is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.parties import person_of, team_of
from ownership.queries.identities import unknown_names, waiting_names
from ownership.services.identities import decide_identity
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.models import Claim
    from ownership.queries.identities import Waiting


class DecisionInput(serializers.Serializer[Any]):
    """A person's handle, a team's slug, or nobody: exactly one of them."""

    person = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    team = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    nobody = serializers.BooleanField(required=False, default=False)


class SuggestionShown(serializers.Serializer[Any]):
    name = serializers.CharField(source="candidate.name")
    slug = serializers.CharField(source="candidate.slug")
    is_team = serializers.SerializerMethodField()
    confidence = serializers.FloatField()
    why = serializers.CharField()

    def get_is_team(self, suggestion: Any) -> bool:
        return bool(suggestion.candidate.key < 0)


class WaitingShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    raw = serializers.CharField()
    assets = serializers.IntegerField(source="asset_count")
    from_source = serializers.CharField(source="sources")
    suggestions = SuggestionShown(many=True)


class IdentityViewSet(PortalViewSet):
    """The text on most assets first."""

    serializer_class = WaitingShown
    order = ("-asset_count",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"decide": DecisionInput}

    def get_queryset(self) -> QuerySet[Claim]:
        return unknown_names(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Names with up to three suggestions."""
        del request, args, kwargs
        rows: Any = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(WaitingShown(_waiting(rows), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        return Response(WaitingShown(_waiting([self.get_object()])[0]).data)

    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Whom the name means; every claim with it is settled anew."""
        del pk
        claim, given = self.get_object(), self.read(DecisionInput)
        if sum(bool(value) for value in given.values()) != 1:
            raise DomainError("ownership.one_party", "Name one person, one team, or nobody.", "person")
        party = person_of(given["person"]) or team_of(given["team"])
        actor: Any = request.user
        entry = decide_identity(actor=actor, raw=claim.raw, party=party, at=self.at)
        return Response({"raw": claim.raw, "party": entry.after["party"], "assets": entry.after["assets"]})


def _waiting(rows: Any) -> list[Waiting]:
    return waiting_names(rows)
