"""Why a date is what it is, and what people say about it: an excuse, a pause that was forgotten (spec sla 4.3, 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import Http404

from portal.core import clock
from portal.core.web.presentation import count_words, duration_words, when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue.domain.spans import parse_span, span_words
from requests_queue.domain.states import WAITING, Actor
from requests_queue.forms import ExcuseForm, LatePauseForm, TargetForm
from requests_queue.policies import can_judge_clock, parts_of
from requests_queue.queries.explaining import explain_clock
from requests_queue.queries.listing import listed_clocks, messages_of
from requests_queue.services.backdating import LatePause, pause_late
from requests_queue.services.clocks import change_target, excuse_breach
from requests_queue.web.clock_line import line_of
from requests_queue.web.details import find
from requests_queue.web.plan_shown import refusals_of
from requests_queue.web.shown import clock_facts, promises_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from requests_queue.models import DataRequest, SlaClock, SlaStepFire

MOST_QUESTIONS = 10
CUT = 80


class ClockView(PageView):
    """`/requests/<number>/clock`: why this date."""

    page_title = "Why this date"
    nav_key = "requests"
    template_name = "requests_queue/clock.html"

    def context(self, at: datetime) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        return clock_page(self.request, shown, self.request.GET.get("clock", ""), at)


class _OnClock(DomainFormMixin):
    """A form of the page of a clock; a refusal is shown there with what was typed."""

    page_title = "Why this date"
    nav_key = "requests"
    template_name = "requests_queue/clock.html"
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        page = clock_page(self.request, shown, self.request.POST.get("clock", ""), clock.now())
        typed = {"refusals": refusals_of(kwargs["form"]), "typed": self.request.POST}
        return super().get_context_data(**kwargs) | page | typed


class ExcuseView(_OnClock):
    """`/requests/<number>/clock/excuse`: the breach stays, figures show it beside the excused ones."""

    form_class = ExcuseForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        chosen = _clock_called(self.request.user, shown, form.cleaned_data["clock"])
        excuse_breach(actor=self.request.user, clock=chosen, reason=form.cleaned_data["reason"], at=at)
        return f"/requests/{shown.number}/clock?clock={chosen.pk}"


class TargetView(_OnClock):
    """`/requests/<number>/clock/target`: another length from now on; what was counted and what was late stand."""

    form_class = TargetForm

    def perform(self, form: Any, at: datetime) -> str:
        shown, given = find(self.request, str(self.kwargs["number"])), form.cleaned_data
        chosen = _clock_called(self.request.user, shown, given["clock"])
        day = chosen.calendar_version.nominal_day_seconds
        seconds = parse_span(given["target"], day, "target")
        change_target(actor=self.request.user, clock=chosen, target_seconds=seconds, reason=given["reason"], at=at)
        return f"/requests/{shown.number}/clock?clock={chosen.pk}"


class LatePauseView(_OnClock):
    """`/requests/<number>/clock/pause`: it had waited, and nobody said so at the time. Times in the viewer's zone."""

    form_class = LatePauseForm

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        given, zone = form.cleaned_data, ZoneInfo(getattr(self.request.user, "zone", "UTC"))
        until = given["until"]
        pause = LatePause(
            given["since"].replace(tzinfo=zone), until.replace(tzinfo=zone) if until else None, given["waits_for"],
            given["question"], given["reason"],
        )  # fmt: skip
        pause_late(actor=self.request.user, request=shown, pause=pause, at=at)
        return f"/requests/{shown.number}/clock"


def _clock_called(viewer: Any, shown: DataRequest, pk: int) -> SlaClock:
    found = listed_clocks(viewer).filter(request=shown, pk=pk).select_related("calendar_version").first()
    if found is None:
        raise Http404
    return found


def clock_page(request: HttpRequest, shown: DataRequest, asked: str, at: datetime) -> dict[str, Any]:
    """Everything on the page of a clock: the one that is asked for, else the newest."""
    viewer: Any = request.user
    rows = listed_clocks(viewer).filter(request=shown).order_by("id")
    clocks = list(rows.select_related("calendar_version__calendar"))
    chosen = next((one for one in clocks if str(one.pk) == asked), clocks[-1])
    judges = can_judge_clock(viewer, shown, at).allowed
    may_pause = shown.is_open and (judges or Actor.ASSIGNEE in parts_of(viewer, shown, at))
    return clock_context(shown, clocks, chosen, getattr(viewer, "zone", "UTC"), at) | {
        "chosen": chosen, "is_broken": chosen.breach_at is not None and chosen.breach_at < at, "can_excuse": judges,
        "can_change": judges and chosen.is_live, "target": span_words(chosen.target_seconds),
        "may_pause": may_pause, "waits_now": shown.state in WAITING, "zone": getattr(viewer, "zone", "UTC"),
        "questions": _questions(shown, viewer, at) if may_pause else (),
    }  # fmt: skip


def _questions(shown: DataRequest, viewer: Any, at: datetime) -> list[tuple[int, str]]:
    """The newest public messages of the team, by id and words."""
    rows = messages_of(shown, viewer, at).filter(is_public=True, is_automatic=False, deleted_at=None)
    rows = rows.exclude(author=shown.requester_id).order_by("-id")[:MOST_QUESTIONS]
    zone = getattr(viewer, "zone", "UTC")
    return [(row.pk, f"{when(row.created_at, zone, at).text}: {row.body[:CUT]}") for row in rows]


def _told_words(fire: SlaStepFire) -> str:
    """What became of a step that was reached."""
    if fire.status == "skipped":
        return "passed over: a later one was told"
    who = count_words(len(fire.audience), "person", "people")
    return f"told to {who} instead: nobody else was found" if fire.status == "unrouted" else f"told to {who}"


def clock_context(
    shown: DataRequest, clocks: list[SlaClock], chosen: SlaClock, zone: str, at: datetime
) -> dict[str, Any]:
    """The stretches of one clock as a table whose last row is their sum."""
    told = explain_clock(chosen, at)
    fires = {fire.step: _told_words(fire) for fire in chosen.fires.all()}
    table = [
        (
            (when(row.start, zone, at).text, False), (when(row.end, zone, at).text, False), (row.label, False),
            (duration_words(row.seconds), True),
        )
        for row in told.stretches
    ]  # fmt: skip
    total = (("Counted in all", False), ("", False), ("", False), (duration_words(told.totals["counted"]), True))
    return {
        "shown": shown,
        "facts": clock_facts(chosen),
        "promises": promises_of(clocks, zone, at),
        "crumbs": (("Requests", "/requests/"), (shown.number, shown.get_absolute_url())),
        "table": [*table, total],
        "heads": (("From", False), ("To", False), ("What", False), ("Length", True)),
        "steps": [
            (f"{step.percent} %", when(step.at, zone, at), fires.get(place, ""))
            for place, step in enumerate(told.view.steps)
            if step.at is not None
        ],
        "line": line_of(told, zone, at),
        "due": when(told.view.due_at, zone, at) if told.view.due_at else None,
        "exact": f"{told.view.elapsed_seconds:,}",
    }
