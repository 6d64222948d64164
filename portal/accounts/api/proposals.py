"""Who asks to be in which team (spec accounts 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.accounts.api import shapes
from portal.accounts.api.views import Base
from portal.accounts.queries.proposals import proposals_before
from portal.accounts.services.placing import ask_for_team, decide_proposal
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from portal.accounts.models import TeamProposal


@extend_schema(tags=["teams"])
class ProposalViewSet(Base):
    """Those the caller may decide on: of the teams one leads, all for admins."""

    serializer_class = shapes.TeamProposalShown
    lookup_value_regex = "[0-9]+"
    scopes = {"read": "people:read", "write": "people:write"}
    inputs = {"create": shapes.TeamProposalInput, "decide": shapes.TeamProposalDecision}

    def get_queryset(self) -> QuerySet[TeamProposal]:
        return proposals_before(self.request.user, clock.now())

    def create(self, request: Request) -> Response:
        """Ask to be in a team; asking again while it is open is the same."""
        del request
        given = self.read(shapes.TeamProposalInput)
        team = self.team_called(given["team"])
        row = ask_for_team(actor=self.person, team=team, discipline=given["discipline"], at=self.at)
        return self.created(row, f"/api/v1/team-proposals/{row.pk}/")

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Take the person in from today, or say no."""
        del request, pk
        row, wish = self.get_object(), self.read(shapes.TeamProposalDecision)
        decide_proposal(actor=self.person, proposal=row, is_accepted=wish["accept"], at=self.at)
        return Response(status=204)
