"""Special periods: who serves gladly, who wants to be free, and the draft."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.urls import reverse
from django.views import View

from oncall.domain.words import DRAFT_WORDS, DraftState
from oncall.forms.periods import GLADLY, MOST_RANKS, DraftForm
from oncall.models import DraftPick, SpecialPeriod
from oncall.models.spans import ends
from oncall.policies import can_manage_rota, rotas_visible_to
from oncall.queries.seasons import planned_in
from oncall.services.seasons import DRAFT_LASTS, close_draft, period_starts, pick_draft
from oncall.services.shift_news import shift_line
from oncall.web.rotas import ONCALL
from oncall.web.timeline import Face
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.form_keys import once
from portal.core.web.presentation import Row, avatar, when
from portal.core.web.views import DomainFormMixin, SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


MOST_PLANNED = 200


def find_period(request: HttpRequest, slug: str) -> SpecialPeriod:
    """The visible period; raises `NotVisible`."""
    rows = SpecialPeriod.objects.filter(slug=slug, rota__in=rotas_visible_to(request.user))
    found = rows.select_related("rota__team").first()
    if found is None:
        raise NotVisible
    return found


class PeriodView(DomainFormMixin):
    """`/oncall/holidays/<period>`: one's own word on each block, and what the draft gave."""

    nav_key = "oncall"
    template_name = "oncall/period.html"
    form_class = DraftForm

    @cached_property
    def period(self) -> SpecialPeriod:
        return find_period(self.request, str(self.kwargs["slug"]))

    def get_form_kwargs(self) -> dict[str, Any]:
        facts = {"starts": period_starts(self.period), "zone": self.period.rota.zone}
        return super().get_form_kwargs() | facts

    def get_initial(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        picks = DraftPick.objects.filter(period=self.period, person=viewer)
        said = {p.block_start: GLADLY if p.kind == "volunteer" else str(min(p.rank, MOST_RANKS)) for p in picks}
        return {f"block_{n}": said.get(start, "") for n, start in enumerate(period_starts(self.period))}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        pick_draft(actor=viewer, period=self.period, volunteers=form.volunteers(), wishes=form.wishes(), at=at)
        messages.success(self.request, "Noted. You can change it until the draft is closed.")
        return reverse("oncall_period", args=[self.period.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period, at = self.period, clock.now()
        start, end = (when(instant, period.rota.zone, at).text for instant in ends(period.during))
        crumbs = (*ONCALL, (period.rota.name, reverse("oncall_rota", args=[period.rota.slug])))
        is_open = period.draft_state != "closed"
        may_manage = can_manage_rota(self.request.user, period.rota.team, at).allowed
        return super().get_context_data(**kwargs) | {
            "page_title": period.name, "crumbs": crumbs, "period": period, "is_open": is_open,
            "lead": f"{start} to {end}. The draft {_draft_words(period, at)}.",
            "granted": granted_rows(period), "planned": planned_rows(period, at),
            "may_cancel": may_manage and ends(period.during)[0] > at,
            "may_close": is_open and may_manage,
        }  # fmt: skip


def _draft_words(period: SpecialPeriod, at: datetime) -> str:
    """Where the draft stands, and when it goes on."""
    state, zone = DraftState(period.draft_state), period.rota.zone
    if state == DraftState.NONE and period.volunteer_from is not None:
        return f"asks from {when(period.volunteer_from, zone, at).text}; wishes are taken before"
    if state == DraftState.DRAFTING and period.draft_at is not None:
        return f"asks for wishes until {when(period.draft_at + DRAFT_LASTS, zone, at).text}"
    return "is not held" if not period.rounds else DRAFT_WORDS[state] if state != DraftState.CLOSED else "is closed"


def planned_rows(period: SpecialPeriod, at: datetime) -> list[Row]:
    """Who is planned, a line a stretch."""
    zone = period.rota.zone
    return [
        Row(
            row.person.name if row.person is not None else "Nobody", "", dot="" if row.person is not None else "bad",
            avatar=avatar(Face(row.person_id or 0, row.person.name)) if row.person is not None else None,
            facts=[shift_line(row.role, *ends(row.during), zone, at)],
        )
        for row in planned_in(period)[:MOST_PLANNED]
    ]  # fmt: skip


def granted_rows(period: SpecialPeriod) -> list[Row]:
    """Who serves gladly, and who is free of which block by which round."""
    zone = ZoneInfo(period.rota.zone)
    picks = DraftPick.objects.filter(period=period).select_related("person").order_by("block_start", "round", "rank")
    return [
        Row(
            f"{pick.block_start.astimezone(zone):%a %d %b %H:%M}", "", icon="calendar",
            facts=[pick.person.name, "serves gladly" if pick.kind == "volunteer" else f"free by round {pick.round}"],
        )
        for pick in picks
        if pick.kind == "volunteer" or pick.round is not None
    ]  # fmt: skip


class CloseView(View):
    """POST: the rounds are run and the draft is closed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        period, at = find_period(request, slug), clock.now()

        def act() -> str:
            close_draft(actor=request.user, period=period, told_reason=request.POST.get("told_reason", ""), at=at)
            return reverse("oncall_period", args=[slug])

        return SeeOther(once(request, act, at=at))
