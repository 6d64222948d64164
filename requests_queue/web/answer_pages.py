"""`/faq/`: the list with its download, one answer, and what waits for a check."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link, Tab
from portal.core.web.views import PageView
from requests_queue.answer_filters import STATES, AnswerFilter
from requests_queue.answer_rows import answer_rows
from requests_queue.queries.answers import address_of, listed_entries, to_review, whole_entries
from requests_queue.queries.asked_often import unanswered_themes
from requests_queue.web.answer_shown import answer_context, review_items

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from requests_queue.models import FaqEntry

HEADER = (
    "slug", "question", "state", "team", "owner", "tier", "checked_at", "holds_until", "stale_since", "stale_reason",
    "helped", "assets",
)  # fmt: skip
SOON = timedelta(days=14)
LIST = "/faq/"


def filtered(request: HttpRequest, at: datetime) -> tuple[AnswerFilter, QuerySet[FaqEntry]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen: Any = AnswerFilter(request.GET, queryset=listed_entries(request.user, at), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class AnswerListView(PageView):
    """`/faq/`: what has been answered already."""

    page_title = "Answers"
    nav_key = "answers"
    template_name = "requests_queue/answers/list.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request, at)
        page = keyset(rows, order=("-updated_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        zone = getattr(self.request.user, "zone", "UTC")
        return {
            "form": chosen.form,
            "tabs": _tabs(self.request.GET.get("state", "")),
            "rows": answer_rows(page.rows, zone, at),
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "themes": unanswered_themes(self.request.user, at),
            "empty": Empty("No answers here", "Write the first one, or look without filters.", "book-open-check",
                           Link("Write an answer", "/faq/new")),
        }  # fmt: skip


@require_safe
def export_answers(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request, clock.now())
    return csv_response("answers", HEADER, _lines(rows.order_by("slug")), count=rows.count())


class AnswerView(PageView):
    """`/faq/<slug>`: the answer, and whether it is still true."""

    nav_key = "answers"
    template_name = "requests_queue/answers/detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        moved = address_of(str(kwargs["slug"]), request.user, clock.now())
        return HttpResponsePermanentRedirect(moved) if moved else super().get(request, *args, **kwargs)

    def context(self, at: datetime) -> dict[str, Any]:
        return answer_context(find(self.request, str(self.kwargs["slug"]), at), self.request.user, at)


class ReviewView(PageView):
    """`/faq/review/`: what I must check, and what changed in its data since."""

    page_title = "Answers to check"
    nav_key = "answers"
    crumbs = (("Answers", LIST),)
    template_name = "requests_queue/answers/review.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        return {
            "items": review_items(list(to_review(viewer, at, SOON)[:50]), viewer, at),
            "empty": Empty("Nothing waits for a check", "Everything of yours holds.", "badge-check",
                           Link("All answers", LIST)),
        }  # fmt: skip


def find(request: HttpRequest, slug: str, at: datetime) -> Any:
    """The visible answer of this address, else 404."""
    found = whole_entries(request.user, at).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _tabs(current: str) -> list[Tab]:
    return [Tab("All", LIST, not current)] + [Tab(label, f"?state={key}", current == key) for key, label in STATES]


def _lines(rows: QuerySet[FaqEntry]) -> Iterator[tuple[Any, ...]]:
    for entry in rows.iterator(chunk_size=1000):
        answer = entry.current
        assets = [rest.asset.slug for rest in answer.dependencies.all()] if answer else []
        yield (
            entry.slug, getattr(entry, "question", ""), entry.state, entry.team.slug,
            entry.owner.handle if entry.owner else "", entry.tier, _iso(answer and answer.verified_at),
            _iso(answer and answer.verified_until), _iso(answer and answer.stale_since),
            answer.stale_reason if answer else "", entry.helped, " ".join(assets),
        )  # fmt: skip


def _iso(instant: Any) -> str:
    return str(instant.isoformat()) if instant else ""
