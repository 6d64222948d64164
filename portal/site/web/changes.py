"""The page of changes, its download, and taking back a whole group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.web.acting import ActView
from portal.core.errors import Conflict, NotVisible
from portal.core.services.undo import undo_group
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link, count_words
from portal.core.web.views import PageView
from portal.site.filters import ChangesFilter
from portal.site.queries.changes import PAGE_SIZE, change_row, differences, of_group, sentence_of, visible_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from portal.core.models import AuditEntry

HEADER = ("number", "at", "change", "actor", "on_behalf_of", "via", "verb", "object_type", "object_id", "fields",
          "reason")  # fmt: skip


class ChangesView(PageView):
    """Filters live in the address; a filter or cursor that is none of this page answers 400."""

    page_title = "Changes"
    nav_key = "changes"
    template_name = "site/changes.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        asked = self.request.GET
        found = _asked(self.request)
        page = keyset(found.qs, order=("-id",), cursor=asked.get("cursor", ""), size=PAGE_SIZE)
        kept = asked.copy()
        kept.pop("cursor", None)
        query = kept.urlencode()
        kept["cursor"] = page.next_cursor
        return {
            "form": found.form,
            "group": asked.get("group", ""),
            "partly": asked.get("partly", ""),
            "changes": [change_row(entry, viewer.zone, at) for entry in page.rows],
            "next_url": f"?{kept.urlencode()}" if page.next_cursor else "",
            "actions": [Link("Download", f"{reverse('changes_export')}?{query}", "download")],
            "empty": _empty(is_filtered=bool(asked)),
        }


@require_GET
def export_changes(request: HttpRequest) -> StreamingHttpResponse:
    """The rows of the filter as CSV."""
    rows = _asked(request).qs.order_by("-pk")
    return csv_response("changes", HEADER, _lines(rows), count=rows.count())


class UndoGroupView(ActView):
    """`POST /changes/groups/<uuid>/undo`: all or none; with `partly` those that nothing stands in the way of."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        group: UUID = self.kwargs["group"]
        entries = of_group(viewer, group)
        if not entries:
            raise NotVisible
        here = f"{reverse('changes')}?group={group}"
        try:
            made = undo_group(actor=viewer, entries=entries, partly=bool(self.request.POST.get("partly")), at=at)
        except Conflict as refusal:
            messages.error(self.request, refusal.message)
            others = refusal.extra.get("others")
            return f"{here}&partly={others}" if others else here
        messages.success(self.request, f"{count_words(len(made), 'change')} taken back.".capitalize())
        return here


def _asked(request: HttpRequest) -> ChangesFilter:
    found = ChangesFilter(request.GET, queryset=visible_changes(request.user), request=request)
    ensure_valid(found)
    return found


def _lines(rows: QuerySet[AuditEntry]) -> Iterator[tuple[Any, ...]]:
    for entry in rows.iterator(chunk_size=1000):
        fields = "; ".join(f"{name}: {old} -> {new}" for name, old, new in differences(entry))
        behalf = entry.on_behalf_of.handle if entry.on_behalf_of else ""
        yield (entry.pk, entry.at.isoformat(), sentence_of(entry), entry.actor.handle if entry.actor else "", behalf,
               entry.via, entry.verb, entry.object_type, entry.object_id, fields, entry.reason)  # fmt: skip


def _empty(*, is_filtered: bool) -> Empty:
    if is_filtered:
        return Empty(
            "Nothing matches these filters", "Take a longer period, or clear them.", "history", Link("Clear", "?")
        )
    return Empty("No change in 7 days", "Everything people and programs change is listed here.", "history",
                 Link("Since the beginning", "?days=0"))  # fmt: skip
