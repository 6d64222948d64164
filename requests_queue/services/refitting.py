"""Learning from verdicts: the bands are fitted again, monthly and on demand, and never made worse (spec faq 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from portal.core.errors import Conflict
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.answer_policies import can_tune
from requests_queue.domain.fitting import Label, refit
from requests_queue.domain.matching import SHIPPED, Judge
from requests_queue.models import FaqEntry, FaqEvent, SuggestionModel
from requests_queue.queries.embedding import NAME
from requests_queue.queries.suggest import active_judge

if TYPE_CHECKING:
    from datetime import datetime

VERDICTS = ("solved", "not_quite", "submitted_anyway")
MOST_LABELS = 5000


def labels() -> list[Label]:
    """The newest asks with features of the model and a verdict; a press on a stale answer is none."""
    shown = FaqEvent.objects.filter(kind="shown").exclude(features=[]).order_by("-pk")
    by_ask = {event.ask: event for event in shown[:MOST_LABELS] if len(event.features) == len(SHIPPED.hybrid.weights)}
    solved: dict[Any, bool] = {}
    verdicts = FaqEvent.objects.filter(ask__in=by_ask, kind__in=VERDICTS).order_by("pk")
    for event in verdicts:
        if not (event.kind == "solved" and event.is_stale):
            solved[event.ask] = event.kind == "solved" or solved.get(event.ask, False) or _was_same(event)
    return [Label(tuple(by_ask[ask].features), done) for ask, done in sorted(solved.items())]


@transaction.atomic
def refit_suggestions(*, actor: Any, at: datetime) -> SuggestionModel:
    """Fit to the verdicts so far and store the fit; it becomes active only when precision does not fall.

    Beginning from the shipped coefficients each time, so that an odd month cannot drag the bands away.
    """
    if actor is not None:
        require(can_tune(actor))
    using = active_judge()
    fit = refit(SHIPPED.hybrid, using.hybrid, labels())
    if fit.is_kept:
        SuggestionModel.objects.filter(is_active=True).update(is_active=False)
    made = SuggestionModel.objects.create(
        n=_next_number(), coefficients=_stored(Judge(fit.model, using.lexical)), embedder=NAME, labels=fit.labels,
        precision_cv=fit.precision, is_active=fit.is_kept, note=fit.note[:200], created_at=at,
    )  # fmt: skip
    after = {"labels": fit.labels, "kept": fit.is_kept, "note": fit.note}
    record_audit(actor=actor, verb="faq.refitted", subject=made, after=after, at=at)
    return made


@transaction.atomic
def use_shipped(*, actor: Any, at: datetime) -> None:
    """Go back to the shipped coefficients. Raises `Conflict` (`faq.shipped_in_use`) when they are in use."""
    require(can_tune(actor))
    row = SuggestionModel.objects.select_for_update().filter(is_active=True).first()
    if row is None:
        raise Conflict("faq.shipped_in_use", "The shipped coefficients are in use.")
    row.is_active = False
    row.note = "taken back"
    row.save(update_fields=["is_active", "note"])
    record_audit(actor=actor, verb="faq.fit_taken_back", subject=row, at=at)


def _was_same(event: FaqEvent) -> bool:
    """Filed anyway, and somebody later merged what came of it into an answer: the list was right after all."""
    if event.request_id is None:
        return False
    return FaqEntry.objects.filter(created_from=event.request_id, merged_into__isnull=False).exists()


def _stored(using: Judge) -> dict[str, Any]:
    return {"hybrid": using.hybrid.as_json(), "lexical": using.lexical.as_json()}


def _next_number() -> int:
    return (SuggestionModel.objects.aggregate(last=Max("n"))["last"] or 0) + 1
