"""What an open data contract says of an asset: its columns, its owners of all times, and what its own contract said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from ownership.domain.contracts import Dataset, Tenure
from ownership.domain.states import State
from ownership.models import Claim, Ownership

if TYPE_CHECKING:
    from ownership.models import Asset

SYSTEM = "odcs"
MOST_COLUMNS = 2000


def dataset_of(asset: Asset) -> Dataset:
    """The facts of an asset for its contract; five queries.

    An asset that came from a contract keeps its id, its object's name and the names its owners had there.
    """
    key = asset.aliases.filter(system=SYSTEM).order_by("pk").values_list("key", flat=True).first()
    identity, is_object, name = (key or "").partition("#")
    columns = asset.columns.order_by("n").values_list("name", "type", "description")[:MOST_COLUMNS]
    return Dataset(
        identity=identity or str(asset.public_id),
        name=asset.name,
        object_name=name if is_object else "" if key else asset.name,
        lifecycle=asset.lifecycle,
        relation=asset.relation,
        domain=asset.domain.name if asset.domain else "",
        tier=asset.tier,
        description=asset.description,
        grain=asset.grain,
        pitfalls=asset.pitfalls,
        columns=list(columns),
        tenures=_tenures(asset),
        said=asset.attrs.get(SYSTEM, {}),
    )


def _tenures(asset: Asset) -> list[Tenure]:
    """By duty in order of rank and beginning; last what a contract claims and nobody holds."""
    rows = Ownership.objects.filter(asset=asset, state__in=[State.ACCEPTED.value, State.ENDED.value])
    held = rows.select_related("person", "team", "claim__source").order_by("duty", "rank", "valid", "pk")
    claims = Claim.objects.filter(asset=asset, closed_at=None, source__importer=SYSTEM).order_by(
        "duty", "rank", F("valid_from").asc(nulls_first=True), "pk"
    )
    found = [_tenure(row) for row in held]
    known = {row.claim_id for row in held if row.valid.upper is None}
    waiting = [
        Tenure(claim.raw, claim.duty, claim.rank, claim.valid_from, None) for claim in claims if claim.pk not in known
    ]
    return found + waiting


def _tenure(row: Ownership) -> Tenure:
    """A row that a contract gave keeps the name and the day it gave; for others the address people are known by."""
    claim = row.claim if row.claim is not None and row.claim.source.importer == SYSTEM else None
    if claim is not None and row.valid.upper is None:
        return Tenure(claim.raw, row.duty, row.rank, claim.valid_from, None)
    name = row.team.slug if row.team is not None else ""
    if row.person is not None:
        name = row.person.email or row.person.handle
    return Tenure(name, row.duty, row.rank, row.valid.lower, row.valid.upper)
