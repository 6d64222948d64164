"""Find anything: the page of results and the palette, over the sources that rooms register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.core import clock
from portal.core.web.presentation import Card, Empty, Link, Row
from portal.core.web.shell import url_of
from portal.core.web.views import PageView
from portal.site.queries.finding import PAGE_ROWS, Group, Query, find_in_sources, palette_hits, read_query
from portal.site.queries.recent import recent_hits

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.core.registries import Hit


# The list of each source, which takes the same words as `q`.
LISTS = {"assets": "assets_list", "requests": "requests_list", "answers": "faq_list", "incidents": "incidents_list",
         "people": "people_list"}  # fmt: skip
TITLES = {"more": "Runbooks, agreements and plans"}


class SearchView(PageView):
    page_title = "Search"
    nav_key = "search"
    template_name = "site/search.html"
    partial = "results"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        query = read_query(self.request.GET.get("q", ""), self.request.GET.get("kind", ""))
        groups = find_in_sources(query, self.request.user)
        cards = [_card(group, query) for group in groups if group.hits]
        recent = [] if query.text else recent_hits(self.request.user)
        cards += [Card("You worked on last", [_row(hit) for hit in recent])] if recent else []
        return {"query": query, "cards": cards, "late": [group.key for group in groups if group.is_late],
                "empty": None if cards else _empty(query, groups)}  # fmt: skip


def _card(group: Group, query: Query) -> Card:
    """The hits of a source; a full card leads on to the room's own list with the same words."""
    rows = [_row(hit) for hit in group.hits]
    all_of = url_of(LISTS.get(group.key, "")) if len(rows) == PAGE_ROWS else None
    more = Link(f"All {group.key}", f"{all_of}?{urlencode({'q': query.text})}") if all_of else None
    return Card(TITLES.get(group.key, group.key.capitalize()), rows, more=more)


def _row(hit: Hit) -> Row:
    return Row(title=hit.label, url=hit.url, icon=hit.icon, facts=[hit.line] if hit.line else [])


def _empty(query: Query, groups: list[Group]) -> Empty:
    if not query.text:
        line = "A name, a number like REQ-418, a person like @mara, or a question."
        return Empty("Type what you look for", line, "search")
    ask = url_of("requests_new")
    action = Link("Ask this question", f"{ask}?title={query.text}") if ask else None
    line = "No name and no text comes close. Ask it, and the desk replies." if groups else "Nothing to search yet."
    return Empty(f"Nothing matches “{query.text}”", line, "search", action)


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """At most eight options for what was typed; the palette shows them as they are."""
    query = read_query(request.GET.get("q", ""))
    hits, late = palette_hits(query, request.user, clock.now())
    return render(request, "site/palette.html", {"hits": hits, "late": late, "query": query})
