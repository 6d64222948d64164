"""Lists of shifts, of changes over the plan and of requests for cover, each with its download."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.words import ROLE_WORDS, ChangeState, DutyRole
from oncall.filters.shifts import ChangeFilter, CoverFilter
from oncall.forms.shift_lists import ShiftListForm
from oncall.models.spans import ends
from oncall.queries.board import is_held_by, listed_changes, listed_covers
from oncall.queries.working_out import facts_between, firm_between
from oncall.services.shift_news import rota_url, shift_line
from oncall.web.filtering import filtered
from oncall.web.rotas import ONCALL, find_rota
from oncall.web.timeline import Face
from portal.core import clock
from portal.core.errors import BadRequest
from portal.core.web.csv_export import csv_response
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, avatar, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.domain.effective import Effective
    from oncall.models import CoverRequest, Rota, ShiftChange
    from oncall.queries.people import DutyPerson

LONGEST = timedelta(days=400)
AHEAD = timedelta(days=28)
CHANGES_HEADER = ("rota", "kind", "role", "from", "to", "start", "end", "state", "asked_by", "created_at")
COVERS_HEADER = ("rota", "role", "from", "asked", "taken_by", "start", "end", "state", "opened_at")
SHIFTS_HEADER = ("rota", "role", "slot", "person", "name", "start", "end", "source", "reason", "provisional")
STATE_CSS = {"active": "ok", "taken": "ok", "proposed": "warn", "open": "warn"}


class FilteredList(PageView):
    """A page of a keyset list: the address is its state."""

    nav_key = "oncall"
    crumbs = ONCALL
    template_name = "oncall/filtered.html"
    partial = "rows"
    filter_class: Any
    order: tuple[str, ...]
    export = ""
    lead = ""
    empty: Empty
    actions: tuple[Link, ...] = ()

    def listed(self) -> Any:
        raise NotImplementedError

    def shown(self, rows: Any) -> Any:
        """The rows of a page as `line` takes them."""
        return rows

    def line(self, row: Any, zone: str, at: datetime) -> Row:
        raise NotImplementedError

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        chosen = filtered(self.filter_class, self.listed(), self.request)
        page = keyset(chosen.qs, order=self.order, cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "lead": self.lead, "empty": self.empty, "actions": self.actions,
            "form": chosen.form, "rows": [self.line(row, viewer.zone, at) for row in self.shown(page.rows)],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "download": f"{reverse(self.export)}?{self.request.GET.urlencode()}",
            "clear": self.request.path,
        }  # fmt: skip


class ChangesView(FilteredList):
    """`/oncall/changes/`: what was laid over the plan, the newest first."""

    page_title = "Changes of shifts"
    filter_class = ChangeFilter
    order = ("-created_at",)
    export = "oncall_changes_export"
    lead = "Overrides, takes, covers and swaps of every rota."
    empty = Empty(
        "No change matches", "Whoever takes, swaps or gives a shift stands here.", "repeat",
        Link("Who is on call", "/oncall/"),
    )  # fmt: skip

    def listed(self) -> Any:
        return listed_changes(self.request.user)

    def line(self, row: ShiftChange, zone: str, at: datetime) -> Row:
        giver = row.from_person.name if row.from_person else "nobody"
        return Row(
            f"{row.to_person.name} for {giver}", rota_url(row.rota),
            avatar=avatar(Face(row.to_person_id, row.to_person.name)),
            badges=[Badge(state_words(row.state), STATE_CSS.get(row.state, "gray"))],
            facts=[row.rota.name, row.kind, shift_line(row.role, *ends(row.during), zone, at)],
        )  # fmt: skip


class CoversView(FilteredList):
    """`/oncall/covers/`: who needed somebody, and who came."""

    page_title = "Requests for cover"
    filter_class = CoverFilter
    order = ("-opened_at",)
    export = "oncall_covers_export"
    lead = "Asked by people, and by themselves when an absence meets a shift."
    empty = Empty(
        "Nobody needs cover", "An absence over a shift asks by itself.", "hand-helping",
        Link("Say when you are away", "/me/away/"),
    )  # fmt: skip

    def listed(self) -> Any:
        return listed_covers(self.request.user)

    def line(self, row: CoverRequest, zone: str, at: datetime) -> Row:
        if row.taken_by is not None:
            said = f"{row.taken_by.name} covers"
        elif row.candidate is not None and row.ask == "chosen":
            said = f"{row.candidate.name} is asked"
        else:
            said = "everybody of the rota is asked"
        return Row(
            f"Cover for {row.from_person.name}", rota_url(row.rota), icon="hand-helping",
            badges=[Badge(row.state, STATE_CSS.get(row.state, "gray"))],
            facts=[row.rota.name, shift_line(row.role, *ends(row.during), zone, at),
                   *([said] if row.state in ("open", "taken") else [])],
        )  # fmt: skip


def state_words(state: str) -> str:
    """A state of a change as people say it."""
    return {ChangeState.PROPOSED: "asked", ChangeState.ACTIVE: "stands", ChangeState.SUPERSEDED: "replaced"}.get(
        ChangeState(state), state
    )


@require_GET
def export_changes(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(ChangeFilter, listed_changes(request.user), request).qs.order_by("created_at", "pk")
    lines = (
        (row.rota.slug, row.kind, row.role, row.from_person.handle if row.from_person else "", row.to_person.handle,
         *(instant.isoformat() for instant in ends(row.during)), row.state,
         row.requested_by.handle if row.requested_by else "", row.created_at.isoformat())
        for row in rows.iterator(1000)
    )  # fmt: skip
    return csv_response("shift-changes", CHANGES_HEADER, lines, count=rows.count())


@require_GET
def export_covers(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(CoverFilter, listed_covers(request.user), request).qs.order_by("opened_at", "pk")
    lines = (
        (row.rota.slug, row.role, row.from_person.handle, row.candidate.handle if row.candidate else "",
         row.taken_by.handle if row.taken_by else "", *(instant.isoformat() for instant in ends(row.during)),
         row.state, row.opened_at.isoformat())
        for row in rows.iterator(1000)
    )  # fmt: skip
    return csv_response("covers", COVERS_HEADER, lines, count=rows.count())


class ShiftsView(PageView):
    """`/oncall/rotas/<slug>/shifts`: every stretch as a list, by day, role, person and layer."""

    nav_key = "oncall"
    template_name = "oncall/filtered.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rota = find_rota(self.request, str(self.kwargs["slug"]))
        form, rows, people = chosen_shifts(rota, self.request, at)
        return {
            "page_title": f"Shifts of {rota.name}", "crumbs": (*ONCALL, (rota.name, rota_url(rota))),
            "lead": "As it is after absences and the cascade, or plan and changes alone.", "form": form,
            "rows": [_shift_row(row, people, viewer.zone, at) for row in rows],
            "download": f"{reverse('oncall_shifts_export', args=[rota.slug])}?{self.request.GET.urlencode()}",
            "clear": self.request.path,
            "empty": Empty("No shift matches", "Nothing is planned for these days.", "calendar",
                           Link("The schedule", rota_url(rota))),
        }  # fmt: skip


@require_GET
def export_shifts(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The filtered shifts as CSV."""
    rota = find_rota(request, slug)
    _, rows, people = chosen_shifts(rota, request, clock.now())
    lines = (
        (rota.slug, row.role, row.slot, people[row.person].handle if row.person else "",
         people[row.person].name if row.person else "nobody", row.start.isoformat(), row.end.isoformat(),
         row.source.value, row.reason_code, row.provisional)
        for row in rows
    )  # fmt: skip
    return csv_response(f"shifts-{rota.slug}", SHIFTS_HEADER, lines, count=len(rows))


def chosen_shifts(
    rota: Rota, request: HttpRequest, at: datetime
) -> tuple[ShiftListForm, list[Effective], dict[int, DutyPerson]]:  # fmt: skip
    """What the address asks for: four weeks from today unless days are named. Raises `BadRequest` with the field."""
    form = ShiftListForm(request.GET)
    if not form.is_valid():
        field = next(iter(form.errors))
        raise BadRequest("core.bad_filter", str(form.errors[field][0]), field)
    given, zone = form.cleaned_data, ZoneInfo(rota.zone)
    first = given["from"] or at.astimezone(zone).date()
    last = given["to"] or first + AHEAD
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    if not start < end <= start + LONGEST:
        raise BadRequest("core.bad_filter", "From one day to 400, the last day after the first.", "to")
    rows, people = facts_between(rota, start, end, widen=True)
    if given["layer"] == "planned":
        rows = firm_between(rota, start, end)
    person = given["person"].strip().lstrip("@")
    return form, [row for row in rows if is_held_by(row, people, given["role"], person)], people


def _shift_row(row: Effective, people: dict[int, DutyPerson], zone: str, at: datetime) -> Row:
    span = f"{when(row.start, zone, at).text} to {when(row.end, zone, at).text}"
    facts = [ROLE_WORDS[DutyRole(row.role)], span]
    if row.person is None:
        return Row("Nobody", "", dot="bad", facts=facts, side="gap", side_css="text-bad")
    person = people[row.person]
    badges = [Badge("provisional", "warn")] if row.provisional else []
    badges += [Badge(row.reason_code, "line")] if row.reason_code and not row.provisional else []
    return Row(person.name, "", avatar=avatar(Face(person.id, person.name)), badges=badges, facts=facts,
               side="now" if row.start <= at < row.end else "")  # fmt: skip
