"""`/faq/figures/`: what the answers saved, and whether the suggestions are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404

from portal.core import clock
from portal.core.web.presentation import Empty, Fact, Link, count_words, percent_words, when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue.answer_policies import can_tune
from requests_queue.queries.answer_figures import answer_figures
from requests_queue.queries.embedding import seen_lexical
from requests_queue.services.refitting import refit_suggestions, use_shipped

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.queries.answer_figures import AnswerFigures, BandFigures

BANDS = {"upper": "Likely answered", "lower": "Maybe related"}
HEADS = (("Band", False), ("Asks", True), ("With a verdict", True), ("Solved", True), ("Right", True))
FIT_HEADS = (("Fit", False), ("When", False), ("Labels", True), ("Right at 0.8", True), ("What became of it", False))


class FiguresView(PageView):
    """Sums of 90 days; nobody is counted by name."""

    page_title = "What the answers saved"
    nav_key = "answers"
    crumbs = (("Answers", "/faq/"),)
    template_name = "requests_queue/answers/figures.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return figures_context(self.request.user, at)


class FitView(DomainFormMixin):
    """`/faq/figures/do/<verb>`: fit the bands to the verdicts so far, or go back to the shipped ones."""

    page_title = "What the answers saved"
    nav_key = "answers"
    crumbs = (("Answers", "/faq/"),)
    template_name = "requests_queue/answers/figures.html"
    form_class = Form
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        del form
        acts = {"fit": _fitted, "shipped": _back}
        if self.kwargs["verb"] not in acts:
            raise Http404
        messages.success(self.request, acts[self.kwargs["verb"]](self.request.user, at))
        return "/faq/figures/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = figures_context(self.request.user, clock.now())
        return super().get_context_data(**kwargs) | shown | {"refused": kwargs["form"]}


def _fitted(actor: Any, at: datetime) -> str:
    made = refit_suggestions(actor=actor, at=at)
    what = "The new fit is in use." if made.is_active else f"The old one stays: {made.note}"
    return f"Fitted to {count_words(made.labels, 'verdict')}. {what}"


def _back(actor: Any, at: datetime) -> str:
    use_shipped(actor=actor, at=at)
    return "The shipped coefficients are in use."


def figures_context(viewer: Any, at: datetime) -> dict[str, Any]:
    """The report, and for an admin the two acts on the bands."""
    figures = answer_figures(at)
    zone = getattr(viewer, "zone", "UTC")
    return {
        "rate": figures.deflection.rate,
        "rate_words": percent_words(figures.deflection.rate) if figures.deflection.rate is not None else "",
        "facts": _facts(figures),
        "library": _library(figures),
        "heads": HEADS,
        "bands": [_band(band) for band in figures.bands],
        "fit_heads": FIT_HEADS,
        "fits": [_fit(fit, zone, at) for fit in figures.fits],
        "by_words_alone": seen_lexical(),
        "empty": Empty("Nobody has asked yet", "Figures appear with the first suggestions.", "chart-column",
                       Link("Ask something", "/requests/new")),
        "can_tune": bool(can_tune(viewer)),
        "is_fitted": any(fit.is_active for fit in figures.fits),
    }  # fmt: skip


def _facts(figures: AnswerFigures) -> list[Fact]:
    saved = figures.deflection
    again = "" if saved.recontact_share is None else f" ({percent_words(saved.recontact_share)} of them)"
    return [
        Fact("This answers it", f"{saved.explicit:,}"),
        Fact("Asked after all within 7 days", f"{saved.recontacted:,}{again}"),
        Fact("Read and left, no request in 7 days", f"{saved.implicit:,}"),
        Fact("Looked and left without asking", f"{figures.abandoned:,}"),
        Fact("Joined an open request instead", f"{figures.joined:,}"),
        Fact("Requests filed", f"{saved.filed:,}"),
        Fact("Minutes avoided, an estimate", f"{figures.minutes_avoided:,.0f} at {figures.minutes_each:.0f} each"),
    ]


def _library(figures: AnswerFigures) -> str:
    parts = [count_words(figures.published, "answer")]
    parts += [f"{figures.stale} stale"] if figures.stale else []
    parts += [f"{figures.unchecked} not checked yet"] if figures.unchecked else []
    return ", ".join(parts)


def _band(band: BandFigures) -> tuple[tuple[str, bool], ...]:
    right = percent_words(band.precision) if band.precision is not None else "no verdict yet"
    numbers = ((f"{count:,}", True) for count in (band.asks, band.judged, band.solved))
    return ((BANDS[band.band], False), *numbers, (right, True))


def _fit(fit: Any, zone: str, at: datetime) -> tuple[tuple[str, bool], ...]:
    right = percent_words(fit.precision_cv) if fit.precision_cv is not None else "not measured"
    state = "in use" if fit.is_active else fit.note or "kept as a record"
    return (
        (str(fit.n), False), (when(fit.created_at, zone, at).text, False), (f"{fit.labels:,}", True), (right, True),
        (state, False),
    )  # fmt: skip
