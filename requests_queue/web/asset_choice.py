"""An asset to tick on the request form: what it is, who takes care of it, and whether it is broken now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.queries.incidents import open_incidents
from ownership.domain.kinds import kind_of
from ownership.queries.owners import current_owners, with_inherited
from portal.core.web.presentation import Link, when
from requests_queue.queries.incidents import next_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.models import Incident
    from ownership.domain.parties import Owners
    from ownership.models import Asset


@dataclass(frozen=True)
class AssetChoice:
    """A box to tick: `line` says kind, owner and backup; `incident` is what is open on it."""

    key: str
    slug: str
    name: str
    line: str
    incident: Link | None


def choices_of(assets: Sequence[Asset], viewer: Any, at: datetime) -> list[AssetChoice]:
    """The boxes in the order of the assets; at most two queries, three where one is broken, none without assets."""
    if not assets:
        return []
    owners = current_owners([asset.pk for asset in assets])
    broken = {one.root_asset_id: one for one in open_incidents([asset.pk for asset in assets], viewer)}
    told = next_words(broken.values(), at) if broken else {}
    found = []
    for asset in assets:
        one = broken.get(asset.pk)
        incident = _incident(one, told.get(one.pk), viewer.zone, at) if one is not None else None
        line = f"{kind_of(asset.kind).label} · {_owner_words(with_inherited(asset, owners[asset.pk]))}"
        found.append(AssetChoice(str(asset.pk), asset.slug, asset.name, line, incident))
    return found


def _incident(one: Incident, next_word: datetime | None, zone: str, at: datetime) -> Link:
    """Known already: since when, and when the next word comes; its page has the button that follows it."""
    words = f"Known: broken since {when(one.opened_at, zone, at).text}"
    if next_word is not None:
        words += f", next word {when(next_word, zone, at).text}"
    return Link(f"{words}. Follow {one.number}", one.get_absolute_url())


def _owner_words(owners: Owners) -> str:
    if owners.primary is None:
        return owners.inherited.name if owners.inherited is not None else "nobody takes care of it"
    backups = [held.party.name for held in owners.backups]
    return f"{owners.primary.party.name}, backup {backups[0]}" if backups else owners.primary.party.name
