"""`/gaps/`: what nobody takes care of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.gaps import GAP_KINDS, WITHOUT_OWNER
from ownership.filters import GapFilter
from ownership.queries.gap_facts import gap_totals, open_gaps
from ownership.queries.gap_owners import suggested_for
from ownership.web.boundary_shown import gap_row
from portal.accounts.queries.saved_views import views_of
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Gap

HEADER = ("asset", "kind", "tier", "domain", "gap", "act", "since", "suggested_owner")
EXPORT_ROWS = 1000


def filtered(request: HttpRequest) -> tuple[GapFilter, QuerySet[Gap]]:
    """The gaps of the address."""
    chosen = GapFilter(request.GET, queryset=open_gaps(request.user))
    ensure_valid(chosen)
    return chosen, chosen.qs


class GapListView(PageView):
    page_title = "Gaps"
    nav_key = "gaps"
    template_name = "ownership/boundaries/gaps.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=(), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        viewer: Any = self.request.user
        totals, suggested = gap_totals(viewer), suggested_for(page.rows, at)
        return {
            "form": chosen.form,
            "totals": [
                Badge(f"{totals[kind]} {GAP_KINDS[kind].label.lower()}", "warn", url=f"?kind={kind}")
                for kind in GAP_KINDS
                if totals.get(kind)
            ],
            "rows": [gap_row(gap, suggested.get(gap.asset_id), at) for gap in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "views": views_of(viewer, "gaps"),
            "query": self.request.GET.urlencode(),
            "empty": Empty("No gaps", "Everything has an owner.", "shield-check", Link("See the assets", "/assets/")),
        }


@require_safe
def export_gaps(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered gaps as CSV."""
    _, rows = filtered(request)
    return csv_response("gaps", HEADER, _lines(rows.order_by("pk"), clock.now()), count=rows.count())


def _lines(rows: QuerySet[Gap], at: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows in blocks, with who might take each."""
    start = 0
    while block := list(rows[start : start + EXPORT_ROWS]):
        start += EXPORT_ROWS
        suggested = suggested_for(block, at)
        for gap in block:
            asset, party = gap.asset, suggested.get(gap.asset_id) if gap.kind in WITHOUT_OWNER else None
            yield (
                asset.slug, asset.kind, asset.tier, asset.domain.slug if asset.domain else "", gap.kind,
                GAP_KINDS[gap.kind].act, gap.valid.lower, party.slug if party else "",
            )  # fmt: skip
