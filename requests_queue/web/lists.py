"""The list of requests, its download, and the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from portal.accounts.queries.saved_views import views_of
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link, Tab
from portal.core.web.views import PageView
from requests_queue.domain.states import GROUPS
from requests_queue.filters import RequestFilter
from requests_queue.policies import leads_anywhere, parts_of
from requests_queue.queries.budget import budget_for, calibration_of
from requests_queue.queries.bumpable import bumpable_items
from requests_queue.queries.listing import ABOUT, listed_requests, timeline_of, waiting_at_desk, whole_requests
from requests_queue.queries.targets import open_like
from requests_queue.queries.verdicts import lane_previews
from requests_queue.rows import request_rows, state_badge
from requests_queue.web.acts import Seen, acts_for
from requests_queue.web.budget_shown import band_of
from requests_queue.web.markdown import clean_html
from requests_queue.web.shown import promises_of, timeline_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from requests_queue.models import DataRequest

HEADER = ("number", "title", "state", "kind", "team", "requester", "assignee", "filed_at", "due_at")
EMPTY_DESK = Empty("The desk is empty", "Nothing waits for triage.", "check", Link("Requests", "/requests/"))
LIVE = {"open", "waiting"}
NO_MATCH = Empty("No request matches", "Take fewer filters, or clear them.", "inbox", Link("Clear", "/requests/"))
NOTHING_ASKED = Empty("No requests yet", "What somebody asks stands here.", "inbox", Link("Ask one", "/requests/new"))
MOST_WAITING, MOST_COUNTED = 50, 1000
TRIAGE_ACTS = ("claim", "decide", "answer", "ask", "merge", "decline")


def filtered(request: HttpRequest) -> tuple[RequestFilter, QuerySet[DataRequest]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen: Any = RequestFilter(request.GET, queryset=listed_requests(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class RequestListView(PageView):
    """`/requests/`: the address is the state of the list."""

    page_title = "Requests"
    nav_key = "requests"
    template_name = "requests_queue/list.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return list_context(self.request)


def list_context(request: HttpRequest) -> dict[str, Any]:
    """Everything on the list of requests."""
    viewer: Any = request.user
    chosen, rows = filtered(request)
    is_live = request.GET.get("state") in LIVE
    page = keyset(rows, order=("due_at",) if is_live else ("-filed_at",), cursor=request.GET.get("cursor", ""))
    following = request.GET.copy()
    following["cursor"] = page.next_cursor
    query = request.GET.urlencode()
    return {
        "form": chosen.form, "tabs": _tabs(request.GET.get("state", "")), "query": query,
        "rows": list(zip(page.rows, request_rows(page.rows, viewer.zone, clock.now()), strict=True)),
        "next_url": f"?{following.urlencode()}" if page.next_cursor else "", "undo": request.GET.get("undo", ""),
        "matching": _counted(rows),
        "can_send": leads_anywhere(viewer, clock.now()),
        "views": views_of(viewer, "requests"),
        "empty": NO_MATCH if query else NOTHING_ASKED,
    }  # fmt: skip


def _counted(rows: QuerySet[DataRequest]) -> str:
    """How many fit the filter, counted up to a thousand."""
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"more than {MOST_COUNTED:,}" if count > MOST_COUNTED else str(count)


@require_safe
def export_requests(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    ordered = rows.order_by("due_at", "pk")
    return csv_response("requests", HEADER, (_line(row) for row in _stream(ordered)), count=ordered.count())


class TriageView(PageView):
    """`/triage/`: one request a screen, the oldest promise first."""

    page_title = "Triage"
    nav_key = "triage"
    template_name = "requests_queue/triage.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        waiting = list(waiting_at_desk(viewer, at).prefetch_related(None).values_list("pk", "number")[:MOST_WAITING])
        if len(waiting) < MOST_WAITING:
            viewer.desk_counted = len(waiting)  # the frame of the same page shows it again
        skipped = self.request.GET.get("after", "")
        order = [number for _, number in waiting]
        place = (order.index(skipped) + 1) % len(order) if skipped in order else 0
        if not waiting:
            return {"empty": EMPTY_DESK}
        shown = whole_requests(viewer).select_related("team__request_desk").get(pk=waiting[place][0])
        return _desk(shown, viewer, at) | {"place": place + 1, "waiting": len(waiting)}


def _desk(shown: DataRequest, viewer: Any, at: datetime) -> dict[str, Any]:
    alike = open_like(shown.title, [link.asset for link in shown.assets.all()], viewer)
    others = [row for row in alike.prefetch_related(ABOUT) if row.pk != shown.pk]
    view = budget_for(viewer, shown.team, at)
    held = parts_of(viewer, shown, at)
    acts = [act for act in acts_for(shown, Seen(held)) if act.verb in TRIAGE_ACTS]
    return {
        "shown": shown,
        "badge": state_badge(shown.state),
        "bumpable": bumpable_items(shown.team, at),
        "body": clean_html(shown.body),
        "promises": promises_of(list(shown.clocks.all()), viewer.zone, at),
        "timeline": timeline_rows(timeline_of(shown, with_notes=True), viewer, at),
        "acts": acts,
        "can_decide": any(act.verb == "decide" for act in acts),
        "lanes": lane_previews(shown, view) if shown.exemption_id is None else [],
        "band": band_of(view),
        "calibration": calibration_of(shown.kind, shown.team),
        "alike": request_rows(others, viewer.zone, at),
    }


def _tabs(current: str) -> list[Tab]:
    return [Tab("All", "/requests/", not current)] + [
        Tab(group.capitalize(), f"?state={group}", current == group) for group in GROUPS
    ]


def _stream(rows: QuerySet[DataRequest]) -> Iterator[DataRequest]:
    yield from rows.iterator(chunk_size=1000)


def _line(row: DataRequest) -> tuple[Any, ...]:
    assignee = row.assignee.handle if row.assignee else ""
    dates = (row.filed_at.isoformat(), row.due_at.isoformat())
    return (row.number, row.title, row.state, row.kind, row.team.slug, row.requester.handle, assignee, *dates)
