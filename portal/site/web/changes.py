"""The page of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.errors import BadRequest
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link
from portal.core.web.views import PageView
from portal.site.forms import ChangesForm
from portal.site.queries.changes import PAGE_SIZE, change_row, filtered, visible_changes

if TYPE_CHECKING:
    from datetime import datetime


class ChangesView(PageView):
    """Filters live in the address; a filter or cursor that is none of this page answers 400."""

    page_title = "Changes"
    nav_key = "changes"
    template_name = "site/changes.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        asked = self.request.GET
        form = ChangesForm(asked)
        if not form.is_valid():
            raise BadRequest("core.bad_filter", "One of these filters is none of this page. Start without filters.")
        rows = filtered(visible_changes(viewer), form.wanted(), at)
        page = keyset(rows, order=("-id",), cursor=asked.get("cursor", ""), size=PAGE_SIZE)
        following = asked.copy()
        following["cursor"] = page.next_cursor
        return {
            "form": form,
            "changes": [change_row(entry, viewer.zone, at) for entry in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "empty": _empty(is_filtered=bool(asked)),
        }


def _empty(*, is_filtered: bool) -> Empty:
    if is_filtered:
        return Empty(
            "Nothing matches these filters", "Take a longer period, or clear them.", "history", Link("Clear", "?")
        )
    return Empty("No change in 7 days", "Everything people and programs change is listed here.", "history",
                 Link("Since the beginning", "?days=0"))  # fmt: skip
