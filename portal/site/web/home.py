"""My day: what needs this person today, from the blocks that rooms register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime


class HomeView(PageView):
    page_title = "My day"
    nav_key = "home"
    template_name = "site/home.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return {"at": at}


class MoreView(PageView):
    """The side navigation as a page, for phones."""

    page_title = "More"
    nav_key = "more"
    template_name = "site/more.html"
