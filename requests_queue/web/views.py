"""Bulk acts of the list of requests."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.core.web.views import DomainFormMixin
from requests_queue.forms import BulkForm, UndoForm
from requests_queue.queries.targets import person_called
from requests_queue.services.bulk import assign_many, triage_many, undo_many, watch_many
from requests_queue.web.lists import list_context
from requests_queue.web.plan_shown import refusals_of

if TYPE_CHECKING:
    from datetime import datetime


class _OnList(DomainFormMixin):
    """A form of the list; a refusal is shown above it."""

    page_title = "Requests"
    nav_key = "requests"
    template_name = "requests_queue/list.html"
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | list_context(self.request) | {
            "refusals": refusals_of(kwargs["form"]), "typed": self.request.POST
        }  # fmt: skip

    def back(self) -> str:
        """To the list as it was filtered."""
        query = self.request.POST.get("query", "")
        return f"/requests/?{query}" if query else "/requests/"

    def with_undo(self, group: uuid.UUID) -> str:
        """The same with the way back of what was just done."""
        return f"{self.back()}{'&' if '?' in self.back() else '?'}undo={group}"


class BulkView(_OnList):
    """`/requests/bulk`: assign, follow, or send the ticked ones back to the desk."""

    form_class = BulkForm

    def perform(self, form: Any, at: datetime) -> str:
        numbers, given = self.request.POST.getlist("numbers"), form.cleaned_data
        if given["act"] == "watch":
            count = watch_many(actor=self.request.user, numbers=numbers, at=at)
            messages.success(self.request, f"You follow {count} requests.")
            return self.back()
        if given["act"] == "triage":
            group = triage_many(actor=self.request.user, numbers=numbers, reason=given["reason"], at=at)
            messages.success(self.request, "They stand at the desk again.")
            return self.with_undo(group)
        assignee = person_called(given["assignee"].strip().lstrip("@"), "assignee")
        group = assign_many(actor=self.request.user, numbers=numbers, assignee=assignee, at=at)
        messages.success(self.request, f"{assignee.name} has {len(set(numbers))} of them.", extra_tags=f"undo:{group}")
        return self.with_undo(group)


class UndoBulkView(_OnList):
    """`/requests/undo`: for ten minutes everything is again as it was."""

    form_class = UndoForm

    def perform(self, form: Any, at: datetime) -> str:
        try:
            group = uuid.UUID(form.cleaned_data["group"])
        except ValueError:
            raise Http404 from None
        count = undo_many(actor=self.request.user, group=group, at=at)
        messages.success(self.request, f"{count} requests are back where they were.")
        return self.back()
