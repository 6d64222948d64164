"""What the API reads and shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from ownership.domain.kinds import kind_of
from ownership.domain.parties import Owners
from ownership.domain.states import DUTY_WORDS, LAST_RANK, Duty
from ownership.models import Asset, Ownership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ownership.domain.parties import Holder
    from ownership.queries.lineage_page import Neighbourhood

DUTIES = [(duty.value, word) for duty, word in DUTY_WORDS.items()]


class AssetInput(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=20_000, required=False, default="", allow_blank=True)
    grain = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    pitfalls = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    tier = serializers.IntegerField(min_value=1, max_value=4, required=False, default=None, allow_null=True)
    domain = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    relation = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    documents = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    repo = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    file_path = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class AssetChange(serializers.Serializer[Any]):
    """Any of these."""

    name = serializers.CharField(max_length=255, required=False)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    grain = serializers.CharField(max_length=500, required=False, allow_blank=True)
    pitfalls = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    tier = serializers.IntegerField(min_value=1, max_value=4, required=False, allow_null=True)
    domain = serializers.CharField(max_length=120, required=False, allow_blank=True)
    lifecycle = serializers.CharField(max_length=12, required=False)
    relation = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    documents = serializers.CharField(max_length=200, required=False, allow_blank=True)
    repo = serializers.CharField(max_length=300, required=False, allow_blank=True)
    file_path = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class NominationInput(serializers.Serializer[Any]):
    """A person's handle or a team's slug, not both; rank 1 is the primary."""

    person = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    team = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    duty = serializers.ChoiceField(choices=DUTIES, default=Duty.TECHNICAL.value)
    rank = serializers.IntegerField(min_value=1, max_value=LAST_RANK, default=1)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class AssetShown(serializers.Serializer[Asset]):
    """An asset with its holders; `owners` come from the view in one query."""

    id = serializers.UUIDField(source="public_id")
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.SerializerMethodField()
    tier = serializers.IntegerField(allow_null=True)
    domain = serializers.CharField(source="domain.slug", default=None)
    lifecycle = serializers.CharField()
    description = serializers.CharField()
    grain = serializers.CharField(help_text="What one row is.")
    pitfalls = serializers.CharField(help_text="What misleads those who do not know it.")
    relation = serializers.CharField()
    repo = serializers.CharField()
    file_path = serializers.CharField()
    documents = serializers.CharField(source="documents.slug", default=None)
    unowned_until = serializers.DateField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    attrs = serializers.JSONField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
    owners = serializers.SerializerMethodField()
    basis = serializers.SerializerMethodField()

    def get_kind(self, asset: Asset) -> str:
        return kind_of(asset.kind).name

    def get_owners(self, asset: Asset) -> list[dict[str, Any]]:
        return holders(self._owners(asset).holders)

    def get_basis(self, asset: Asset) -> str:
        return self._owners(asset).basis

    def _owners(self, asset: Asset) -> Owners:
        found: Mapping[int, Owners] = self.context.get("owners", {})
        return found.get(asset.pk, Owners())


class RowShown(serializers.Serializer[Ownership]):
    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    person = serializers.CharField(source="person.handle", default=None)
    team = serializers.CharField(source="team.slug", default=None)
    duty = serializers.IntegerField()
    rank = serializers.IntegerField()
    state = serializers.CharField()
    origin = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


def holders(found: Iterable[Holder]) -> list[dict[str, Any]]:
    """Holders as plain values; instants in UTC."""
    return [
        {
            "id": held.id,
            "person": held.party.slug if held.party.person_id is not None else None,
            "team": held.party.slug if held.party.team_id is not None else None,
            "name": held.party.name,
            "duty": DUTY_WORDS[Duty(held.duty)],
            "rank": held.rank,
            "role": held.role,
            "state": held.state,
            "origin": held.origin,
            "source": held.source_name or None,
            "is_confirmed": held.is_confirmed,
            "is_acting": held.is_acting,
            "since": held.since,
            "until": held.until,
        }
        for held in found
    ]


def lineage(found: Neighbourhood) -> dict[str, Any]:
    """Nodes and edges by slug; `truncated` and `counts` are always there."""
    seen = found.lineage
    slugs = {node.id: node.slug for node in found.nodes}
    return {
        "nodes": [
            {
                "slug": node.slug,
                "name": node.name,
                "kind": kind_of(node.kind).name,
                "tier": node.tier,
                "side": node.side,
                "distance": node.distance,
                "owner": _primary(found.owners[node.id]),
                "late_since": node.late_since,
                "crosses": node.crosses,
            }
            for node in found.nodes
        ],
        "edges": [
            {"from": slugs[src], "to": slugs[dst], "is_direct": is_direct, "stale_since": seen.stale.get((src, dst))}
            for (src, dst), is_direct in found.edges.items()
        ],
        "more": [{"asset": slugs[id_], "side": side, "count": count} for (id_, side), count in seen.more.items()],
        "counts": {"up": seen.up_count, "down": seen.down_count, "left_out": found.left_out},
        "truncated": seen.is_truncated,
    }


def _primary(owners: Owners) -> str | None:
    return owners.primary.party.slug if owners.primary else None
