"""`/api/v1/owners`: who owns many assets at once, in three queries whatever the number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.shown import holders
from ownership.api.times import instant_of
from ownership.policies import assets as policy
from ownership.queries.assets import assets_by_keys
from ownership.queries.owners import owners_at, with_inherited
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.domain.parties import Owners
    from ownership.models import Asset

MOST_KEYS = 1000


class LookupInput(serializers.Serializer[Any]):
    """Keys are slugs, public ids or `alias:<system>:<key>`; `at` is an instant, now when left out."""

    keys = serializers.ListField(child=serializers.CharField(max_length=1100), max_length=MOST_KEYS, min_length=1)
    at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class OwnersShown(serializers.Serializer[Any]):
    """By key: the slug and the holders, or null for a key nobody knows."""

    at = serializers.DateTimeField()
    assets = serializers.DictField()


ASKED = [
    OpenApiParameter("asset", str, required=True, many=True, description="Keys of assets, up to 1,000"),
    OpenApiParameter("at", OpenApiTypes.DATETIME, description="An instant of the past"),
]


class OwnersViewSet(ActionViewSet):
    """Owners by key."""

    serializer_class = OwnersShown
    order = ("name",)
    scopes = {"read": "ownership:read", "write": "ownership:read"}
    inputs = {"lookup": LookupInput}
    query_parameters = frozenset({"asset", "at"})

    def get_queryset(self) -> QuerySet[Asset]:
        return policy.visible_to(self.request.user)

    @extend_schema(parameters=ASKED, responses=forced_singular_serializer(OwnersShown))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """`?asset=..&asset=..`, up to 1,000, and `?at=` for an instant of the past."""
        del args, kwargs
        keys = request.query_params.getlist("asset")
        if not 0 < len(keys) <= MOST_KEYS:
            raise DomainError("ownership.limit_keys", f"Name 1 to {MOST_KEYS:,} assets as asset=.", "asset")
        given = request.query_params.get("at", "")
        return self._answer(keys, instant_of(given) if given else self.at)

    @action(detail=False, methods=["post"])
    def lookup(self, request: Request) -> Response:
        """The same for keys in the body; changes nothing."""
        del request
        given = self.read(LookupInput)
        return self._answer(given["keys"], given["at"] or self.at)

    def _answer(self, keys: Any, at: datetime) -> Response:
        found = assets_by_keys(keys, self.request.user)
        owners = owners_at({asset.pk for asset in found.values()}, at)
        shown = {key: _shown(asset, with_inherited(asset, owners[asset.pk])) for key, asset in found.items()}
        return Response({"at": at, "assets": {key: shown.get(key) for key in keys}})


def _shown(asset: Asset, owners: Owners) -> dict[str, Any]:
    inherited = owners.inherited.slug if owners.inherited else None
    return {
        "slug": asset.slug, "basis": owners.basis, "inherited_team": inherited, "owners": holders(owners.holders),
    }  # fmt: skip
