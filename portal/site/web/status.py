"""The page that says whether Headwater keeps its promise right now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

from portal.core.web.errors import database_away
from portal.core.web.views import PageView
from portal.site.queries.status import status

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


class StatusView(PageView):
    """For everybody who is signed in; never cached."""

    page_title = "Status"
    nav_key = "status"
    template_name = "site/status.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return {"status": status(at)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except DatabaseError:
            return database_away(request)
