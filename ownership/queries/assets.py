"""Finding assets (spec ownership 18, 19)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity
from django.db.models import Count, Exists, F, OuterRef, Q, Value

from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, AssetAlias, Ownership
from ownership.policies import assets as policy
from portal.core.limits import SEARCH_CHARACTERS, SEARCH_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

WORDS = re.compile(r"\w+")
FEW = 5
ALIKE = 0.4
ALIAS = "alias:"
MERGES_FOLLOWED = 5
EXACT_UP_TO = 10_000


def has_primary() -> Exists:
    """Whether somebody is accountable now."""
    return Exists(
        Ownership.objects.filter(
            asset=OuterRef("pk"),
            duty=Duty.TECHNICAL,
            rank=PRIMARY,
            state=State.ACCEPTED.value,
            valid__upper_inf=True,
        )
    )


def listed_assets(viewer: Any) -> QuerySet[Asset]:
    """The assets of the list, retired ones left out; what only the search reads stays in the database."""
    return policy.visible_to(viewer).filter(retired_at=None).defer("search", "alias_text", "column_text")


def assets_by_slug(slugs: Iterable[str], viewer: Any) -> dict[str, Asset]:
    """The visible assets of these slugs."""
    return {asset.slug: asset for asset in policy.visible_to(viewer).filter(slug__in=list(slugs))}


def asset_by_key(key: str, viewer: Any) -> Asset | None:
    """The asset of a public id, a slug, an earlier slug, or `alias:<system>:<key>`; a merged one leads to its heir."""
    found = _by_any_name(key, policy.visible_to(viewer).select_related("domain", "merged_into__domain", "documents"))
    for _ in range(MERGES_FOLLOWED):
        if found is None or found.merged_into is None:
            break
        found = found.merged_into
    return found


def assets_by_keys(keys: Iterable[str], viewer: Any) -> dict[str, Asset]:
    """Many at once, keys as in `asset_by_key`; at most 2 queries, and keys nobody knows are left out."""
    wanted = list(dict.fromkeys(keys))
    rows = policy.visible_to(viewer).select_related("domain__default_team", "merged_into__domain__default_team")
    ids = {key: uuid for key in wanted if (uuid := _uuid(key)) is not None}
    found: dict[str, Asset] = {}
    for asset in rows.filter(Q(slug__in=wanted) | Q(public_id__in=list(ids.values()))):
        found[asset.slug] = found[str(asset.public_id)] = asset.merged_into or asset
    rest = [key for key in wanted if str(ids.get(key, key)) not in found]
    found |= _by_aliases(rest, rows) if rest else {}
    named = {key: found.get(str(ids.get(key, key))) for key in wanted}
    return {key: asset for key, asset in named.items() if asset is not None}


def _by_aliases(keys: list[str], rows: QuerySet[Asset]) -> dict[str, Asset]:
    """Earlier slugs, and `alias:<system>:<key>`."""
    names = {key: tuple(key.removeprefix(ALIAS).partition(":")[::2]) for key in keys if key.startswith(ALIAS)}
    names |= {key: ("slug", key) for key in keys if key not in names}
    systems, texts = {system for system, _ in names.values()}, {name for _, name in names.values()}
    named = rows.filter(aliases__system__in=systems, aliases__key__in=texts).annotate(
        named_in=F("aliases__system"), named=F("aliases__key")
    )
    known = {(asset.named_in, asset.named): asset.merged_into or asset for asset in named}
    return {key: known[name] for key, name in names.items() if name in known}


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def _by_any_name(key: str, visible: QuerySet[Asset]) -> Asset | None:
    if key.startswith(ALIAS):
        system, _, name = key.removeprefix(ALIAS).partition(":")
        return visible.filter(aliases__system=system, aliases__key=name).first()
    try:
        return visible.filter(public_id=UUID(key)).first()
    except ValueError:
        return visible.filter(slug=key).first() or visible.filter(aliases__system="slug", aliases__key=key).first()


def matching(rows: QuerySet[Asset], text: str) -> QuerySet[Asset]:
    """Rows that hold every word of the text, the last ones as beginnings; at most 10 words of 200 characters."""
    words = WORDS.findall(text[:SEARCH_CHARACTERS])[:SEARCH_WORDS]
    if not words:
        unranked = rows.annotate(score=Value(0.0))
        return unranked.none() if text.strip() else unranked
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    return rows.filter(search=query).annotate(score=SearchRank(F("search"), query))


def search_assets(query: str, viewer: Any, limit: int = 10) -> list[Asset]:
    """The best hits: exact names first, then full text, and names that look alike only when fewer than 5 are found."""
    text = query.strip()[:SEARCH_CHARACTERS]
    if not text:
        return []
    rows = listed_assets(viewer).select_related("domain")
    exact = list(rows.filter(Q(name__iexact=text) | Q(slug=text.lower()))[:limit])
    known = {asset.pk for asset in exact}
    found = exact + list(
        matching(rows, text).exclude(pk__in=known).order_by(F("score").desc(), "name", "pk")[: limit - len(exact)]
    )
    if len(found) < min(FEW, limit):
        known = {asset.pk for asset in found}
        alike = rows.filter(name__trigram_similar=text).annotate(alike=TrigramSimilarity("name", text))
        found += list(
            alike.filter(alike__gte=ALIKE).exclude(pk__in=known).order_by("-alike", "pk")[: limit - len(found)]
        )
    return found


@dataclass
class _Counted:
    """What this process counted last, and in which minute."""

    minute: int = 0
    counts: dict[str, int] = field(default_factory=dict)


_counted = _Counted()


def register_counts(viewer: Any, at: datetime) -> dict[str, int]:
    """Assets in all, without an owner, of tier 1. Exact; above 10,000 assets at most a minute old."""
    minute = int(at.timestamp()) // 60
    if minute != _counted.minute or _counted.counts.get("assets", 0) <= EXACT_UP_TO:
        _counted.minute, _counted.counts = minute, _counts(viewer)
    return _counted.counts


def _counts(viewer: Any) -> dict[str, int]:
    """One query over the whole register."""
    rows = listed_assets(viewer)
    return rows.aggregate(
        assets=Count("pk"),
        without_owner=Count("pk", filter=~Q(has_primary()) & Q(unowned_until=None)),
        tier_one=Count("pk", filter=Q(tier=1)),
    )


def files_of_code() -> list[tuple[int, str, str]]:
    """(asset id, repository, path) of every live asset that a file of code makes."""
    rows = Asset.objects.filter(retired_at=None).exclude(file_path="")
    return list(rows.order_by("pk").values_list("pk", "repo", "file_path"))


def aliases_of(asset_id: int) -> list[AssetAlias]:
    """Every name of the asset in every system."""
    return list(
        AssetAlias.objects.filter(asset_id=asset_id)
        .exclude(system="dbt-test")
        .select_related("source")
        .order_by("system", "key")[:50]
    )
