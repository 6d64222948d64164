"""What changed for me, and what I have to acknowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.urls import reverse
from django.views import View

from portal.core import clock
from portal.core.errors import BadRequest, Conflict
from portal.core.web.form_keys import once
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Tab, when
from portal.core.web.views import PageView, SeeOther
from portal.engine.services.acknowledging import Acknowledged, acknowledge_notice, mark_read
from portal.site.queries.inbox import TABS, inbox_rows, notices_of, unread_count

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

MOST_AT_ONCE = 25
EMPTY = {"open": "Nothing to acknowledge", "unread": "All read"}


class InboxView(PageView):
    """Tabs To acknowledge, Unread, All; the tab and the page live in the address."""

    page_title = "Inbox"
    nav_key = "inbox"
    template_name = "site/inbox.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        asked = self.request.GET
        tab = asked.get("tab", "unread")
        page = keyset(notices_of(viewer, tab), order=("-created_at",), cursor=asked.get("cursor", ""))
        counts = {"unread": unread_count(viewer) or None}
        return {
            "tabs": [Tab(label, f"?tab={key}", key == tab, counts.get(key)) for key, label in TABS.items()],
            "tab": tab,
            "rows": inbox_rows(viewer, page.rows, at),
            "next_url": f"?{urlencode({'tab': tab, 'cursor': page.next_cursor})}" if page.next_cursor else "",
            "empty": Empty(EMPTY.get(tab, "Nothing yet"), "Promises, pages and answers that concern you arrive here."),
        }


class AcknowledgeView(View):
    """Somebody has it. A second tap says what happened first."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, notice_id: UUID) -> HttpResponse:
        at = clock.now()
        try:
            done = acknowledge_notice(actor=request.user, notice_id=notice_id, via="web", at=at)
        except Conflict as refusal:
            messages.info(request, refusal.message)
        else:
            messages.success(request, _words(done, request.user, at))
        return SeeOther(reverse("inbox"))


def _words(done: Acknowledged, viewer: Any, at: datetime) -> str:
    if done.is_first or done.notice.acknowledged_at is None:
        return "Acknowledged. Nobody else is called."
    return f"It was acknowledged already, {when(done.notice.acknowledged_at, viewer.zone, at).text}."


class MarkReadView(View):
    """Everything on the page the person looked at."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = _ids(request.POST.getlist("notice")[:MOST_AT_ONCE])

        def run() -> str:
            for notice_id in ids:
                mark_read(actor=request.user, notice_id=notice_id, at=at)
            return reverse("inbox")

        at = clock.now()
        return SeeOther(once(request, run, at=at))


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise BadRequest("core.bad_id", "This list is none of this page. Load it again.") from None
