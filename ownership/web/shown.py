"""Assets and holders as ready strings for pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ownership.domain.kinds import kind_of
from ownership.domain.shadow import ACT_WORDS
from ownership.domain.states import Lifecycle
from portal.core.web.presentation import Badge, Link, OwnerChip, Row, When, when

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.domain.parties import Holder, Owners, Party
    from ownership.models import Asset
    from ownership.queries.asset_page import Trace

LIFECYCLE_CSS = {Lifecycle.DEPRECATED: "warn", Lifecycle.MIGRATING: "warn", Lifecycle.RETIRED: "bad"}
LISTED = ("pk", "slug", "name", "kind", "tier", "lifecycle", "domain__name")


def asset_url(slug: str) -> str:
    return f"/assets/{slug}"


def party_url(party: Party) -> str:
    """The page of the person or the team."""
    return f"/people/{party.slug}" if party.person_id is not None else f"/teams/{party.slug}"


def owner_chip(owners: Owners, slug: str, craft: str = "") -> OwnerChip:
    """The primary with the role as a word; nobody leads to claim or nominate."""
    held = owners.primary
    if held is None:
        return OwnerChip("Nobody", "", f"{asset_url(slug)}#owners", is_nobody=True)
    return OwnerChip(f"{held.party.name} · {held.role}", held.party.craft or craft, party_url(held.party))


def asset_badges(asset: Asset) -> list[Badge]:
    return list(_badges(asset.kind, asset.tier, asset.lifecycle))


@lru_cache(maxsize=1000)
def _badges(code: int, tier: int | None, lifecycle: str) -> tuple[Badge, ...]:
    kind = kind_of(code)
    badge = Badge(kind.label + (f" · tier {tier}" if tier else ""), "gray", kind.icon)
    if lifecycle == Lifecycle.ACTIVE:
        return (badge,)
    return badge, Badge(lifecycle, LIFECYCLE_CSS.get(Lifecycle(lifecycle), "line"))


def asset_row(listed: Any, owners: Owners) -> Row:
    """One line of a list; `listed` is a row of the columns `LISTED`, since of a long list no objects are made."""
    kind = kind_of(listed.kind)
    held = owners.primary
    facts = [listed.domain__name] if listed.domain__name else []
    if held is not None:
        facts += _standing_words(held)
    backups = ", ".join(backup.party.name for backup in owners.backups)
    return Row(
        title=listed.name,
        url=asset_url(listed.slug),
        icon=kind.icon,
        badges=_badges(listed.kind, listed.tier, listed.lifecycle),
        owner=owner_chip(owners, listed.slug, kind.craft),
        facts=facts,
        side=f"backup {backups}" if backups else "no backup" if held else "",
    )


def holder_row(held: Holder, zone: str, at: datetime) -> Row:
    """A holder with the role word and since when, for the history."""
    facts: list[str | When] = ["since", when(held.since, zone, at)] if held.since else []
    if held.until:
        facts += ["until", when(held.until, zone, at)]
    if held.state == "accepted":
        facts += _standing_words(held)
    return Row(
        title=held.party.name,
        url=party_url(held.party),
        icon="user-round" if held.party.person_id is not None else "users",
        badges=[Badge(held.role, held.party.craft or "line")],
        facts=facts,
    )


def trace_rows(traces: Iterable[Trace], zone: str, at: datetime) -> list[Row]:
    """What people did on an asset: who, what and when."""
    return [
        Row(
            trace.name,
            f"/people/{trace.handle}",
            icon="history",
            facts=[ACT_WORDS[trace.kind], when(trace.at, zone, at)],
            action=Link("Look", trace.url) if trace.url else None,
        )
        for trace in traces
    ]


def _standing_words(held: Holder) -> list[str]:
    """Whether the holder only stands in, or has not said yes to what a file declares."""
    if held.is_acting:
        return ["acting since the owner left, not yet confirmed"]
    if not held.is_confirmed and held.source_name:
        return [f"declared in {held.source_name}, not yet confirmed"]
    return []
