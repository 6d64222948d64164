"""Names, columns, merging, retiring: the rarer acts on one asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.status import StandingShown
from ownership.domain.contracts import contract
from ownership.domain.experiments import Experiment
from ownership.models import AssetAlias
from ownership.queries.assets import ALIAS, aliases_of, asset_by_key
from ownership.queries.contracts import dataset_of
from ownership.queries.status import standing_of
from ownership.services.assets import free_slugs
from ownership.services.experiments import describe_experiment
from ownership.services.keeping import retire_asset, set_unowned
from ownership.services.merging import add_alias, merge_assets, split_alias
from portal.core.errors import DomainError, NotVisible

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rest_framework.request import Request

    from ownership.models import Asset

MOVED = 308
MOST_COLUMNS = 2000


class MergeInput(serializers.Serializer[Any]):
    """`asset` is the key of the entry that becomes a part of this one."""

    asset = serializers.CharField(max_length=1100)


class RetireInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class UnownedInput(serializers.Serializer[Any]):
    """A day at most 180 days ahead, or null to take it back."""

    until = serializers.DateField(allow_null=True)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class ExperimentInput(serializers.Serializer[Any]):
    """Both days included; null or "" where it is not known."""

    starts_on = serializers.DateField(required=False, default=None, allow_null=True)
    ends_on = serializers.DateField(required=False, default=None, allow_null=True)
    decision = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class AliasInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=1000)


class SplitInput(serializers.Serializer[Any]):
    system = serializers.CharField(max_length=20)
    key = serializers.CharField(max_length=1000)


class CorrectionInput(serializers.Serializer[Any]):
    """When a row of the past really held; `until` null: it still holds."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, required=False, default=None)
    reason = serializers.CharField(max_length=500)


class AssetKeeping:
    """Mixed into the viewset of assets."""

    inputs: Any = {
        "merge": MergeInput, "retire": RetireInput, "unowned": UnownedInput, "aliases": AliasInput,
        "split": SplitInput, "experiment": ExperimentInput,
    }  # fmt: skip
    get_object: Any
    read: Any
    shown_asset: Callable[[Asset], Response]
    at: datetime

    def moved(self, key: str, asset: Asset) -> Response | None:
        """308 to the asset that a merged or renamed one has become; None when the key is its own."""
        if key in {asset.slug, str(asset.public_id)} or key.startswith(ALIAS):
            return None
        return Response({"slug": asset.slug}, status=MOVED, headers={"Location": f"/api/v1/assets/{asset.slug}"})

    @action(detail=True, methods=["get"])
    def columns(self, request: Request, key: str) -> Response:
        """The columns in their order."""
        del request, key
        rows = self.get_object().columns.order_by("n")[:MOST_COLUMNS]
        return Response({"columns": list(rows.values("name", "type", "description"))})

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def contract(self, request: Request, key: str) -> Response:
        """The dataset as an open data contract (ODCS 3.1.0) with everybody who ever owned it."""
        del request, key
        return Response(contract(dataset_of(self.get_object())))

    @action(detail=True, methods=["post"])
    def experiment(self, request: Request, key: str) -> Response:
        """When it runs and what was decided; shown in `attrs.experiment`. It retires 90 days after its end."""
        del key
        told = Experiment(**self.read(ExperimentInput))
        return self.shown_asset(
            describe_experiment(actor=_actor(request), asset=self.get_object(), told=told, at=self.at)
        )

    @action(detail=True, methods=["get"])
    def status(self, request: Request, key: str) -> Response:
        """Late or not and since when, the last landing, the promise, and the share of good results of 90 days."""
        del key
        return Response(StandingShown(standing_of(self.get_object(), request.user, self.at)).data)

    @action(detail=True, methods=["get", "post"])
    def aliases(self, request: Request, key: str) -> Response:
        """Its names in every system; POST adds one that people use."""
        del key
        asset = self.get_object()
        if request.method == "POST":
            add_alias(actor=_actor(request), asset=asset, key=self.read(AliasInput)["key"], at=self.at)
        names = [
            {"system": alias.system, "key": alias.key, "last_seen": alias.last_seen} for alias in aliases_of(asset.pk)
        ]
        return Response({"aliases": names}, status=201 if request.method == "POST" else 200)

    @action(detail=True, methods=["post"])
    def split(self, request: Request, key: str) -> Response:
        """A name that never meant this asset gets one of its own."""
        del key
        asset, given = self.get_object(), self.read(SplitInput)
        alias = AssetAlias.objects.filter(asset=asset, **given).first()
        if alias is None:
            raise DomainError("ownership.unknown_alias", "It has no such name.", "key")
        return self.shown_asset(
            split_alias(actor=_actor(request), alias=alias, slug=free_slugs([asset.slug])[0], at=self.at)
        )

    @action(detail=True, methods=["post"])
    def merge(self, request: Request, key: str) -> Response:
        """Another entry becomes a part of this one; undone from the change log for 30 days."""
        del key
        asset = self.get_object()
        gone = asset_by_key(self.read(MergeInput)["asset"], request.user)
        if gone is None:
            raise DomainError("ownership.unknown_asset", "There is no such asset.", "asset")
        merge_assets(actor=_actor(request), kept=asset, gone=gone, at=self.at)
        asset.refresh_from_db()
        return self.shown_asset(asset)

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, key: str) -> Response:
        """It is gone; its history stays."""
        del key
        reason = self.read(RetireInput)["reason"]
        return self.shown_asset(retire_asset(actor=_actor(request), asset=self.get_object(), reason=reason, at=self.at))

    @action(detail=True, methods=["post"])
    def unowned(self, request: Request, key: str) -> Response:
        """Nobody owns it on purpose, until a day."""
        del key
        given = self.read(UnownedInput)
        return self.shown_asset(set_unowned(actor=_actor(request), asset=self.get_object(), **given, at=self.at))


def _actor(request: Request) -> Any:
    """The person behind the session or token."""
    if not request.user.is_authenticated:
        raise NotVisible
    return request.user
