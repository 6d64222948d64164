"""The page of one asset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponsePermanentRedirect
from django.urls import reverse

from ownership import policies
from ownership.domain.documents import review_day
from ownership.domain.experiments import experiment_of
from ownership.domain.freshness import promise_of, standing
from ownership.domain.kinds import DOCUMENT, kind_of
from ownership.domain.states import Origin
from ownership.forms import AtForm, NominateForm
from ownership.queries.asset_page import details_of
from ownership.queries.assets import asset_by_key
from ownership.queries.lineage import lineage_view
from ownership.queries.lineage_page import miniature
from ownership.queries.owners import current_owners, day_bounds, owners_on, with_inherited
from ownership.queries.parties import local_day
from ownership.web.drawing import Look, draw
from ownership.web.ribbon import ownership_card
from ownership.web.shown import asset_badges, asset_url, holder_row, trace_rows
from portal.accounts.queries.changes import FollowState
from portal.core.errors import BadRequest, NotVisible
from portal.core.panels import panels
from portal.core.web.presentation import Badge, Fact, Row, date_words, duration_words, percent_words, when
from portal.core.web.shell import url_of
from portal.core.web.views import PageView
from portal.engine.domain.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from ownership.domain.parties import Holder, Owners
    from ownership.models import Asset
    from ownership.queries.asset_page import AssetDetails
    from ownership.queries.lineage import Lineage
    from ownership.web.drawing import Drawing
    from portal.accounts.models import Person

WHAT = {"last_run": "Last run", "freshness": "Freshness", "landed": "Data landed", "tests": "Tests"}


@dataclass(frozen=True)
class HeldRow:
    """A holder and what the viewer may do about it."""

    row: Row
    id: int
    can_confirm: bool
    can_answer: bool
    can_end: bool


def find(request: HttpRequest, key: str) -> Asset:
    """The visible asset of this key; raises `NotVisible`."""
    asset = asset_by_key(key, request.user)
    if asset is None:
        raise NotVisible
    return asset


class AssetDetailView(PageView):
    """`/assets/<slug>`: owners, lineage, names, columns, and the blocks of other rooms."""

    nav_key = "assets"
    template_name = "ownership/asset.html"
    form: Any = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.asset = find(request, str(self.kwargs["slug"]))
        if self.asset.slug != self.kwargs["slug"]:
            return HttpResponsePermanentRedirect(asset_url(self.asset.slug))
        self.page_title = self.asset.name
        self.crumbs = (("Assets", reverse("assets_list")),)
        return super().get(request, *args, **kwargs)

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        shown = asset_context(self.asset, viewer, at, self.form)
        return shown | _then(self.asset, viewer, self.request.GET.get("at", ""), at)


def asset_context(asset: Asset, viewer: Person, at: datetime, form: Any = None) -> dict[str, Any]:
    """Everything the asset page shows, in a fixed number of queries."""
    lineage = lineage_view(asset)
    owners = current_owners([node.id for node in lineage.nodes])
    details = details_of(asset, viewer, at)
    led = details.led
    ask = url_of("requests_new")
    return {
        "page_title": asset.name,
        "nav_key": "assets",
        "crumbs": (("Assets", reverse("assets_list")),),
        "asset": asset,
        "badges": [*asset_badges(asset), *_late(asset, details, at)],
        "ask_url": f"{ask}?assets={asset.slug}" if ask else "",
        "holders": [_held(held, viewer, led, at) for held in owners[asset.pk].holders],
        "proposals": [_held(held, viewer, led, at) for held in details.asked],
        "can_edit": policies.assets.can_write(
            viewer, led, {held.party.key for held in owners[asset.pk].holders}
        ).allowed,
        "inherited": with_inherited(asset, owners[asset.pk]).inherited,
        "unowned": asset.unowned_until,
        "form": form or NominateForm(initial={"rank": 2 if owners[asset.pk].primary else 1, "party": viewer.handle}),
        **ownership_card(asset, lineage, owners, details.documents, at),
        "drawing": _drawing(lineage, owners, viewer, at),
        "lineage_words": f"{lineage.up_count} upstream, {lineage.down_count} downstream",
        "facts": [*_facts(asset, details), *_read_again(asset, at), *_standing(asset, details, viewer, at)],
        "columns": details.columns,
        "traces": trace_rows(details.traces, viewer.zone, at),
        "origins": details.origins,
        "history": [holder_row(held, viewer.zone, at) for held in details.held_ever],
        "follow": FollowState(subject_of(asset).type, asset.pk, details.is_followed),
        "panels": panels("asset.detail", subject=asset, viewer=viewer, at=at),
    }


def _then(asset: Asset, viewer: Person, given: str, at: datetime) -> dict[str, Any]:
    """Who held it on a day of the past, each with their times."""
    form = AtForm({"at": given}) if given else AtForm(initial={"at": local_day(viewer, at)})
    if not given:
        return {"at_form": form}
    if not form.is_valid():
        raise BadRequest("core.bad_filter", "at is a day, such as 2026-03-12.", "at")
    day = form.cleaned_data["at"]
    found = owners_on(asset.pk, *day_bounds(day, ZoneInfo(viewer.zone or "UTC")))
    return {"at_form": form, "then_day": date_words(day), "then": [holder_row(held, viewer.zone, at) for held in found]}


def _drawing(lineage: Lineage, owners: Mapping[int, Owners], viewer: Person, at: datetime) -> Drawing | None:
    """The nearest assets around, small; None where nothing is known."""
    if len(lineage.nodes) == 1:
        return None
    return draw(miniature(lineage, owners), Look(viewer.zone, at, more=f"/lineage/{lineage.nodes[0].slug}#list"))


def _held(held: Holder, viewer: Person, led: frozenset[int], at: datetime) -> HeldRow:
    is_own = held.party.person_id == viewer.pk or held.party.team_id in led
    return HeldRow(
        row=holder_row(held, viewer.zone, at),
        id=held.id,
        can_confirm=is_own and not held.is_confirmed and held.state == "accepted",
        can_answer=is_own and (held.state == "proposed" or (held.origin == Origin.IMPORT and not held.is_confirmed)),
        can_end=(is_own or viewer.is_admin) and held.state == "accepted" and held.is_confirmed,
    )


def _late(asset: Asset, details: AssetDetails, at: datetime) -> list[Badge]:
    """For how long what people read is older than it ought to be."""
    found = standing(details.words, promise_of(asset.attrs), at)
    if not found.is_late or found.since is None:
        return []
    return [Badge(f"Late {duration_words((at - found.since).total_seconds())}", "bad", "clock-alert")]


def _standing(asset: Asset, details: AssetDetails, viewer: Person, at: datetime) -> list[Fact]:
    """Late or not, and the newest results, where any are known."""
    words = details.words.items()
    facts = [Fact(WHAT.get(what, what), f"{word.value}, {when(word.at, viewer.zone, at).text}") for what, word in words]
    found = standing(details.words, promise_of(asset.attrs), at)
    if words and found.is_late and found.since is not None:
        facts.insert(0, Fact("Late since", when(found.since, viewer.zone, at).text, "text-bad"))
    if words and details.on_time is not None:
        facts.append(Fact("Good in 90 days", percent_words(details.on_time, 0)))
    return facts


def _experiment(asset: Asset) -> list[tuple[str, str]]:
    """When it runs and what was decided, as far as that is said."""
    told = experiment_of(asset.attrs)
    days = [date_words(day) if day else "open" for day in (told.starts_on, told.ends_on)]
    runs = " to ".join(days) if told.starts_on or told.ends_on else ""
    return [("Runs", runs), ("Decision", told.decision)]


def _read_again(asset: Asset, at: datetime) -> list[Fact]:
    """By when a document wants to be read again."""
    day = review_day(asset.attrs) if asset.kind == DOCUMENT.code else None
    return [Fact("Read again by", date_words(day), "text-warn" if day < at.date() else "")] if day else []


def _facts(asset: Asset, details: AssetDetails) -> list[Fact]:
    kind = kind_of(asset.kind)
    told = asset.attrs.get("dbt", {})
    described = asset.documents
    wanted = (
        ("Kind", kind.label),
        ("Describes", described.name if described else ""),
        ("Domain", asset.domain.name if asset.domain else ""),
        *_experiment(asset),
        ("Table", asset.relation),
        ("File", asset.file_path),
        ("Built as", str(told.get("materialized", ""))),
        ("Tests", str(told.get("tests", ""))),
        ("Known as", ", ".join(details.names)),
    )
    return [Fact(label, value) for label, value in wanted if value]
