"""What somebody worked on last: the way back from an empty search (spec site 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.policies import incidents_visible_to
from ownership.policies import assets
from portal.accounts.models import Follow
from portal.core.models import AuditEntry
from portal.core.registries import Hit
from requests_queue.policies import visible_to as requests_visible_to

if TYPE_CHECKING:
    from collections.abc import Collection

MOST = 5
LOOKED_AT = 200
ASSET, REQUEST, INCIDENT = "ownership.asset", "requests_queue.datarequest", "oncall.incident"
FOLLOWED = {ASSET: "asset", INCIDENT: "incident"}


def recent_hits(viewer: Any) -> list[Hit]:
    """The five things last changed by the viewer that they may see, newest first; at most four queries.

    A page that is only read leaves no trace, so looking at something does not bring it here.
    """
    rows = AuditEntry.objects.filter(actor=viewer, compartment="", object_type__in=[ASSET, REQUEST, INCIDENT])
    found = rows.order_by("-id").values_list("object_type", "object_id")[:LOOKED_AT]
    order = list(dict.fromkeys((kind, int(pk)) for kind, pk in found if pk.isdecimal()))[: MOST * 2]
    hits = {
        key: hit
        for kind, read in ((ASSET, _assets), (REQUEST, _requests), (INCIDENT, _incidents))
        for key, hit in read(viewer, [pk for of, pk in order if of == kind]).items()
    }
    return [hits[key] for key in order if key in hits][:MOST]


def followed_keys(viewer: Any) -> set[str]:
    """Keys of the hits whose things the viewer follows; one query."""
    rows = Follow.objects.filter(person=viewer, subject_type__in=FOLLOWED)
    return {f"{FOLLOWED[kind]}:{pk}" for kind, pk in rows.values_list("subject_type", "subject_id")}


def _assets(viewer: Any, ids: Collection[int]) -> dict[tuple[str, int], Hit]:
    rows = assets.visible_to(viewer).filter(pk__in=ids).values_list("pk", "name", "slug") if ids else []
    return {(ASSET, pk): _hit("asset", pk, name, "Asset", f"/assets/{slug}", "database") for pk, name, slug in rows}


def _requests(viewer: Any, ids: Collection[int]) -> dict[tuple[str, int], Hit]:
    rows = requests_visible_to(viewer).filter(pk__in=ids, is_private=False).only("title", "number") if ids else []
    return {
        (REQUEST, row.pk): _hit("request", row.pk, row.title, row.number, row.get_absolute_url(), "inbox")
        for row in rows
    }


def _incidents(viewer: Any, ids: Collection[int]) -> dict[tuple[str, int], Hit]:
    rows = incidents_visible_to(viewer).filter(pk__in=ids) if ids else []
    return {
        (INCIDENT, row.pk): _hit("incident", row.pk, row.title, row.number, row.get_absolute_url(), "siren")
        for row in rows
    }


def _hit(kind: str, pk: int, label: str, line: str, url: str, icon: str) -> Hit:
    return Hit(f"{kind}:{pk}", label, line, url, icon, (0, 0), kind)
