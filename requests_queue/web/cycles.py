"""`/sla/cycles/`: the cycles behind a figure of promises kept, as a list and as CSV (spec sla 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, When, count_words, duration_words, when
from portal.core.web.views import PageView
from requests_queue.domain.kinds import kind_of
from requests_queue.filters import ClockFilter
from requests_queue.queries.attainment import decided_in, figure_of
from requests_queue.queries.clocks import readings_of
from requests_queue.queries.listing import listed_clocks
from requests_queue.web.shown import PROMISES

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from requests_queue.models import SlaClock
    from requests_queue.queries.clocks import Reading

HEADER = (
    "number", "title", "team", "kind", "urgency", "promise", "cycle", "started_at", "decided_at", "outcome", "excused",
    "premature", "counted_seconds", "allowed_seconds",
)  # fmt: skip
NOTHING = Empty(
    "Nothing was decided here", "Kept and broken promises stand here.", "timer", Link("The last 13 weeks", "/sla/")
)


def filtered(request: HttpRequest, at: datetime) -> tuple[ClockFilter, QuerySet[SlaClock]]:
    """The filter of the address and its decided cycles, as far as the viewer may see their requests."""
    rows = listed_clocks(request.user).filter(decided_in(None, None, at))
    chosen: Any = ClockFilter(request.GET, queryset=rows, request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class CyclesView(PageView):
    """Newest first; the address is the state of the list."""

    page_title = "Promises behind a figure"
    nav_key = "sla"
    crumbs = (("Promises and hours", "/sla/"),)
    template_name = "requests_queue/cycles.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        chosen, rows = filtered(self.request, at)
        page = keyset(rows, order=("-start_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "form": chosen.form, "query": self.request.GET.urlencode(), "empty": NOTHING,
            "rows": [_row(one, viewer.zone, at) for one in readings_of(page.rows, at)], "figure": _figure(rows),
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
        }  # fmt: skip


@require_safe
def export_cycles(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered cycles as CSV."""
    _, rows = filtered(request, clock.now())
    ordered = rows.order_by("start_at", "pk")
    lines = (_line(row) for row in ordered.iterator(chunk_size=1000))
    return csv_response("promises", HEADER, lines, count=ordered.count())


def outcome_of(row: SlaClock) -> str:
    """How a decided cycle ended: kept or late."""
    return "kept" if row.state == "met" else "late"


def _figure(rows: QuerySet[SlaClock]) -> str:
    """The figure these cycles make, as the reports count it."""
    told = figure_of(rows)
    parts = [f"{told.met:,} of {count_words(told.decided, 'promise')} kept"]
    if told.raw is not None and told.words().endswith("%"):
        parts.append(told.words())
    if told.excused:
        parts.append(f"{told.excused:,} late and excused")
    if told.premature:
        parts.append(f"{told.premature:,} re-opened as not solved")
    return " · ".join(parts)


def _row(reading: Reading, zone: str, at: datetime) -> Row:
    row, view = reading.clock, reading.view
    request, is_kept = row.request, row.state == "met"
    badges = [Badge("Kept", "ok", "check") if is_kept else Badge("Late", "bad", "timer")]
    badges += [Badge("Excused", "gray")] if row.is_excused else []
    badges += [Badge("Re-opened", "warn")] if row.is_premature else []
    promise = PROMISES[row.kind] if row.cycle == 1 else f"{PROMISES[row.kind]} ({row.cycle})"
    facts: list[str | When] = [promise, kind_of(request.kind).label, request.team.name]
    decided = row.stopped_at if is_kept else row.breach_at
    if decided is not None:
        facts.append(f"{'kept' if is_kept else 'broken'} {when(decided, zone, at).text}")
    took = f"{duration_words(view.elapsed_seconds)} of {duration_words(view.allowance_seconds)}"
    return Row(
        dot="ok" if is_kept else "bad", title=request.title, number=request.number, badges=badges, facts=facts,
        url=f"{request.get_absolute_url()}/clock?clock={row.pk}",
        side=took if row.stopped_at else f"{took}, still open",
    )  # fmt: skip


def _line(row: SlaClock) -> tuple[Any, ...]:
    decided = row.stopped_at if row.state == "met" else row.breach_at
    return (
        row.request.number, row.request.title, row.request.team.slug, row.request.kind, row.request.urgency, row.kind,
        row.cycle, row.start_at.isoformat(), decided.isoformat() if decided else "", outcome_of(row), row.is_excused,
        row.is_premature, row.elapsed_seconds if row.stopped_at else "", row.allowance_seconds,
    )  # fmt: skip
