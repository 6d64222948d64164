"""Blocks of this room on other pages, search hits, and answers of the palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from ownership.domain.kinds import kind_of
from ownership.domain.states import State
from ownership.models import Ownership
from ownership.queries.assets import search_assets
from ownership.queries.owners import accountable_assets, current_owners
from ownership.queries.parties import leading
from portal.core.registries import Hit, Need
from portal.core.web.presentation import Badge, Row

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Person

ON_MY_DAY = 5


@dataclass(frozen=True)
class MyAssets:
    """What the person is accountable for, most important first."""

    rows: tuple[Row, ...]
    all_url: str


def my_assets(subject: Any, viewer: Person, at: datetime) -> MyAssets | None:
    """The assets of the person's own; None when there is none."""
    del subject, at
    found = list(accountable_assets(viewer, (), ON_MY_DAY))
    if not found:
        return None
    return MyAssets(tuple(_row(asset) for asset in found), f"{reverse('assets_list')}?owner={viewer.handle}")


def _row(asset: Asset) -> Row:
    kind = kind_of(asset.kind)
    tier = f" · tier {asset.tier}" if asset.tier else ""
    return Row(
        asset.name, reverse("assets_detail", args=[asset.slug]), icon=kind.icon, badges=[Badge(kind.label + tier)]
    )


def find_assets(query: str, viewer: Any, limit: int) -> list[Hit]:
    """Search hits with the owner in the line."""
    found = search_assets(query, viewer, limit)
    owners = current_owners([asset.pk for asset in found])
    return [_hit(asset, owners[asset.pk].primary, query) for asset in found]


def who_owns(match: re.Match[str], viewer: Any, at: datetime) -> Hit | None:
    """The palette's "who owns fct_orders": the answer itself."""
    del at
    found = search_assets(match["name"], viewer, 1)
    if not found:
        return None
    asset = found[0]
    held = current_owners([asset.pk])[asset.pk].primary
    return Hit(
        key=f"owner:{asset.pk}",
        label=f"Who owns {asset.name}?",
        line=f"{held.party.name}, {held.role}" if held else "Nobody yet",
        url=reverse("assets_detail", args=[asset.slug]),
        icon="user-round",
        rank=(0, 0),
        kind="answer",
    )


def asked_of_me(viewer: Person, at: datetime) -> Sequence[Need]:
    """Proposals that wait for this person's yes or no."""
    led = leading(viewer, at).values("team_id")
    rows = Ownership.objects.filter(Q(person=viewer) | Q(team_id__in=led), state=State.PROPOSED.value)
    return [
        Need(
            subject=row.asset.name,
            sentence="You are asked to own this.",
            verb="Answer",
            url=f"{reverse('assets_detail', args=[row.asset.slug])}#owners",
            due_at=None,
            since=row.recorded_at,
        )
        for row in rows.select_related("asset").order_by("recorded_at")[:50]
    ]


def _hit(asset: Asset, held: Any, query: str) -> Hit:
    kind = kind_of(asset.kind)
    is_exact = query.strip().lower() in {asset.name.lower(), asset.slug}
    owner = f"{held.party.name} · {held.role}" if held else "nobody owns it"
    return Hit(
        key=f"asset:{asset.pk}",
        label=asset.name,
        line=f"{kind.label} · {owner}",
        url=reverse("assets_detail", args=[asset.slug]),
        icon=kind.icon,
        rank=(0 if is_exact else 2, 0 if asset.tier == 1 else 1),
        kind="asset",
    )
