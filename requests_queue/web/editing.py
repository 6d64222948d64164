"""`/requests/<number>/messages/<pk>`: one message, to be said otherwise or taken back, with what it said before."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.presentation import when
from portal.core.web.views import DomainFormMixin
from requests_queue.forms import EditForm
from requests_queue.queries.listing import message_called
from requests_queue.services.editing import EDIT_WITHIN, delete_message, edit_message
from requests_queue.services.privacy import note_private_reads
from requests_queue.web.details import find
from requests_queue.web.markdown import clean_html

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import RequestMessage


class MessageEditView(DomainFormMixin):
    """Who wrote it edits it for fifteen minutes and deletes it at any time; others read what was said before."""

    page_title = "A message"
    nav_key = "requests"
    template_name = "requests_queue/message.html"
    form_class = EditForm

    @cached_property
    def message(self) -> RequestMessage:
        """As the viewer may read it, else 404; a look at a private one is noted."""
        shown, at = find(self.request, str(self.kwargs["number"])), clock.now()
        note_private_reads(actor=self.request.user, requests=[shown], at=at)
        try:
            return message_called(shown, int(self.kwargs["pk"]), self.request.user, at)
        except NotVisible:
            raise Http404 from None

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.message.body}

    def perform(self, form: Any, at: datetime) -> str:
        message, actor = self.message, self.request.user
        if form.cleaned_data["act"] == "delete":
            delete_message(actor=actor, message=message, at=at)
            messages.success(self.request, "The message is gone; a line says that there was one.")
        else:
            edit_message(actor=actor, message=message, body=form.cleaned_data["text"], at=at)
        return message.request.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message, viewer, at = self.message, self.request.user, clock.now()
        zone = getattr(viewer, "zone", "UTC")
        is_own = message.author_id == viewer.pk and message.deleted_at is None
        shown = message.request
        rows = [] if message.deleted_at else message.revisions.order_by("-n")[:20]
        return super().get_context_data(**kwargs) | {
            "message": message, "body": clean_html(message.body), "is_own": is_own,
            "can_edit": is_own and at - message.created_at <= EDIT_WITHIN,
            "edited": when(message.edited_at, zone, at) if message.edited_at else None,
            "before": [(when(row.at, zone, at), clean_html(row.body)) for row in rows],
            "shown": shown, "crumbs": (("Requests", "/requests/"), (shown.number, shown.get_absolute_url())),
        }  # fmt: skip
