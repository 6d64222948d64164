"""The first card of an asset: who owns what along the flow, and the boundary that is crossed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from ownership.domain.kinds import DATASET, DOCUMENT, EXPORT, LOGGING_EVENT, MASTER_DATA, PIPELINE, kind_of
from ownership.models import Crossing
from ownership.queries.expected import expected_teams
from ownership.queries.owners import current_owners
from ownership.web.boundary_shown import NOBODY, age_words
from ownership.web.shown import asset_url
from portal.accounts.models import Membership
from portal.core.web.presentation import avatar, count_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.domain.parties import Owners
    from ownership.models import Asset
    from ownership.queries.lineage import Lineage

ROLE_WORDS = {"se": "SE", "de": "DE", "ae": "AE", "an": "Analyst"}
CRAFT_NAMES = {"SE": "software engineering", "DE": "data engineering", "AE": "analytics engineering",
               "DA": "analysts", "DS": "data science"}  # fmt: skip
LOGGING, FLOW, MASTER, DOCUMENTATION, METRICS = "Logging", "Pipeline", "Master data", "Documentation", "Metrics"
STAGES = ((LOGGING, "se"), (FLOW, "de"), (MASTER, "de"), (DOCUMENTATION, "de"), (METRICS, "an"))
STAGE_OF = {
    LOGGING_EVENT.code: LOGGING, EXPORT.code: LOGGING, PIPELINE.code: FLOW, DATASET.code: MASTER,
    MASTER_DATA.code: MASTER, DOCUMENT.code: DOCUMENTATION,
}  # fmt: skip


@dataclass(frozen=True)
class _Face:
    pk: int
    name: str


@dataclass(frozen=True)
class Place:
    """An asset of the neighbourhood as a cell needs it."""

    id: int
    name: str
    kind: int
    is_here: bool


@dataclass(frozen=True)
class CrossingBanner:
    """What crosses here, for how long, whose work it is; never in whose person."""

    title: str
    line: str
    url: str
    handoff_url: str


def places_of(lineage: Lineage, documents: Sequence[tuple[int, str, int]]) -> list[Place]:
    """The neighbourhood, and the documents (id, name, kind) of the asset itself."""
    known = [Place(node.id, node.name, node.kind, node.side == "here") for node in lineage.nodes]
    seen = {place.id for place in known}
    return known + [Place(pk, name, kind, is_here=False) for pk, name, kind in documents if pk not in seen]


def open_here(places: Sequence[Place], at: datetime) -> dict[int, Crossing]:
    """The heaviest open crossing of each asset, with the team of who does the work; one query, none for no places."""
    if not places:
        return {}
    rows = Crossing.objects.filter(
        asset_id__in=[place.id for place in places], valid__upper_inf=True, state__in=["open", "talking", "handover"]
    )
    home = Membership.objects.filter(person=OuterRef("person"), is_main=True, during__contains=at.date())
    found = rows.annotate(
        doing_id=Coalesce("team_id", Subquery(home.values("team_id")[:1]), output_field=BigIntegerField()),
        doing_name=Coalesce("team__name", Subquery(home.values("team__name")[:1])),
    )
    return {row.asset_id: row for row in found.select_related("rule", "asset__domain").order_by("score", "pk")}


def ribbon(
    places: Sequence[Place], owners: Mapping[int, Owners], crossings: Mapping[int, Crossing], slug: str
) -> list[dict[str, Any]]:
    """One cell a stage that this neighbourhood touches: logging, pipeline, master data, documentation, metrics."""
    cells = []
    for stage, craft in STAGES:
        here = [place for place in places if STAGE_OF.get(place.kind, METRICS) == stage]
        if here:
            cells.append(_cell(stage, craft, here, owners, crossings, slug))
    return cells


def _cell(
    stage: str, craft: str, places: list[Place], owners: Mapping[int, Owners], crossings: Mapping[int, Crossing],
    slug: str,
) -> dict[str, Any]:  # fmt: skip
    here = next((place for place in places if place.is_here), None)
    owned = [place for place in places if owners[place.id].primary]
    crossed = [place for place in places if place.id in crossings]
    shown = here or (crossed[0] if crossed else owned[0] if owned else places[0])
    held = owners[shown.id].primary
    backups = [backup.party.name for backup in owners[shown.id].backups]
    own_craft = (held.party.craft if held else "") or craft
    line = f"backup {', '.join(backups)}" if backups else "no backup" if held else ""
    if here is None:
        line = f"{len(owned)} of {count_words(len(places), 'asset')} owned"
    css = f"is-{own_craft}" + (" crossed" if crossed else "" if held else " none")
    return {
        "stage": stage,
        "role": ROLE_WORDS[own_craft],
        "css": css,
        "owner": held.party.name if held else "",
        "face": avatar(_Face(abs(held.party.key), held.party.name)) if held else None,
        "line": line,
        "warn": f"{crossed[0].name} sits with {_craft(crossings[crossed[0].id])}" if crossed else "",
        "url": f"{asset_url(slug)}#owners" if here is not None and held is None else "",
    }


def _craft(row: Crossing) -> str:
    return CRAFT_NAMES.get(row.rule.discipline, "another craft")


def crossing_banner(crossings: Mapping[int, Crossing], asset: Asset, at: datetime) -> CrossingBanner | None:
    """The crossing of the asset itself, else the heaviest beside it; one query if there is one."""
    row: Any = crossings.get(asset.pk) or max(crossings.values(), key=lambda each: (each.score, -each.pk), default=None)
    if row is None:
        return None
    party = expected_teams([row.asset_id], at).get(row.asset_id)
    kind = kind_of(row.asset.kind).label.lower()
    article = "An" if kind[0] in "aeiou" else "A"
    doing = row.doing_name or _craft(row)
    expected = party.name if party is not None and party.team_id != row.doing_id else NOBODY
    craft = _craft(row)
    owned, done = f"{article} {kind} is owned by {craft}.", f"{craft.capitalize()} works on a {kind} of others."
    return CrossingBanner(
        title=owned if row.is_owned else done,
        line=f"{row.asset.name} has been with {doing} for {age_words(row.opened_at, at)}: {row.rule.label}. "
        f"Expected owner: {expected}.",
        url=reverse("boundaries_crossing", args=[row.pk]),
        handoff_url=f"{reverse('handoffs_new')}?crossing={row.pk}",
    )


def ownership_card(
    asset: Asset,
    lineage: Lineage,
    owners: Mapping[int, Owners],
    documents: Sequence[tuple[int, str, int]],
    at: datetime,
) -> dict[str, Any]:
    """The ribbon and the banner; `owners` are those of the lineage, which knows where a boundary is crossed."""
    places = places_of(lineage, documents)
    rest = [place.id for place in places if place.id not in owners]
    known = dict(owners) | (current_owners(rest) if rest else {})
    crossed = {node.id for node in lineage.nodes if node.crosses} | {pk for pk, _, _ in documents}
    crossings = open_here([place for place in places if place.id in crossed], at)
    return {
        "ribbon": ribbon(places, known, crossings, asset.slug),
        "crossing_banner": crossing_banner(crossings, asset, at),
    }
