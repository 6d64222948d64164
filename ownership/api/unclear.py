"""`/api/v1/unclear-roles`: assets whose owner's role is to be cleared up before a crossing can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from ownership.domain.kinds import kind_of
from ownership.filters import AssetFilter
from ownership.models import Asset
from ownership.queries.unclear import roles_of, unclear_assets
from portal.core.api.viewsets import ReadViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class UnclearRoleShown(serializers.Serializer[Asset]):
    """`discipline` is empty where nobody has said it; else `pattern` has no answer for it."""

    asset = serializers.CharField(source="slug")
    kind = serializers.SerializerMethodField()
    tier = serializers.IntegerField(allow_null=True)
    owner = serializers.SerializerMethodField()
    discipline = serializers.SerializerMethodField()
    team = serializers.SerializerMethodField()
    pattern = serializers.SerializerMethodField()

    def get_kind(self, asset: Asset) -> str:
        return kind_of(asset.kind).name

    def get_owner(self, asset: Asset) -> str:
        return str(self._role(asset).key)

    def get_discipline(self, asset: Asset) -> str:
        return str(self._role(asset).craft)

    def get_team(self, asset: Asset) -> str | None:
        team: str | None = self._role(asset).team
        return team

    def get_pattern(self, asset: Asset) -> str:
        return str(self._role(asset).pattern_slug)

    def _role(self, asset: Asset) -> Any:
        return self.context["roles"][asset.pk]


class UnclearRoleViewSet(ReadViewSet):
    """By name; filters as those of assets."""

    serializer_class = UnclearRoleShown
    order = ("name",)
    filterset_class = AssetFilter
    scopes = {"read": "ownership:read"}

    def get_queryset(self) -> QuerySet[Asset]:
        return unclear_assets(self.request.user, self.at)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who is accountable, what they are said to be, and the pattern that asks."""
        del request, args, kwargs
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        roles = roles_of([asset.pk for asset in rows], self.at)
        context = dict(self.get_serializer_context()) | {"roles": roles}
        shown = self.get_serializer([asset for asset in rows if asset.pk in roles], many=True, context=context)
        return self.get_paginated_response(shown.data)
