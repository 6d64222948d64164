"""`/gaps/`: what nobody takes care of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.gaps import GAP_KINDS
from ownership.filters import GapFilter
from ownership.queries.gap_facts import gap_totals, open_gaps
from ownership.web.boundary_shown import gap_row
from portal.accounts.queries.saved_views import views_of
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Gap

HEADER = ("asset", "kind", "tier", "domain", "gap", "act", "since")


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
        totals = gap_totals(viewer)
        return {
            "form": chosen.form,
            "totals": [
                Badge(f"{totals[kind]} {GAP_KINDS[kind].label.lower()}", "warn", url=f"?kind={kind}")
                for kind in GAP_KINDS
                if totals.get(kind)
            ],
            "rows": [gap_row(gap, at, viewer.zone) for gap in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "views": views_of(viewer, "gaps"),
            "query": self.request.GET.urlencode(),
            "empty": Empty("No gaps", "Everything has an owner.", "shield-check", Link("See the assets", "/assets/")),
        }


@require_safe
def export_gaps(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered gaps as CSV."""
    _, rows = filtered(request)
    lines = (
        (
            gap.asset.slug, gap.asset.kind, gap.asset.tier, gap.asset.domain.slug if gap.asset.domain else "",
            gap.kind, GAP_KINDS[gap.kind].act, gap.valid.lower,
        )
        for gap in rows.order_by("pk").iterator()
    )  # fmt: skip
    return csv_response("gaps", HEADER, lines, count=rows.count())
