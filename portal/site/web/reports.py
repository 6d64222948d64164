"""`/reports/`: what leads ask about a quarter, as pages and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.views.decorators.http import require_GET

from portal.accounts.policies import teams_visible_to
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import NO_BREAK, Empty, Link, Row, percent_words
from portal.core.web.views import PageView
from portal.site.queries.reports import all_reports, report_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from portal.site.queries.reports import Report

NUMBERS = {"count", "minutes", "share", "number"}


class ReportsView(PageView):
    """The reports with the question each answers."""

    page_title = "Reports"
    nav_key = "reports"
    template_name = "site/reports.html"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return {
            "rows": [
                Row(title=entry.title, url=f"/reports/{entry.key}", icon="chart-column", facts=[entry.question])
                for entry in all_reports()
            ]
        }


class ReportView(PageView):
    """`/reports/<key>?quarter=&team=`."""

    nav_key = "reports"
    crumbs = (("Reports", "/reports/"),)
    template_name = "site/report.html"

    def context(self, at: datetime) -> dict[str, Any]:
        report = asked(self.request, str(self.kwargs["key"]), at)
        quarter, team = report.scope.quarter, report.scope.team
        return {
            "page_title": report.entry.title, "question": report.entry.question, "quarter": quarter,
            "team": team.slug if team is not None else "",
            "teams": list(teams_visible_to(self.request.user).filter(archived_at=None, is_system=False)
                          .order_by("name").values_list("slug", "name")),
            "query": self.request.GET.urlencode(), "key": report.entry.key,
            "heads": [(column.label, column.kind in NUMBERS) for column in report.entry.columns],
            "table": table_of(report),
            "empty": Empty(f"Nothing to report of {quarter.name}", "It fills as the quarter goes on.", "chart-column",
                           Link("The quarter before", f"?quarter={quarter.before().label}")),
        }  # fmt: skip


def table_of(report: Report) -> list[list[tuple[str, bool, str]]]:
    """The cells as the page prints them, with the address of what stands behind a figure, "" where there is none."""
    entry = report.entry
    links = entry.links(report.scope, report.rows) if entry.links is not None else [{} for _ in report.rows]
    return [
        [(cell_words(value, column.kind), column.kind in NUMBERS, behind.get(column.key, ""))
         for value, column in zip(row, entry.columns, strict=True)]
        for row, behind in zip(report.rows, links, strict=True)
    ]  # fmt: skip


@require_GET
def export_report(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """The same rows as CSV."""
    report = asked(request, key, clock.now())
    header = [column.key for column in report.entry.columns]
    return csv_response(f"{key}-{report.scope.quarter.label}", header, report.rows, count=len(report.rows))


def asked(request: HttpRequest, key: str, at: datetime) -> Report:
    """The report of the address; an unknown one is 404."""
    quarter, team = request.GET.get("quarter", ""), request.GET.get("team", "")
    try:
        return report_of(key, quarter, team, request.user, at)
    except NotVisible:
        raise Http404 from None


def cell_words(value: Any, kind: str) -> str:
    """A value as the page prints it."""
    if value is None:
        return "too few to say" if kind in NUMBERS else ""
    if kind == "share":
        return percent_words(float(value))
    if kind == "minutes":
        return f"{value:,}{NO_BREAK}min"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)
