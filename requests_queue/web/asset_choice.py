"""An asset to tick on the request form: what it is, who takes care of it, and whether it is broken now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.queries.incidents import open_incidents
from ownership.domain.kinds import kind_of
from ownership.queries.owners import current_owners, with_inherited
from ownership.queries.status import standings_of
from portal.core.web.presentation import Link, duration_words, when
from requests_queue.queries.incidents import next_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.models import Incident
    from ownership.domain.freshness import Standing
    from ownership.domain.parties import Owners
    from ownership.models import Asset


@dataclass(frozen=True)
class AssetChoice:
    """A box to tick: `line` says kind, owner and backup; `fresh` how fresh it is; `incident` is what is open on it."""

    key: str
    slug: str
    name: str
    line: str
    fresh: str
    is_late: bool
    incident: Link | None


def choices_of(assets: Sequence[Asset], viewer: Any, at: datetime) -> list[AssetChoice]:
    """The boxes in the order of the assets; at most three queries, four where one is broken, none without assets."""
    if not assets:
        return []
    owners = current_owners([asset.pk for asset in assets])
    broken = {one.root_asset_id: one for one in open_incidents([asset.pk for asset in assets], viewer)}
    told = next_words(broken.values(), at) if broken else {}
    stands = standings_of(assets, at)
    found = []
    for asset in assets:
        one = broken.get(asset.pk)
        incident = _incident(one, told.get(one.pk), viewer.zone, at) if one is not None else None
        line = f"{kind_of(asset.kind).label} · {_owner_words(with_inherited(asset, owners[asset.pk]))}"
        fresh, is_late = _fresh_words(stands[asset.pk], viewer.zone, at), stands[asset.pk].is_late
        found.append(AssetChoice(str(asset.pk), asset.slug, asset.name, line, fresh, is_late, incident))
    return found


def _fresh_words(one: Standing, zone: str, at: datetime) -> str:
    """Late since when, or when it last landed and within what; "" where nobody has ever said."""
    if one.is_late and one.since is not None:
        return f"late since {when(one.since, zone, at).text}"
    if one.last_landed_at is None:
        return ""
    promise = f", promised every {duration_words(one.promise.total_seconds())}" if one.promise is not None else ""
    return f"fresh, landed {when(one.last_landed_at, zone, at).text}{promise}"


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
