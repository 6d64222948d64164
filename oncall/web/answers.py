"""One button, one answer: to an offer, a cover, a change of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.urls import reverse
from django.views import View

from oncall.domain.rules import bad
from oncall.forms.changes import CompDayForm
from oncall.models import CoverRequest, ShiftChange
from oncall.policies import rotas_visible_to
from oncall.queries.board import covers_for, listed_comp_days, offers_for
from oncall.queries.edits import edits_for
from oncall.services.changes import accept_change, refuse_change, withdraw_change
from oncall.services.covers import accept_cover
from oncall.services.serving import take_comp_day
from oncall.services.swaps import accept_swap
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.form_keys import once
from portal.core.web.presentation import Empty, Link, Row, day_words, when
from portal.core.web.views import PageView, SeeOther

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from oncall.models import RotaEdit


class AnswersView(PageView):
    """`/oncall/answers/`: everything that waits for this person's yes."""

    page_title = "You are asked"
    nav_key = "oncall"
    template_name = "oncall/answers.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        return {
            "lead": "Covers, swaps and changes of your shifts that wait for your yes.",
            "covers": [_cover_line(row, viewer.zone, at) for row in covers_for(viewer, at)],
            "edits": [_edit_line(row, viewer.zone, at) for row in edits_for(viewer)],
            "offers": [_offer_line(row, viewer.zone, at) for row in offers_for(viewer)],
            "comp_days": [
                (day.pk, Row(f"For {day_words(day.earned_on, at.date())}", "", icon="calendar", facts=[
                    day.rota.name, f"to be taken by {day_words(day.due_by, at.date())}",
                ]))
                for day in listed_comp_days(viewer).filter(state="open").order_by("due_by")[:20]
            ],
            "today": at.astimezone(ZoneInfo(viewer.zone)).date().isoformat(),
            "empty": Empty("Nobody asks you anything", "Covers, swaps and offers appear here.", "check"),
        }  # fmt: skip


def _cover_line(row: CoverRequest, zone: str, at: datetime) -> tuple[int, Row]:
    span = f"{when(row.during.lower, zone, at).text} to {when(row.during.upper, zone, at).text}"  # type: ignore[arg-type]  # bounded by the table
    return row.pk, Row(
        f"{row.from_person.name} needs cover", "", icon="hand-helping", facts=[row.rota.name, row.role, span]
    )


def _offer_line(row: ShiftChange, zone: str, at: datetime) -> tuple[int, Row]:
    span = f"{when(row.during.lower, zone, at).text} to {when(row.during.upper, zone, at).text}"  # type: ignore[arg-type]  # as above
    asker = row.requested_by.name if row.requested_by else "The portal"
    return row.pk, Row(f"{asker} offers a swap", "", icon="repeat", facts=[row.rota.name, row.role, span])


def _edit_line(row: RotaEdit, zone: str, at: datetime) -> Row:
    asker = row.asked_by.name if row.asked_by else "The portal"
    url = reverse("oncall_edit", args=[row.pk])
    return Row(
        f"{asker} asks to change your shifts", url, icon="repeat",
        facts=[row.rota.name, f"from {when(row.begins_at, zone, at).text}"], action=Link("See and answer", url),
    )  # fmt: skip


class TakeCompDayView(View):
    """POST: this day off was, or will be, taken on a day."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        viewer: Any = request.user
        at, comp = clock.now(), listed_comp_days(viewer).filter(pk=pk).first()
        if comp is None:
            raise NotVisible
        form = CompDayForm(request.POST)
        if not form.is_valid():
            raise bad("on", "Write the day, such as 2027-06-20.")

        def act() -> str:
            take_comp_day(actor=viewer, comp=comp, on=form.cleaned_data["on"], at=at)
            return reverse("oncall_answers")

        url = once(request, act, at=at)
        messages.success(request, "Noted as taken.")
        return SeeOther(url)


class AnswerView(View):
    """POST `/oncall/answers/<kind>/<pk>/<verb>`: yes, no, or taking it back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str, pk: int, verb: str) -> HttpResponse:
        at, act = clock.now(), ACTS.get((kind, verb))
        if act is None:
            raise NotVisible
        url = once(request, lambda: act(request.user, pk, at), at=at)
        messages.success(request, "Noted.")
        return SeeOther(url)


def _accept_cover(actor: Any, pk: int, at: datetime) -> str:
    row = CoverRequest.objects.filter(pk=pk, rota__in=rotas_visible_to(actor)).select_related("rota").first()
    if row is None:
        raise NotVisible
    accept_cover(actor=actor, cover=row, at=at)
    return reverse("oncall_rota", args=[row.rota.slug])


def _change(pk: int, actor: Any) -> ShiftChange:
    row = ShiftChange.objects.filter(pk=pk, rota__in=rotas_visible_to(actor)).select_related("rota__team").first()
    if row is None:
        raise NotVisible
    return row


def _accept(actor: Any, pk: int, at: datetime) -> str:
    row = _change(pk, actor)
    if row.kind == "swap":
        accept_swap(actor=actor, group=row.group, at=at)
    else:
        accept_change(actor=actor, change=row, at=at)
    return reverse("oncall_rota", args=[row.rota.slug])


def _refuse(actor: Any, pk: int, at: datetime) -> str:
    row = _change(pk, actor)
    if row.kind == "swap":
        withdraw_change(actor=actor, change=row, at=at)
    else:
        refuse_change(actor=actor, change=row, at=at)
    return reverse("oncall_answers")


def _withdraw(actor: Any, pk: int, at: datetime) -> str:
    row = _change(pk, actor)
    withdraw_change(actor=actor, change=row, at=at)
    return reverse("oncall_rota", args=[row.rota.slug])


ACTS: dict[tuple[str, str], Callable[[Any, int, datetime], str]] = {
    ("cover", "accept"): _accept_cover,
    ("change", "accept"): _accept,
    ("change", "refuse"): _refuse,
    ("change", "withdraw"): _withdraw,
}
