"""Special periods and major holidays: listed, opened with their diff, taken back (spec oncall 3)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.words import DRAFT_WORDS, DraftState
from oncall.filters.periods import MajorFilter, PeriodFilter
from oncall.forms.kept import NothingForm
from oncall.forms.periods import CancelForm, MajorForm, PeriodForm
from oncall.models.spans import ends
from oncall.policies import can_manage_rota
from oncall.queries.seasons import listed_majors, listed_periods
from oncall.services.consents import ask_special_period
from oncall.services.majors import remove_major_holiday, set_major_holiday
from oncall.services.rotas import Applying
from oncall.services.seasons import PeriodDraft, cancel_special_period, open_special_period, preview_special_period
from oncall.web.editing import asked_names, moved_rows
from oncall.web.filtering import filtered
from oncall.web.managed import ManagedRotaForm
from oncall.web.periods import find_period
from oncall.web.rotas import ONCALL
from oncall.web.shift_lists import FilteredList
from portal.accounts.models import Person, Team
from portal.core import clock
from portal.core.errors import DomainError, NotVisible
from portal.core.policies import require
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Link, Row, date_words, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

    from oncall.models import MajorHoliday, SpecialPeriod

ONE_DAY = timedelta(days=1)
PERIOD_HEADER = ("period", "name", "rota", "start", "end", "draft", "rounds", "people")
MAJOR_HEADER = ("team", "name", "first", "last", "last_held_by")
MAJORS = (*ONCALL, ("Major holidays", "/oncall/majors/"))


class PeriodsView(FilteredList):
    """`/oncall/holidays/`: days with another rhythm, of every rota."""

    page_title = "Special periods"
    filter_class = PeriodFilter
    order = ("during",)
    export = "oncall_periods_export"
    lead = (
        "Days with another rhythm or more people: the year's end, a freeze, peak weeks. Opened on the page of a rota."
    )
    empty = Empty(
        "No special period matches", "A lead opens one on the page of a rota.", "calendar",
        Link("Who is on call", "/oncall/"),
    )  # fmt: skip

    actions = (Link("Major holidays", "/oncall/majors/", "calendar"),)

    def listed(self) -> Any:
        return listed_periods(self.request.user)

    def line(self, row: SpecialPeriod, zone: str, at: datetime) -> Row:
        del zone
        start, end = ends(row.during)
        state = DraftState(row.draft_state)
        more = [f"{count} as {role}" for role, count in row.slots_override.items()]
        said = f"draft: {DRAFT_WORDS[state]}" if row.rounds else "no draft"
        span = f"{when(start, row.rota.zone, at).text} to {when(end, row.rota.zone, at).text}"
        return Row(
            row.name, reverse("oncall_period", args=[row.slug]), icon="calendar",
            badges=[Badge(said, "warn" if state == DraftState.DRAFTING else "gray")],
            facts=[row.rota.name, span, *more],
        )  # fmt: skip


@require_GET
def export_periods(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(PeriodFilter, listed_periods(request.user), request).qs.order_by("during", "pk")
    lines = [
        (row.slug, row.name, row.rota.slug, *(instant.isoformat() for instant in ends(row.during)), row.draft_state,
         row.rounds, " ".join(f"{role}={count}" for role, count in row.slots_override.items()))
        for row in rows
    ]  # fmt: skip
    return csv_response("special-periods", PERIOD_HEADER, lines, count=len(lines))


class NewPeriodView(ManagedRotaForm):
    """`/oncall/rotas/<slug>/periods/new`: the first POST shows what moves, the second opens it or asks."""

    page_title = "A special period"
    nav_key = "oncall"
    template_name = "oncall/edit.html"
    form_class = PeriodForm
    extra_context = {
        "publish": "Open the period",
        "lead": "Other turns for some days. You see who moves before it holds.",
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"zone": self.rota.zone}

    def form_valid(self, form: Any) -> HttpResponse:
        if form.cleaned_data["diff_sha256"]:
            return super().form_valid(form)
        at = clock.now()
        try:
            diff = preview_special_period(actor=self.request.user, rota=self.rota, period=_draft(form), at=at)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        form.data = form.data.copy() | {"diff_sha256": diff.sha256}
        context = self.get_context_data(
            form=form, diff=diff, asked=asked_names(diff), rows=moved_rows(diff, self.rota, at)
        )
        return self.render_to_response(context)

    def perform(self, form: Any, at: datetime) -> str:
        actor, mark, reason = self.request.user, form.cleaned_data["diff_sha256"], form.cleaned_data["told_reason"]
        if self.request.POST.get("act") == "ask":
            edit = ask_special_period(
                actor=actor, rota=self.rota, period=_draft(form), reason=reason, diff_sha256=mark, at=at
            )
            messages.success(self.request, "They are asked. Nothing moves before all have agreed.")
            return reverse("oncall_edit", args=[edit.pk])
        applying = Applying(mark, told_reason=reason)
        made = open_special_period(actor=actor, rota=self.rota, period=_draft(form), applying=applying, at=at)
        messages.success(self.request, "Opened and planned. Everybody concerned is told.")
        return reverse("oncall_period", args=[made.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("oncall_rota", args=[self.rota.slug])
        crumbs = (*ONCALL, (self.rota.name, back))
        return super().get_context_data(**kwargs) | {"crumbs": crumbs, "back": back, "rota": self.rota}


def _draft(form: Any) -> PeriodDraft:
    given = form.cleaned_data
    return PeriodDraft(
        given["name"], given["slug"], given["start"], given["end"], form.rotation(), given["rounds"], form.slots()
    )  # fmt: skip


class CancelPeriodView(DomainFormMixin):
    """`/oncall/holidays/<period>/cancel`: the usual turns again, before it begins."""

    nav_key = "oncall"
    template_name = "oncall/shift_form.html"
    form_class = CancelForm
    extra_context = {"verb": "Take it back", "lead": "The usual turns hold again; everybody concerned is told."}

    @cached_property
    def period(self) -> SpecialPeriod:
        return find_period(self.request, str(self.kwargs["slug"]))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(can_manage_rota(request.user, self.period.rota.team, clock.now()))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type

    def perform(self, form: Any, at: datetime) -> str:
        applying = Applying(told_reason=form.cleaned_data["told_reason"])
        rota = cancel_special_period(actor=self.request.user, period=self.period, applying=applying, at=at)
        messages.success(self.request, "Taken back. The usual turns hold.")
        return reverse("oncall_rota", args=[rota.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("oncall_period", args=[self.period.slug])
        crumbs = (*ONCALL, (self.period.name, back))
        title = f"Take back {self.period.name}"
        return super().get_context_data(**kwargs) | {"crumbs": crumbs, "back": back, "page_title": title}


class MajorsView(FilteredList):
    """`/oncall/majors/`: the holidays nobody should hold two years running."""

    page_title = "Major holidays"
    filter_class = MajorFilter
    order = ("dates",)
    export = "oncall_majors_export"
    lead = "Nobody should hold the same one two years running. Plans made from now on keep what stands here."
    empty = Empty(
        "No major holiday matches", "A lead names the days nobody wants twice.", "calendar",
        Link("Name one", "/oncall/majors/new"),
    )  # fmt: skip

    actions = (Link("New holiday", "/oncall/majors/new", "plus"),)

    def listed(self) -> Any:
        return listed_majors(self.request.user)

    def line(self, row: MajorHoliday, zone: str, at: datetime) -> Row:
        del zone, at
        first, last = _days(row)
        held = f"last held by {row.last_held_by.name if row.last_held_by is not None else 'nobody known'}"
        return Row(row.name, reverse("oncall_major", args=[row.pk]), icon="calendar",
                   facts=[row.team.name, f"{date_words(first)} to {date_words(last)}", held])  # fmt: skip


def _days(row: MajorHoliday) -> tuple[Any, Any]:
    """The first and the last day, both included."""
    return row.dates.lower, row.dates.upper - ONE_DAY  # type: ignore[operator]  # bounded by the table


@require_GET
def export_majors(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(MajorFilter, listed_majors(request.user), request).qs.order_by("dates", "pk")
    lines = [
        (row.team.slug, row.name, *_days(row), row.last_held_by.handle if row.last_held_by else "") for row in rows
    ]
    return csv_response("major-holidays", MAJOR_HEADER, lines, count=len(lines))


class NewMajorView(DomainFormMixin):
    """`/oncall/majors/new`: the same name and dates are the same holiday."""

    page_title = "A major holiday"
    nav_key = "oncall"
    crumbs = MAJORS
    template_name = "oncall/shift_form.html"
    form_class = MajorForm
    extra_context = {"verb": "Keep it", "back": "/oncall/majors/", "lead": "Counts in plans that are made from now on."}

    def perform(self, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        team = Team.objects.filter(slug=given["team"], archived_at=None).first()
        if team is None:
            raise DomainError("oncall.unknown_team", "There is no such team.", "team")
        handle = given["last_held_by"].strip().lstrip("@")
        person = Person.objects.filter(handle=handle).first() if handle else None
        if handle and person is None:
            raise DomainError("oncall.unknown_person", f"There is no person {handle[:40]!r}.", "last_held_by")
        set_major_holiday(actor=self.request.user, team=team, name=given["name"], first=given["first"],
                          last=given["last"], last_held_by=person, at=at)  # fmt: skip
        return "/oncall/majors/"


class MajorView(DomainFormMixin):
    """`/oncall/majors/<pk>`: when it is and who held it; a lead removes it with one button."""

    nav_key = "oncall"
    crumbs = MAJORS
    template_name = "oncall/major.html"
    form_class = NothingForm

    @cached_property
    def major(self) -> MajorHoliday:
        found = listed_majors(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def perform(self, form: Any, at: datetime) -> str:
        del form
        remove_major_holiday(actor=self.request.user, major=self.major, at=at)
        messages.success(self.request, "Removed. Plans made from now on do not count it.")
        return "/oncall/majors/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.major
        first, last = _days(row)
        held = row.last_held_by.name if row.last_held_by is not None else "nobody known"
        return super().get_context_data(**kwargs) | {
            "page_title": row.name, "lead": f"{row.team.name}, {date_words(first)} to {date_words(last)}.",
            "held": held, "may_remove": can_manage_rota(self.request.user, row.team, clock.now()).allowed,
        }  # fmt: skip
