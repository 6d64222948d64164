"""`/boundaries/roles`: owners of whom nobody has said what they are, and roles that a pattern asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.kinds import kind_of
from ownership.filters import AssetFilter
from ownership.queries.unclear import roles_of, unclear_assets
from ownership.web.shown import asset_url
from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS, Discipline
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Asset
    from ownership.queries.unclear import Role

MOST = 10_000
HEADER = ("asset", "kind", "tier", "owner", "discipline", "team", "pattern")


class UnclearListView(PageView):
    page_title = "Roles to clear up"
    nav_key = "boundaries"
    crumbs = (("Boundaries", "/boundaries/"),)
    template_name = "ownership/boundaries/roles.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen = AssetFilter(self.request.GET, queryset=unclear_assets(self.request.user, at))
        ensure_valid(chosen)
        page = keyset(chosen.qs, order=("name",), cursor=self.request.GET.get("cursor", ""))
        roles = roles_of([asset.pk for asset in page.rows], at)
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "form": chosen.form,
            "rows": [role_row(asset, roles[asset.pk]) for asset in page.rows if asset.pk in roles],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty(
                "Every role is clear", "Of each owner it is known what they are, and each pattern has an answer.",
                "shield-check", Link("See the boundaries", "/boundaries/"),
            ),
        }  # fmt: skip


def role_row(asset: Asset, role: Role) -> Row:
    """What is not clear, and where it is said."""
    kind = kind_of(asset.kind)
    craft = DISCIPLINE_LABELS[Discipline(role.craft)]
    says = f"{craft}: {role.pattern} does not say what this is to them" if role.craft else "nobody has said their craft"
    where = Link("Say it", f"/teams/{role.team}") if role.team else Link("Find a team", f"/people/{role.key}")
    action = Link("Settle the pattern", f"/patterns/{role.pattern_slug}") if role.craft else where
    return Row(
        asset.name, asset_url(asset.slug), icon=kind.icon, badges=[Badge(kind.label)], facts=[role.name, says],
        action=action,
    )  # fmt: skip


@require_safe
def export_unclear(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    at = clock.now()
    chosen = AssetFilter(request.GET, queryset=unclear_assets(request.user, at))
    ensure_valid(chosen)
    rows = list(chosen.qs.order_by("name", "pk")[:MOST])
    roles = roles_of([asset.pk for asset in rows], at)
    lines = [
        (
            asset.slug, kind_of(asset.kind).name, asset.tier, roles[asset.pk].key, roles[asset.pk].craft,
            roles[asset.pk].team, roles[asset.pk].pattern_slug,
        )
        for asset in rows
        if asset.pk in roles
    ]  # fmt: skip
    return csv_response("roles", HEADER, lines, count=len(lines))
