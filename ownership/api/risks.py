"""`/api/v1/risks`: what rests on too few people."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 (the schema reads it from the hint)
from typing import TYPE_CHECKING

from rest_framework import serializers

from ownership.domain.risks import ISLAND, RISK_KINDS
from ownership.models import Risk
from ownership.queries.risk_facts import open_risks
from ownership.risk_filters import RiskFilter
from portal.core.api.viewsets import ReadViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet


class RiskShown(serializers.Serializer[Risk]):
    """A finding with what it rests on; of people only for them and who leads them.

    An island names nobody: whose work it is may be a crossing, which is for the two teams.
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=list(RISK_KINDS))
    asset = serializers.CharField(source="asset.slug", default=None)
    person = serializers.SerializerMethodField()
    team = serializers.CharField(source="team.slug", default=None)
    says = serializers.SerializerMethodField()
    act = serializers.SerializerMethodField()
    detail = serializers.JSONField()
    since = serializers.SerializerMethodField()

    def get_person(self, row: Risk) -> str | None:
        return row.person.handle if row.person and row.kind != ISLAND else None

    def get_says(self, row: Risk) -> str:
        return RISK_KINDS[row.kind].label

    def get_act(self, row: Risk) -> str:
        return RISK_KINDS[row.kind].act

    def get_since(self, row: Risk) -> datetime | None:
        return row.valid.lower


class RiskViewSet(ReadViewSet):
    """The heaviest first: people, then assets by tier, reach and the next absence."""

    serializer_class = RiskShown
    order = ("-weight",)
    filterset_class = RiskFilter
    scopes = {"read": "ownership:read"}
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Risk]:
        return open_risks(self.request.user, self.at)
