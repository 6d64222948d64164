"""What incidents say about an asset: the open one (contribution `asset.incident`), and who has mended it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from oncall.models import Alert, Incident, IncidentUpdate
from oncall.policies import incidents_visible_to
from oncall.queries.incidents import open_incidents, open_on
from ownership.models import Asset
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

YEAR = timedelta(days=365)


class Named(Protocol):
    """Whoever has a name."""

    @property
    def name(self) -> str: ...


class Mender(NamedTuple):
    name: str


@dataclass(frozen=True)
class Tonight:
    """What burns on an asset, the oldest first, with the last word that was sent of it, and who has mended it."""

    incidents: tuple[tuple[Incident, str], ...]
    menders: tuple[Mender, ...]


def tonight_of(asset_id: int, viewer: Any, at: datetime) -> Tonight:
    """The open incidents of an asset (number and title) and its bus factor, as the viewer may see them; one query."""
    told = IncidentUpdate.objects.filter(incident=OuterRef("pk"), state="sent").order_by("-sent_at")
    open_now = open_on([asset_id], viewer).values(
        row=JSONObject(pk="pk", title="title", told=Subquery(told.values("text")[:1]))
    )
    people = _menders(asset_id, viewer, at).values("name")
    found = Asset.objects.filter(pk=asset_id).values_list(ArraySubquery(open_now), ArraySubquery(people)).first()
    incidents, names = found or ((), ())
    return Tonight(
        tuple((Incident(pk=row["pk"], title=row["title"]), row["told"] or "") for row in incidents),
        tuple(map(Mender, names)),
    )


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
    return list(_menders(asset_id, viewer, at))


def _menders(asset_id: int, viewer: Any, at: datetime) -> QuerySet[Person]:
    mended = incidents_visible_to(viewer).filter(
        root_asset=asset_id, resolved_at__gt=at - YEAR, resolved_at__lte=at, resolved_by__isnull=False
    )
    return Person.objects.filter(pk__in=mended.values("resolved_by"), state="active").order_by("name", "handle")


def bus_factor_words(people: Collection[Named]) -> str:
    """Who could mend it tonight from experience, in a sentence."""
    if not people:
        return "Bus factor 0: nobody has resolved an incident here in 12 months."
    names = ", ".join(person.name for person in people)
    return f"Bus factor {len(people)}: resolved an incident here in 12 months: {names}."
