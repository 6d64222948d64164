"""`/lineage/<slug>`: the drawing and its list, in one response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.urls import reverse

from ownership.domain.kinds import all_kinds, kind_of
from ownership.queries.assets import listed_assets, search_assets
from ownership.queries.lineage import MAX_DEPTH, NODE_CAP, NODE_CAP_ON_REQUEST
from ownership.queries.lineage_page import Ask, read_ask
from ownership.queries.parties import parties_of
from ownership.web.details import find
from ownership.web.drawing import BOUNDARIES, FRESHNESS, OWNER, Look
from ownership.web.lineage_picture import address, picture_of
from ownership.web.shown import asset_url
from portal.core.errors import BadRequest
from portal.core.web.presentation import Empty, Link, Row, Tab
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from ownership.models import Asset
    from portal.accounts.models import Person

VIEWS = ((OWNER, "Owner"), (FRESHNESS, "Freshness"), (BOUNDARIES, "Boundaries"))
SHOWN = frozenset(name for name, _ in VIEWS)
NO_ASSETS = Empty(
    "No assets yet", "Lineage comes with a dbt manifest or an OpenLineage event.", "workflow",
    Link("Import a file", "/imports/"),
)  # fmt: skip
NONE_KNOWN = Empty(
    "No lineage known",
    "An import of the project that builds or reads it draws the picture.",
    "workflow",
    Link("Import a file", "/imports/"),
)


class LineageView(PageView):
    """Depth by `up` and `down` (0 to 5), `limit` up to 2,000 assets, filters, `focus` to light a path."""

    nav_key = "lineage"
    template_name = "ownership/lineage.html"

    def context(self, at: datetime) -> dict[str, Any]:
        asset = find(self.request, str(self.kwargs["slug"]))
        ask, show = read_ask(self.request.GET), self.request.GET.get("show", "") or OWNER
        if show not in SHOWN:
            raise BadRequest("core.bad_filter", "show is owner, freshness or boundaries.", "show")
        viewer: Any = self.request.user
        return lineage_context(asset, viewer, ask, (show, self.request.GET.get("focus", "")[:200]), at)


def lineage_context(asset: Asset, viewer: Person, ask: Ask, view: tuple[str, str], at: datetime) -> dict[str, Any]:
    """Everything the page prints; `view` says what the second line shows and which asset is lit."""
    show, focus = view
    parties = parties_of(viewer, at) if ask.mine else frozenset()
    here = address(ask, show="" if show == OWNER else show)
    select = f"?{here}&focus=" if here else "?focus="
    look = Look(viewer.zone, at, show, select=select, more="#list")
    picture = picture_of(asset, ask, look, focus, parties)
    return {
        "page_title": f"Lineage of {asset.name}",
        "crumbs": (("Assets", reverse("assets_list")), (asset.name, asset_url(asset.slug))),
        "asset": asset,
        "ask": ask,
        "show": show,
        "picture": picture,
        "drawing": picture.drawing,
        "affected": ", ".join(picture.affected),
        "tabs": [
            Tab(label, f"?{address(ask, show='' if name == OWNER else name)}", name == show) for name, label in VIEWS
        ],
        "kinds": [(kind.name, kind.label) for kind in all_kinds()],
        "depths": range(MAX_DEPTH + 1),
        "tiers": range(1, 5),
        "clear_url": reverse("lineage", args=[asset.slug]),
        "all_url": f"?{here}",
        "more_url": f"?{address(ask, limit=str(NODE_CAP_ON_REQUEST))}" if ask.limit <= NODE_CAP else "",
        "empty": _empty(ask, picture.left_out),
    }


class LineageStartView(PageView):
    """`/lineage/`: choose an asset; an exact name goes straight to its picture."""

    page_title = "Lineage"
    nav_key = "lineage"
    template_name = "ownership/lineage_start.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        self.found = search_assets(text, request.user, 10) if text else []
        if len(self.found) == 1:
            return HttpResponseRedirect(reverse("lineage", args=[self.found[0].slug]))
        return super().get(request, *args, **kwargs)

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        text = self.request.GET.get("q", "").strip()
        shown = self.found if text else list(listed_assets(self.request.user).order_by("tier", "name")[:10])
        return {
            "q": text,
            "rows": [
                Row(asset.name, reverse("lineage", args=[asset.slug]), icon=kind_of(asset.kind).icon) for asset in shown
            ],
            "empty": Empty("Nothing found", "Try a shorter word.", "workflow") if text else NO_ASSETS,
        }


def _empty(ask: Ask, left_out: int) -> Empty:
    if ask.is_filtered and left_out:
        line = f"{left_out:,} assets around it are left out by these filters."
        return Empty("Nothing matches these filters", line, "workflow", Link("Clear", "?"))
    return NONE_KNOWN
