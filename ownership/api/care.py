"""Who in fact takes care of an asset, for programs: `/api/v1/assets/{id}/care`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.domain.shadow import LEAST_SUM
from ownership.queries.asset_page import PUBLIC_ACTS
from ownership.queries.care import care_of, is_concerned

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from ownership.domain.shadow import Share
    from ownership.queries.care import Care


MOST_ACTS = 200


class CareShareShown(serializers.Serializer[Any]):
    """A party with the sum of what stands for it, decayed, and how many traces."""

    party = serializers.CharField()
    name = serializers.CharField()
    weight = serializers.DecimalField(max_digits=8, decimal_places=2)
    traces = serializers.IntegerField()


class CareActShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    party = serializers.CharField(allow_null=True)
    ref = serializers.CharField()


class CareShown(serializers.Serializer[Any]):
    """`is_named` false: the caller is neither party nor leads one; the acts are there, the names are not."""

    accountable = serializers.CharField(allow_null=True)
    is_named = serializers.BooleanField()
    effective = CareShareShown(allow_null=True)
    looks_after_it = CareShareShown(allow_null=True)
    shares = CareShareShown(many=True)
    acts = CareActShown(many=True)


class AssetCare:
    """Mixed into the viewset of assets."""

    get_object: Any
    at: datetime

    @extend_schema(responses=CareShown)
    @action(detail=True, methods=["get"])
    def care(self, request: Request, key: str) -> Response:
        """Who in fact takes care of it: acts of 400 days, and `looks_after_it` where another has for 30 days."""
        del key
        asset = self.get_object()
        found = care_of([asset.pk], self.at)[asset.pk]
        return Response(CareShown(_shown(found, names=is_concerned(found, request.user, self.at))).data)


def _shown(care: Care, *, names: bool) -> dict[str, Any]:
    shares = [_share(care, share) for share in care.shares if share.party in care.parties] if names else []
    leads = names and care.shares and care.shares[0].total >= LEAST_SUM
    return {
        "accountable": care.accountable.slug if care.accountable else None,
        "is_named": names,
        "effective": shares[0] if leads else None,
        "looks_after_it": _share(care, care.shadow) if names and care.shadow else None,
        "shares": shares,
        "acts": [
            {
                "kind": done.event.kind,
                "at": done.event.at,
                "party": care.parties[done.event.party].slug if names else None,
                "ref": done.event.ref if names and done.event.kind in PUBLIC_ACTS else "",
            }
            for done in care.done[:MOST_ACTS]
        ],
    }


def _share(care: Care, share: Share) -> dict[str, Any]:
    party = care.parties[share.party]
    return {"party": party.slug, "name": party.name, "weight": share.total, "traces": share.events}
