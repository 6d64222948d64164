"""The asset list and its download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership.domain.kinds import kind_of
from ownership.filters import AssetFilter
from ownership.queries.assets import listed_assets, register_counts
from ownership.queries.owners import current_owners
from ownership.web.row_markup import rows_markup
from ownership.web.shown import LISTED, asset_row
from portal.accounts.queries.saved_views import views_of
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict, StreamingHttpResponse

    from ownership.models import Asset

ORDER = ("name",)
ROWS, EXPORT_ROWS = 50, 1000
HEADER = (
    "asset_key",
    "kind",
    "name",
    "tier",
    "domain",
    "lifecycle",
    "owner",
    "backup",
    "relation",
    "grain",
    "pitfalls",
)


def filtered(request: HttpRequest) -> tuple[AssetFilter, QuerySet[Asset]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    rows = listed_assets(request.user).select_related("domain")
    chosen = AssetFilter(request.GET, queryset=rows)
    ensure_valid(chosen)
    return chosen, chosen.qs


class AssetListView(PageView):
    """`/assets/`: what exists and who owns it."""

    page_title = "Assets"
    nav_key = "assets"
    template_name = "ownership/assets.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, found = filtered(self.request)
        listed = found.values_list(*LISTED, named=True)
        page = keyset(listed, order=ORDER, cursor=self.request.GET.get("cursor", ""), size=ROWS)
        owners = current_owners([row.pk for row in page.rows])
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        rows = [asset_row(row, owners[row.pk]) for row in page.rows]
        counts = register_counts(self.request.user, at)
        return {
            "form": chosen.form,
            "rows": rows,
            "markup": rows_markup(rows),
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "counts": counts | {f"{name}_words": f"{count:,}" for name, count in counts.items()},
            "views": views_of(self.request.user, "assets"),
            "query": self.request.GET.urlencode(),
            "handoff_url": _handoff_url(self.request.GET),
            "empty": _empty(has_any=bool(counts["assets"])),
        }


def _handoff_url(given: QueryDict) -> str:
    """The handover of what is shown, once the filter says whose it is."""
    if not (given.get("owner") or given.get("team")):
        return ""
    wanted = given.copy()
    wanted.pop("cursor", None)
    return f"{reverse('handoffs_new')}?{wanted.urlencode()}"


@require_safe
def export_assets(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, in the layout that the import takes back."""
    _, rows = filtered(request)
    return csv_response("assets", HEADER, _lines(rows.order_by("name", "pk")), count=rows.count())


def _lines(rows: QuerySet[Asset]) -> Iterator[tuple[Any, ...]]:
    """Rows in blocks, with their owners."""
    start = 0
    while block := list(rows[start : start + EXPORT_ROWS]):
        start += EXPORT_ROWS
        owners = current_owners([asset.pk for asset in block])
        for asset in block:
            yield _line(asset, owners[asset.pk])


def _line(asset: Asset, owners: Any) -> tuple[Any, ...]:
    primary = owners.primary.party.slug if owners.primary else ""
    backups = ", ".join(held.party.slug for held in owners.backups)
    domain = asset.domain.slug if asset.domain else ""
    kind = kind_of(asset.kind).name
    return (
        asset.slug, kind, asset.name, asset.tier, domain, asset.lifecycle, primary, backups, asset.relation,
        asset.grain, asset.pitfalls,
    )  # fmt: skip


def _empty(*, has_any: bool) -> Empty:
    if has_any:
        return Empty(
            "Nothing matches these filters", "Take a shorter word, or clear them.", "database", Link("Clear", "?")
        )
    return Empty(
        "No assets yet",
        "Upload the manifest of your dbt project: you see the difference before anything changes.",
        "database",
        Link("Import a file", "/imports/"),
    )
