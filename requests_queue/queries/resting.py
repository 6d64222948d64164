"""What an answer rests on: names in its SQL as assets, and those assets as they stand now (spec faq 2, 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Q, Subquery

from ownership.models import Asset, AssetAlias, Column
from ownership.queries.owners import current_owners
from requests_queue.domain.answering import EntryState, Snapshot, Visibility
from requests_queue.domain.sql_reading import read_sql
from requests_queue.models import FaqDependency, FaqPhrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ownership.domain.parties import Owners

MOST_NAMES = 200


@dataclass(frozen=True)
class Resting:
    """Assets with the columns used of each (none: all count), and the names that stand for no asset."""

    used: Mapping[int, tuple[str, ...]]
    via_sql: frozenset[int]
    unresolved: tuple[str, ...]


def resting_of(sql: str, dialect: str, linked: Sequence[Asset]) -> Resting:
    """The assets named in the SQL and those linked by hand; raises as `read_sql` does."""
    reading = read_sql(sql, dialect)
    names = reading.tables[:MOST_NAMES]
    found = assets_named(names)
    by_asset: dict[int, set[str]] = defaultdict(set)
    for name, asset in found.items():
        by_asset[asset].update(reading.columns.get(name, ()))
    for asset, column in _known_columns(by_asset, reading.loose):
        by_asset[asset].add(column)
    used = {asset: tuple(sorted(columns)) for asset, columns in by_asset.items()}
    used |= {asset.pk: () for asset in linked if asset.pk not in used}
    return Resting(used, frozenset(by_asset), tuple(name for name in names if name not in found))


def assets_named(names: Iterable[str]) -> dict[str, int]:
    """Which asset each name of a table stands for: by relation, else by name, else by an alias; two queries.

    The last part decides where only it is known; a name that fits two assets fits none.
    """
    wanted = {name: name.lower() for name in names}
    if not wanted:
        return {}
    tails = {name: low.rsplit(".", 1)[-1] for name, low in wanted.items()}
    keys = [*wanted.values(), *tails.values(), *wanted, *(name.rsplit(".", 1)[-1] for name in wanted)]
    fits: dict[str, set[int]] = defaultdict(set)
    rows = Asset.objects.filter(retired_at=None).filter(Q(relation__in=keys) | Q(name__in=keys) | Q(slug__in=keys))
    for pk, relation, name, slug in rows.values_list("pk", "relation", "name", "slug"):
        for text in (relation, name, slug):
            if text:
                fits[text.lower()].add(pk)
    aliases = AssetAlias.objects.filter(key__in=keys, asset__retired_at=None)
    for pk, key in aliases.values_list("asset_id", "key"):
        fits[key.lower()].add(pk)
    found = {name: fits.get(low) or fits.get(tails[name]) or set() for name, low in wanted.items()}
    return {name: next(iter(assets)) for name, assets in found.items() if len(assets) == 1}


def columns_named(asset_ids: Collection[int]) -> list[tuple[int, str, str]]:
    """The contribution to `columns.named`: columns that shown answers use, with the question; one read.

    Of answers that everybody may read: an alarm is read by all.
    """
    question = FaqPhrase.objects.filter(entry=OuterRef("answer__entry"), is_canonical=True).values("text")[:1]
    rows = FaqDependency.objects.filter(
        asset__in=asset_ids, answer=F("answer__entry__current"), answer__entry__state=EntryState.PUBLISHED.value,
        answer__entry__visibility=Visibility.ALL.value,
    ).annotate(question=Subquery(question)).order_by("answer")  # fmt: skip
    lines = rows.values_list("asset_id", "columns", "question")
    return [(pk, column, f"“{text or ''}”") for pk, columns, text in lines for column in columns]


def snapshots_of(used: Mapping[int, Sequence[str]]) -> dict[int, Snapshot]:
    """Each asset as it stands, in three queries; an asset that is gone is left out."""
    assets = Asset.objects.in_bulk(list(used))
    columns: dict[int, dict[str, str]] = defaultdict(dict)
    for asset, name, kind in Column.objects.filter(asset__in=assets).values_list("asset_id", "name", "type"):
        columns[asset][name] = kind
    owners = current_owners(assets)
    return {
        pk: Snapshot(
            asset.lifecycle, asset.schema_hash, asset.definition_hash, party_of(owners[pk]), columns[pk],
            _as_declared(used[pk], columns[pk]), asset.name,
        )
        for pk, asset in assets.items()
    }  # fmt: skip


def owner_ids(asset_ids: Iterable[int]) -> dict[int, int]:
    """The person who is primary of each asset; assets of teams and of nobody are left out."""
    held = current_owners(asset_ids)
    return {
        pk: owners.primary.party.person_id
        for pk, owners in held.items()
        if owners.primary is not None and owners.primary.party.person_id is not None
    }


def party_of(owners: Owners) -> int | None:
    """The primary as ownership writes parties: a person's id, or minus the team's."""
    held: Any = owners.primary
    if held is None:
        return None
    return int(held.party.person_id) if held.party.person_id is not None else -int(held.party.team_id)


def _as_declared(used: Sequence[str], columns: Mapping[str, str]) -> tuple[str, ...]:
    """The used columns in the spelling of the register; none of them known means that all count."""
    spelled = {name.lower(): name for name in columns}
    return tuple(sorted({spelled[name.lower()] for name in used if name.lower() in spelled}))


def _known_columns(by_asset: Mapping[int, object], names: Iterable[str]) -> list[tuple[int, str]]:
    wanted = list(names)
    if not wanted:
        return []
    rows = Column.objects.filter(asset__in=list(by_asset), name__in=wanted)
    return list(rows.values_list("asset_id", "name"))
