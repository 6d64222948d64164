"""Find anything: the page of results and the palette, over the sources that rooms register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.core.web.views import PageView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SearchView(PageView):
    page_title = "Search"
    nav_key = "search"
    template_name = "site/search.html"


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """At most eight options for what was typed."""
    return render(request, "site/palette.html", {"hits": []})
