"""My day: what needs this person today, from the blocks that rooms register."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseNotModified

from portal.core import clock
from portal.core.queries.changes import newest_change
from portal.core.web.presentation import date_words, greeting
from portal.core.web.views import PageView
from portal.site.queries.day import day_of, needs_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

# Without a change in the house a block still grows older; a poll shows that after this many seconds at the latest.
OLDEST_POLL = 300


class HomeView(PageView):
    """Polled once a minute; a poll that finds nothing new reads one row and answers 304."""

    page_title = "My day"
    nav_key = "home"
    template_name = "site/home.html"
    partial = "day"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        tag = _tag(request, clock.now())
        if request.htmx and request.headers.get("If-None-Match") == tag:  # type: ignore[attr-defined] # middleware
            return HttpResponseNotModified()
        response = super().get(request, *args, **kwargs)
        response["ETag"] = tag
        return response

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        zone = ZoneInfo(viewer.zone)
        day = day_of(viewer, at)
        viewer.counted = {"home": len(needs_of(viewer, at))}  # the frame says no other number than the page
        news = ", ".join(day.headlines) or "nothing waits for you"
        return {
            "greeting": f"{greeting(zone, at)}, {viewer.name.split()[0]}",
            "lead": f"{date_words(at.astimezone(zone).date())} · {news}.",
            "day": day,
        }


def _tag(request: HttpRequest, at: datetime) -> str:
    facts = f"{request.user.pk} {newest_change(request.user).by_anyone} {int(at.timestamp()) // OLDEST_POLL}"
    return f'"{sha256(facts.encode()).hexdigest()[:24]}"'


class MoreView(PageView):
    """The side navigation as a page, for phones."""

    page_title = "More"
    nav_key = "more"
    template_name = "site/more.html"
