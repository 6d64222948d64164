"""What incidents say about an asset: the open one (contribution `asset.incident`), and who has mended it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.models import Alert
from oncall.policies import incidents_visible_to
from oncall.queries.incidents import open_incidents
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

YEAR = timedelta(days=365)


def incidents_of_assets(asset_ids: Collection[int], viewer: Any, at: datetime) -> dict[int, str]:
    """By asset the number of its oldest open incident that the viewer may see; two queries."""
    del at
    rows = {row.pk: row for row in reversed(open_incidents(asset_ids, viewer))} if asset_ids else {}
    touched = Alert.objects.filter(incident__in=rows, asset__in=asset_ids).values_list("incident", "asset")
    pairs = [(pk, row.root_asset_id) for pk, row in rows.items()] + list(touched if rows else ())
    newest_first = sorted(pairs, key=lambda pair: (rows[pair[0]].opened_at, pair[0]), reverse=True)
    return {asset_id: rows[pk].number for pk, asset_id in newest_first if asset_id is not None}


def menders_of(asset_id: int, viewer: Any, at: datetime) -> list[Person]:
    """The bus factor of an asset: active people who resolved an incident there in 12 months, by name; one query.

    Counts what the viewer may see (spec oncall 5).
    """
    mended = incidents_visible_to(viewer).filter(
        root_asset=asset_id, resolved_at__gt=at - YEAR, resolved_at__lte=at, resolved_by__isnull=False
    )
    return list(Person.objects.filter(pk__in=mended.values("resolved_by"), state="active").order_by("name", "handle"))


def bus_factor_words(people: Collection[Person]) -> str:
    """Who could mend it tonight from experience, in a sentence."""
    if not people:
        return "Bus factor 0: nobody has resolved an incident here in 12 months."
    names = ", ".join(person.name for person in people)
    return f"Bus factor {len(people)}: resolved an incident here in 12 months: {names}."
