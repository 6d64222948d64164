"""`/risks/`: what rests on too few people, each with its age, its evidence and one act."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.views.decorators.http import require_safe

from ownership.domain.kinds import kind_of
from ownership.domain.risks import ISLAND, OVERLOAD, PERSON_ISLAND, RISK_KINDS, SHADOW, UNCOVERED
from ownership.queries.risk_facts import open_risks
from ownership.risk_filters import RiskFilter
from ownership.web.boundary_shown import age_words
from ownership.web.shown import asset_url
from portal.accounts.queries.saved_views import views_of
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, count_words, day_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Risk

HEADER = ("asset", "person", "kind", "tier", "domain", "says", "evidence", "act", "since")


def filtered(request: HttpRequest, at: datetime) -> tuple[RiskFilter, QuerySet[Risk]]:
    """The findings of the address."""
    chosen = RiskFilter(request.GET, queryset=open_risks(request.user, at))
    ensure_valid(chosen)
    return chosen, chosen.qs


class RiskListView(PageView):
    page_title = "At risk"
    nav_key = "risks"
    template_name = "ownership/risks.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        chosen, rows = filtered(self.request, at)
        page = keyset(rows, order=("-weight",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "form": chosen.form,
            "rows": [risk_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "views": views_of(viewer, "risks"),
            "query": self.request.GET.urlencode(),
            "empty": Empty(
                "Nothing rests on too few", "Every asset has somebody who could step in.", "shield-check",
                Link("See the gaps", "/gaps/"),
            ),
        }  # fmt: skip


def risk_row(row: Risk, zone: str, at: datetime) -> Row:
    """What it is about, since when, and what it rests on; the person is named where the finding is about a person."""
    kind, since = RISK_KINDS[row.kind], row.valid.lower
    facts = [kind.label, *filter(None, [evidence_words(row, zone, at)])]
    if since is not None:
        facts.append(f"seen for {age_words(since, at)}")
    if row.asset is None:
        name, url = (row.person.name, f"/people/{row.person.handle}/ownership/without") if row.person else ("", "")
        return Row(name, url, icon="user-round", facts=facts, action=Link(kind.act, url))
    url = asset_url(row.asset.slug)
    tier = f" · tier {row.asset.tier}" if row.asset.tier else ""
    return Row(
        row.asset.name, url, icon=kind_of(row.asset.kind).icon, badges=[Badge(kind_of(row.asset.kind).label + tier)],
        facts=facts, action=Link(kind.act, f"{url}#{'care' if row.kind == SHADOW else 'owners'}"),
    )  # fmt: skip


def evidence_words(row: Risk, zone: str, at: datetime) -> str:
    """The figures behind it, in words."""
    told, party = row.detail, row.person or row.team
    if row.kind == OVERLOAD:
        return f"{told['points']:g} points, usual are {told['usual']:g}: {told['reason']} ({', '.join(told['boxes'])})"
    if row.kind == PERSON_ISLAND:
        return f"in {row.team.name}" if row.team else ""
    if row.kind == ISLAND:
        newest = when(datetime.fromisoformat(told["newest"]), zone, at).text
        return f"{count_words(told['acts'], 'act')}, the newest {newest}"
    if row.kind == UNCOVERED:
        return "; ".join(_span(start, end, ZoneInfo(zone), at) for start, end in told["spans"][:3])
    if row.kind == SHADOW:
        return f"{party.name if party else ''}, {count_words(told['acts'], 'trace')}"
    return f"backup: {party.name}" if party else ""


def _span(start: str, end: str, zone: ZoneInfo, at: datetime) -> str:
    today = at.astimezone(zone).date()
    days = [day_words(datetime.fromisoformat(each).astimezone(zone).date(), today) for each in (start, end)]
    return f"{days[0]} to {days[1]}"


@require_safe
def export_risks(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered findings as CSV: no more than the page shows."""
    at = clock.now()
    _, rows = filtered(request, at)
    lines = (
        (
            row.asset.slug if row.asset else "", row.person.handle if row.person and row.asset is None else "",
            row.kind, row.asset.tier if row.asset else "",
            row.asset.domain.slug if row.asset and row.asset.domain else "", RISK_KINDS[row.kind].label,
            evidence_words(row, "UTC", at), RISK_KINDS[row.kind].act, row.valid.lower,
        )
        for row in rows.order_by("-weight", "pk").iterator()
    )  # fmt: skip
    return csv_response("risks", HEADER, lines, count=rows.count())
