"""Who is inside a private request, and the pages of the two administrators who break the glass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.core import clock
from portal.core.errors import NotAllowed
from portal.core.web.presentation import when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue.forms import GlassForm, MemberForm
from requests_queue.queries.compartments import audit_of, broken_glass, glass_called, members_inside, open_asks
from requests_queue.queries.targets import person_called
from requests_queue.services.compartments import (
    ASK_STANDS,
    add_member,
    approve_break_glass,
    ask_break_glass,
    make_public,
    note_glass_read,
    remove_member,
)
from requests_queue.services.privacy import note_private_reads
from requests_queue.web.details import find
from requests_queue.web.markdown import clean_html

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

TAKEN = "Taken down. A second administrator types the same number; then both of you may read for an hour."


class MembersView(DomainFormMixin):
    """`/requests/<number>/members`: people inside, and every act and look there; for members alone."""

    page_title = "Who is inside"
    nav_key = "requests"
    template_name = "requests_queue/members.html"
    form_class = MemberForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        if not shown.is_private:
            raise Http404
        at, viewer = clock.now(), self.request.user
        if self.request.method == "GET":
            note_private_reads(actor=viewer, requests=[shown], at=at)
        zone = getattr(viewer, "zone", "UTC")
        log = [(when(entry.at, zone, at), entry.actor, entry.verb.rpartition(".")[2].replace("_", " "), entry.reason)
               for entry in audit_of(shown)]  # fmt: skip
        return super().get_context_data(**kwargs) | {
            "shown": shown, "members": members_inside(shown), "log": log,
            "crumbs": (("Requests", "/requests/"), (shown.number, shown.get_absolute_url())),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        given = form.cleaned_data
        actor: Any = self.request.user
        if given["act"] == "open":
            return make_public(actor=actor, request=shown, reason=given["reason"], at=at).get_absolute_url()
        person = person_called(given["person"].strip().lstrip("@"), "person")
        change = add_member if given["act"] == "add" else remove_member
        change(actor=actor, request=shown, person=person, reason=given["reason"], at=at)
        return (
            "/requests/"
            if person.pk == actor.pk and given["act"] == "remove"
            else f"{shown.get_absolute_url()}/members"
        )


class GlassListView(DomainFormMixin):
    """`/break-glass/`: an administrator asks, another agrees; a wrong number looks like a right one."""

    page_title = "Break the glass"
    nav_key = "more"
    template_name = "requests_queue/glass.html"
    form_class = GlassForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_admin", False):
            raise NotAllowed("core.not_allowed", "Two administrators do this together.")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]  # a plain view
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = clock.now()
        zone = getattr(self.request.user, "zone", "UTC")
        asks = [(ask, when(ask.asked_at, zone, at)) for ask in open_asks(at, ASK_STANDS)]
        return super().get_context_data(**kwargs) | {"asks": asks}

    def perform(self, form: Any, at: datetime) -> str:
        given, actor = form.cleaned_data, self.request.user
        if given["ask"] is None:
            ask_break_glass(actor=actor, number=given["number"], reason=given["reason"], at=at)
            messages.success(self.request, TAKEN)
            return "/break-glass/"
        glass = glass_called(given["ask"])
        approve_break_glass(actor=actor, glass=glass, number=given["number"], at=at)
        return f"/break-glass/{glass.pk}"


class GlassView(PageView):
    """`/break-glass/<id>`: what is inside, to read, for an hour, for the two who opened it."""

    page_title = "Through the glass"
    nav_key = "more"
    template_name = "requests_queue/glass_read.html"

    def context(self, at: datetime) -> dict[str, Any]:
        glass = broken_glass(self.request.user, str(self.kwargs["pk"]), at)
        if glass is None or glass.request is None:
            raise Http404
        note_glass_read(actor=self.request.user, glass=glass, at=at)
        shown = glass.request
        zone = getattr(self.request.user, "zone", "UTC")
        said = [(message.author, when(message.created_at, zone, at), clean_html(message.body))
                for message in shown.messages.select_related("author").order_by("id")[:200]]  # fmt: skip
        return {
            "shown": shown, "said": said, "body": clean_html(shown.body), "members": members_inside(shown),
            "ends": when(glass.ends_at, zone, at) if glass.ends_at else None,
            "crumbs": (("Break the glass", "/break-glass/"),),
        }  # fmt: skip
