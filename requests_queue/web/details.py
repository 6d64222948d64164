"""The page of a request, its acts, and why a date is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404

from portal.accounts.policies import may
from portal.accounts.queries.changes import FollowState, follow_state
from portal.core import clock
from portal.core.web.presentation import date_words, when
from portal.core.web.views import DomainFormMixin, PageView
from portal.engine.domain.subjects import subject_of
from requests_queue.domain.kinds import kind_of
from requests_queue.domain.states import Actor, State
from requests_queue.forms import LinkForm, MessageForm, SplitForm, TextForm
from requests_queue.models import DataRequest
from requests_queue.policies import can_confirm_exemption, can_file, parts_of
from requests_queue.queries.bumpable import bumpable_items
from requests_queue.queries.linking import related_to, upstream_of
from requests_queue.queries.listing import shown_requests, timeline_of
from requests_queue.rows import state_badge
from requests_queue.services.broken import ISSUE, JOINED
from requests_queue.services.privacy import note_private_reads
from requests_queue.services.working import DELIVERED, note_opened
from requests_queue.web.acts import ACTS, MAIN, Seen, acts_for, join, perform, relate, say, split
from requests_queue.web.markdown import clean_html
from requests_queue.web.plan_place import plan_rows
from requests_queue.web.plan_shown import refusals_of
from requests_queue.web.shown import MOVES, minutes_facts, promises_of, timeline_rows
from requests_queue.web.standing import standing_of
from requests_queue.web.suggesting import note_joined

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

CURL = 'curl -H "Authorization: Bearer $HEADWATER_TOKEN"'


def find(request: HttpRequest, number: str) -> DataRequest:
    """The visible request of this number, else 404."""
    try:
        return shown_requests(request.user).get(number=number)
    except DataRequest.DoesNotExist:
        raise Http404 from None


def request_context(shown: DataRequest, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of a request."""
    seen = seen_by(viewer, shown, at)
    held, acts = seen.held, acts_for(shown, seen)
    lines = timeline_of(shown, with_notes=bool(viewer.is_auditor) or Actor.MEMBER in held)
    return {
        "shown": shown,
        "page_title": shown.title,
        "crumbs": (("Requests", "/requests/"), (shown.number, "")),
        "badge": state_badge(shown.state),
        "bumpable": bumpable_items(shown.team, at),
        "wanted": date_words(shown.wanted_by) if shown.wanted_by else "",
        "standing": standing_of(shown, viewer, at),
        "kind": kind_of(shown.kind),
        "filed": when(shown.filed_at, viewer.zone, at),
        "body": clean_html(shown.body),
        "decision": clean_html(shown.decision_served),
        "promises": promises_of(list(shown.clocks.all()), viewer.zone, at),
        "timeline": timeline_rows(lines, viewer, at),
        "incidents": [line.event.data for line in lines if line.event is not None and line.event.kind == JOINED],
        "main_acts": [act for act in acts if act.verb in MAIN],
        "more_acts": [act for act in acts if act.verb not in MAIN],
        "can_note": Actor.MEMBER in held,
        "minutes": minutes_facts(shown),
        "can_log": bool(held & {Actor.MEMBER, Actor.ASSIGNEE}),
        "is_mine": shown.requester_id == viewer.pk,
        "follow": None if shown.is_private else _follow_of(shown, viewer),
        "related": related_to(shown, viewer),
        "tickets": upstream_of(shown),
        "files": list(shown.attachments.filter(scan_state="clean").order_by("pk")),
        "can_split": Actor.TRIAGER in held and shown.is_open,
        "supporters": list(shown.supporters.select_related("person")[:20]),
        "plan_rows": plan_rows(shown, viewer, at),
        "curl": f"{CURL} {settings.BASE_URL}/api/v1{shown.get_absolute_url()}/",
    }


def seen_by(viewer: Any, shown: DataRequest, at: datetime) -> Seen:
    """What the viewer may do with the request beside what the table of states says."""
    held = parts_of(viewer, shown, at)
    waits = shown.exemption_id is not None and shown.exemption_confirmed_at is None and shown.is_open
    quiet = getattr(shown, "is_muted", None)
    is_deferred = shown.state == State.DEFERRED
    return Seen(
        held,
        may_confirm=waits and can_confirm_exemption(viewer, shown, at).allowed,
        has_proposal=is_deferred and _waits_for_override(shown),
        may_override=is_deferred and may(viewer, "approve", shown.team, at).allowed,
        may_follow=quiet is not False and can_file(viewer).allowed,
        may_mute=quiet is False,
        may_report=can_file(viewer).allowed and _may_be_incident(shown),
    )


def _waits_for_override(shown: DataRequest) -> bool:
    known = getattr(shown, "has_override_proposal", None)
    return shown.override_proposals.filter(decided_at=None).exists() if known is None else bool(known)


def _follow_of(shown: DataRequest, viewer: Any) -> FollowState:
    known, subject = getattr(shown, "is_followed", None), subject_of(shown)
    return follow_state(viewer, subject) if known is None else FollowState(subject.type, subject.id, known)


def _may_be_incident(shown: DataRequest) -> bool:
    """A report of wrong data that stands behind no incident yet; asked of those alone."""
    is_issue = shown.kind == ISSUE and shown.is_open and not shown.is_private
    return is_issue and bool(shown.assets.all()) and not shown.events.filter(kind=JOINED).exists()


class RequestDetailView(PageView):
    """`/requests/<number>`."""

    nav_key = "requests"
    template_name = "requests_queue/detail.html"

    def context(self, at: datetime) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        note_private_reads(actor=self.request.user, requests=[shown], at=at)
        if shown.first_opened_at is None and shown.state in DELIVERED:
            note_opened(actor=self.request.user, request=shown, at=at)
        return request_context(shown, self.request.user, at)


class _OnRequest(DomainFormMixin):
    """A form of the page of a request; a refusal is shown there with what was typed."""

    nav_key = "requests"
    template_name = "requests_queue/detail.html"
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        context = super().get_context_data(**kwargs)
        typed = {
            "refusals": refusals_of(kwargs["form"]), "typed": self.request.POST,
            "verb": self.kwargs.get("verb", "message"),
        }  # fmt: skip
        return context | request_context(shown, self.request.user, clock.now()) | typed

    def url(self) -> str:
        """Where to go on: back to the desk when the form says so."""
        if self.request.POST.get("next") == "triage":
            return "/triage/"
        return f"/requests/{self.kwargs['number']}"


class ActView(_OnRequest):
    """`/requests/<number>/do/<verb>`."""

    def get_form_class(self) -> Any:
        act = ACTS.get(str(self.kwargs["verb"]))
        if act is None:
            raise Http404
        return act.form

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        seen = self.request.POST.get("version", "")
        version = int(seen) if seen.isdecimal() and len(seen) < 10 else None  # noqa: PLR2004 (digits)
        act = ACTS[str(self.kwargs["verb"])]
        perform(act, actor=self.request.user, request=shown, data=form.cleaned_data, version=version, at=at)
        shown.refresh_from_db()
        if act.verb == "private":
            return shown.get_absolute_url()
        if self.request.POST.get("next") == "triage":
            messages.success(self.request, f"{shown.number}: {MOVES[shown.state]}.")
        return self.url()


class MessageView(_OnRequest):
    """`/requests/<number>/messages`."""

    form_class = MessageForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        for name in say(actor=self.request.user, request=shown, data=form.cleaned_data, at=at):
            messages.warning(self.request, f"{name} cannot see this request and was not told.")
        return self.url()


class LinkView(_OnRequest):
    """`/requests/<number>/links`."""

    form_class = LinkForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        relate(actor=self.request.user, request=shown, data=form.cleaned_data, at=at)
        return self.url()


class SplitView(_OnRequest):
    """`/requests/<number>/split`."""

    form_class = SplitForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        split(actor=self.request.user, request=shown, data=form.cleaned_data, at=at)
        return self.url()


class JoinView(_OnRequest):
    """`/requests/<number>/join`."""

    form_class = TextForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        join(actor=self.request.user, request=shown, data=form.cleaned_data, at=at)
        note_joined(self.request, shown, at)
        return self.url()
