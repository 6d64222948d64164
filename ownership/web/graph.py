"""`/lineage/<slug>`: the drawing and its list, in one response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.urls import reverse

from ownership.domain.kinds import kind_of
from ownership.queries.assets import listed_assets, search_assets
from ownership.queries.lineage import MAX_DEPTH, NODE_CAP, NODE_CAP_ON_REQUEST, lineage_view
from ownership.queries.owners import current_owners
from ownership.web.details import find
from ownership.web.drawing import draw
from ownership.web.shown import asset_url, owner_chip
from portal.core.errors import BadRequest
from portal.core.web.presentation import Badge, Empty, Link, Row, Tab
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from ownership.domain.parties import Owners
    from ownership.queries.lineage import Lineage, Node

DEFAULT_UP, DEFAULT_DOWN = 1, 2
VIEWS = (("Near", 1, 2), ("Far", 3, 3), ("All it feeds", 0, 5), ("All it needs", 5, 0))


class LineageView(PageView):
    """Depth by `up` and `down` (0 to 5), `limit` up to 2,000 assets, `retired=1` with what is gone."""

    nav_key = "lineage"
    template_name = "ownership/lineage.html"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        asset = find(self.request, str(self.kwargs["slug"]))
        up, down = (
            number(self.request, "up", DEFAULT_UP, MAX_DEPTH),
            number(self.request, "down", DEFAULT_DOWN, MAX_DEPTH),
        )
        limit = number(self.request, "limit", NODE_CAP, NODE_CAP_ON_REQUEST) or 1
        retired = self.request.GET.get("retired") == "1"
        lineage = lineage_view(asset, up=up, down=down, limit=limit, retired=retired)
        owners = current_owners([node.id for node in lineage.nodes])
        return {
            "page_title": f"Lineage of {asset.name}",
            "crumbs": (("Assets", reverse("assets_list")), (asset.name, asset_url(asset.slug))),
            "asset": asset,
            "tabs": [Tab(label, f"?up={u}&down={d}", is_current=(u, d) == (up, down)) for label, u, d in VIEWS],
            "drawing": draw(lineage, owners, asset.name) if len(lineage.nodes) > 1 else None,
            "lineage": lineage,
            "teams": len({owners[node.id].primary.party.key for node in lineage.nodes if owners[node.id].primary}),  # type: ignore[union-attr] # filtered by the condition
            "rows": [_row(node, owners[node.id]) for node in _by_distance(lineage) if node.side != "here"],
            "affected": ", ".join(_affected(lineage, owners)),
            "empty": Empty(
                "No lineage known",
                "An import of the project that builds or reads it draws the picture.",
                "workflow",
                Link("Import a file", reverse("imports_list")),
            ),
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
            "empty": Empty("Nothing found", "Try a shorter word.", "workflow"),
        }


def number(request: HttpRequest, name: str, default: int, most: int) -> int:
    """A whole number of the address, 0 to `most`; raises `BadRequest` for anything else."""
    given = request.GET.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) <= 4 and int(given) <= most):  # noqa: PLR2004 (digits)
        raise BadRequest("core.bad_filter", f"{name} is a whole number from 0 to {most}.", name)
    return int(given)


def _by_distance(lineage: Lineage) -> list[Node]:
    return sorted(lineage.nodes, key=lambda node: (node.side != "down", node.distance, node.name, node.id))


def _row(node: Node, owners: Owners) -> Row:
    kind = kind_of(node.kind)
    steps = "1 step" if node.distance == 1 else f"{node.distance} steps"
    return Row(
        title=node.name,
        url=asset_url(node.slug),
        icon=kind.icon,
        badges=[Badge(kind.label + (f" · tier {node.tier}" if node.tier else ""))],
        owner=owner_chip(owners, node.slug, kind.craft),
        side=f"{steps} {'downstream' if node.side == 'down' else 'upstream'}",
    )


def _affected(lineage: Lineage, owners: Mapping[int, Owners]) -> list[str]:
    """The primaries downstream, each once, in words."""
    held = (owners[node.id].primary for node in lineage.nodes if node.side == "down")
    return sorted({holder.party.name for holder in held if holder is not None})
