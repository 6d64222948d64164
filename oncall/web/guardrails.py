"""`/oncall/guardrails/`: what pages too often, what falls out of hours, and nights that were given away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.guardrails import RULE_WORDS
from oncall.forms.guardrails import ANSWERS, DeclineForm, ReviewForm
from oncall.policies import can_manage_rota
from oncall.queries.strain import guarded_nights, listed_reviews, rotas_that_page, strain_of
from oncall.services.guarding import decline_guardrail
from oncall.services.reviewing import answer_review
from oncall.services.shift_news import rota_url
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Link, Row, count_words, date_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import GuardrailFire, PagesReview
    from oncall.queries.strain import Strain

PAGE = "/oncall/guardrails/"
MOST = 100
HEADER = ("rota", "team", "shifts_4_weeks", "pages_4_weeks", "pages_a_shift", "pages_90_days", "out_of_hours",
          "percent_out_of_hours", "colour")  # fmt: skip
OUTCOMES = {"moved": "given away", "not_needed": "not needed", "nobody": "nobody could take it",
            "declined": "taken after all"}  # fmt: skip


class GuardrailsView(PageView):
    """Sums for everybody; nights by person for the person and their lead alone."""

    page_title = "Guardrails"
    nav_key = "oncall"
    crumbs = (("On-call", "/oncall/"),)
    template_name = "oncall/guardrails.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return guardrails_context(self.request, at)


@require_GET
def export_guardrails(request: HttpRequest) -> StreamingHttpResponse:
    """The figures of every rota as CSV."""
    found = strain_of(list(rotas_that_page(request.user, request.GET.get("team", ""))), clock.now())
    return csv_response("guardrails", HEADER, _lines(found), count=len(found))


class ReviewView(DomainFormMixin):
    """`/oncall/guardrails/<id>/answer`."""

    page_title = "Guardrails"
    nav_key = "oncall"
    crumbs = (("On-call", "/oncall/"),)
    template_name = "oncall/guardrails.html"
    form_class = ReviewForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        review = listed_reviews(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if review is None:
            raise Http404
        answer_review(actor=self.request.user, review=review, at=at, **form.cleaned_data)
        messages.success(
            self.request, f"Kept. It is asked again if {review.rota.name} still pages as often in a month."
        )
        return PAGE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not listed_reviews(self.request.user).filter(pk=self.kwargs["pk"]).exists():
            raise Http404
        context = super().get_context_data(**kwargs) | guardrails_context(self.request, clock.now())
        return context | {"refused": kwargs["form"], "typed": self.request.POST, "typed_in": self.kwargs["pk"]}


class DeclineView(DomainFormMixin):
    """`/oncall/guardrails/nights/<id>/decline`: the person takes the night after all."""

    page_title = "Guardrails"
    nav_key = "oncall"
    template_name = "oncall/guardrails.html"
    form_class = DeclineForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        del form
        fire = guarded_nights(self.request.user, at).filter(pk=self.kwargs["pk"]).first()
        if fire is None:
            raise Http404
        decline_guardrail(actor=self.request.user, fire=fire, at=at)
        messages.success(self.request, "The night is yours again.")
        return PAGE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | guardrails_context(self.request, clock.now())
        return context | {"refused": kwargs["form"]}


def guardrails_context(request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Everything on the page."""
    viewer: Any = request.user
    team = request.GET.get("team", "")
    found = strain_of(list(rotas_that_page(viewer, team)[:MOST]), at)
    reviews = list(listed_reviews(viewer).order_by("answer", "-opened_at", "-pk")[:20])
    nights = list(guarded_nights(viewer, at).order_by("-night", "-pk")[:20])
    return {
        "team": team, "query": request.GET.urlencode(), "answers": ANSWERS,
        "often": [_often(each) for each in found], "outside": [_outside(each) for each in found if each.pages],
        "asked": [_asked(review, viewer, at) for review in reviews if not review.answer],
        "settled": [_settled(review, viewer.zone, at) for review in reviews if review.answer],
        "nights": [_night(fire, viewer, at) for fire in nights],
        "empty": Empty("No rota pages anybody yet", "Make one, and its nights are counted here.", "siren",
                       Link("Make a rota", "/oncall/rotas/new")),
    }  # fmt: skip


def _often(each: Strain) -> Row:
    badge = Badge("More than two a shift", "bad") if each.is_over else Badge("Within the limit", "ok")
    pages, shifts = count_words(sum(each.pages_a_shift), "page"), count_words(len(each.pages_a_shift), "shift")
    facts = [each.rota.team.name, f"{pages} in {shifts}"]
    return Row(each.rota.name, rota_url(each.rota), icon="siren", badges=[badge], facts=facts, side=f"{each.mean:.1f}")


def _outside(each: Strain) -> Row:
    words = {"ok": "Within 15 %", "warn": "Over 15 %", "bad": "Over 30 %"}
    facts = [f"{each.out_of_hours} of {count_words(each.pages, 'page')}"]
    return Row(each.rota.team.name, reverse("teams_detail", args=[each.rota.team.slug]), icon="users",
               badges=[Badge(words[each.colour], each.colour)], facts=facts, side=f"{each.percent} %")  # fmt: skip


def _asked(review: PagesReview, viewer: Any, at: datetime) -> dict[str, Any]:
    return {
        "pk": review.pk, "rota": review.rota, "pages": review.pages, "shifts": review.shifts,
        "since": when(review.opened_at, viewer.zone, at),
        "can_answer": bool(can_manage_rota(viewer, review.rota.team, at)),
    }  # fmt: skip


def _settled(review: PagesReview, zone: str, at: datetime) -> Row:
    by = review.answered_by.name if review.answered_by is not None else "the house"
    facts = [fact for fact in (review.note, f"said by {by}") if fact]
    side = when(review.answered_at, zone, at).text if review.answered_at is not None else ""
    return Row(f"{review.rota.name}: {dict(ANSWERS)[review.answer].lower()}", rota_url(review.rota), icon="check",
               facts=facts, side=side)  # fmt: skip


def _night(fire: GuardrailFire, viewer: Any, at: datetime) -> dict[str, Any]:
    change = fire.change
    begins = change.during.lower if change is not None else None
    is_own = fire.person_id == viewer.pk and fire.outcome == "moved" and begins is not None and begins > at
    return {
        "pk": fire.pk, "name": fire.person.name, "rota": fire.rota.name, "night": date_words(fire.night),
        "rule": RULE_WORDS[fire.rule], "outcome": OUTCOMES[fire.outcome], "can_decline": is_own,
    }  # fmt: skip


def _lines(found: Sequence[Strain]) -> Iterator[tuple[Any, ...]]:
    for each in found:
        yield (each.rota.slug, each.rota.team.slug, len(each.pages_a_shift), sum(each.pages_a_shift),
               round(each.mean, 2), each.pages, each.out_of_hours, each.percent, each.colour)  # fmt: skip
