"""`/api/v1/proposals`: owners that wait for their yes; `/api/v1/ownership/{id}/accept` answers one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.shown import RowShown
from ownership.filters import ProposalFilter
from ownership.queries.proposals import proposals
from ownership.services.proposing import MOST_AT_ONCE, accept_proposals, send_proposal, undo_answer
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.models import Ownership


class ProposalShown(RowShown):
    """A row of ownership with what speaks for it."""

    from_source = serializers.CharField(source="source.name", default=None)
    confidence = serializers.FloatField()
    evidence = serializers.ListField(child=serializers.DictField())
    recorded_at = serializers.DateTimeField()
    asked_at = serializers.DateTimeField(allow_null=True)


class ProposalsInput(serializers.Serializer[Any]):
    """Up to 200 proposals; all are accepted or none."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_AT_ONCE)


class AcceptedShown(serializers.Serializer[Any]):
    accepted = serializers.ListField(child=serializers.IntegerField())


class UndoneShown(serializers.Serializer[Any]):
    undone = serializers.ListField(child=serializers.IntegerField())


class ProposalViewSet(PortalViewSet):
    """Newest first; `mine=true` leaves those the caller may answer."""

    serializer_class = ProposalShown
    order = ("-id",)
    filterset_class = ProposalFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"accept": ProposalsInput, "send": None, "undo": None}

    def get_queryset(self) -> QuerySet[Ownership]:
        return proposals(self.request.user)

    @action(detail=False, methods=["post"])
    def accept(self, request: Request) -> Response:
        """Yes to all of these."""
        actor: Any = request.user
        done = accept_proposals(actor=actor, ids=self.read(ProposalsInput)["ids"], at=self.at)
        return Response(AcceptedShown({"accepted": [row.pk for row in done]}).data)

    @extend_schema(responses=ProposalShown)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Ask the party itself; a guess about somebody else is theirs to answer. Leads and admins."""
        del pk
        actor: Any = request.user
        return self.shown(send_proposal(actor=actor, row=self.get_object(), at=self.at))

    @extend_schema(responses=UndoneShown)
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        """Take back the caller's last answer to proposals, within an hour."""
        actor: Any = request.user
        return Response(UndoneShown({"undone": [row.pk for row in undo_answer(actor=actor, at=self.at)]}).data)
