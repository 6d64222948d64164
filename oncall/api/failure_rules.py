"""/api/v1/failure-rules/: what words of an alert mean, as people corrected it (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api.naming import team_called
from oncall.domain.failure_kinds import FailureKind
from oncall.filters.failure_rules import FailureRuleFilter
from oncall.models import FailureRule
from oncall.queries.failure_rules import listed_rules
from oncall.services.failure_rules import keep_failure_rule, remove_failure_rule
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

KINDS = [(kind.value, kind.value) for kind in FailureKind]


class FailureRuleInput(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)
    phrase = serializers.CharField(max_length=120)
    failure_kind = serializers.ChoiceField(choices=KINDS)


class FailureRuleShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    team = serializers.CharField(source="team.slug")
    phrase = serializers.CharField()
    failure_kind = serializers.ChoiceField(choices=KINDS)
    made_by = serializers.CharField(source="made_by.handle", default=None, allow_null=True)
    made_at = serializers.DateTimeField()


@extend_schema(tags=["oncall"])
class FailureRuleViewSet(PortalViewSet):
    """The rules of every team; the longest phrase of a team that an alert's words hold decides its kind."""

    queryset = FailureRule.objects.none()
    serializer_class = FailureRuleShown
    filterset_class = FailureRuleFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("-made_at",)
    scopes = {"read": "incidents:read", "write": "incidents:write"}
    inputs = {"create": FailureRuleInput}

    def get_queryset(self) -> QuerySet[FailureRule]:
        return listed_rules(self.request.user)

    @extend_schema(request=FailureRuleInput, responses={201: FailureRuleShown})
    def create(self, request: Request) -> Response:
        """The same phrase again gets the new kind."""
        given = self.read(FailureRuleInput)
        made = keep_failure_rule(
            actor=request.user, team=team_called(given["team"]), phrase=given["phrase"],
            failure_kind=given["failure_kind"], at=self.at,
        )  # fmt: skip
        return self.created(made, f"/api/v1/failure-rules/{made.pk}/")

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Later alerts are judged without it."""
        del pk
        remove_failure_rule(actor=request.user, rule=self.get_object(), at=self.at)
        return Response(status=204)
