"""More than two pages a shift: the lead is asked, and says what is done about it (spec oncall 10, G4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.models import PagesReview, Rota, TeamDuty
from oncall.models.reviews import ANSWERS
from oncall.policies import can_manage_rota
from oncall.queries.strain import FOUR_WEEKS, strain_of
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.queries.strain import Strain

NOTICE_KIND = "oncall.too_many_pages"
RULE = "G4"
PAGE = "/oncall/guardrails/"
LONGEST_NOTE = 500
# An answer holds for as long as what it answers is measured.
HOLDS = FOUR_WEEKS + timedelta(days=1)


@transaction.atomic
def review_pages(*, at: datetime) -> int:
    """Ask the leads of each rota that pages too often, once until they answer; returns how many were asked."""
    off = {row.team_id for row in TeamDuty.objects.all() if row.guardrails.get(RULE) is False}
    rotas = Rota.objects.select_for_update(of=("self",)).filter(is_archived=False, kind="pipeline").order_by("pk")
    watched = [rota for rota in rotas.select_related("team") if rota.team_id not in off]
    settled = PagesReview.objects.filter(rota__in=watched)
    asked = set(settled.filter(answer="").values_list("rota", flat=True))
    held = set(settled.filter(answered_at__gt=at - HOLDS).values_list("rota", flat=True))
    over = [each for each in strain_of(watched, at) if each.is_over and each.rota.pk not in asked | held]
    for each in over:
        _ask(each, at)
    return len(over)


@transaction.atomic
def answer_review(*, actor: Any, review: PagesReview, answer: str, note: str = "", at: datetime) -> PagesReview:
    """Fix the cause, change the agreement, or accept it with a reason. Answered once; a repeat changes nothing.

    Raises `NotAllowed`, `DomainError` with the field.
    """
    rows = PagesReview.objects.select_for_update(of=("self",)).select_related("rota__team")
    standing = rows.get(pk=review.pk)
    require(can_manage_rota(actor, standing.rota.team, at))
    words = note.strip()
    if answer not in ANSWERS:
        raise DomainError("oncall.bad_answer", "Say fix_cause, change_agreement or accept.", "answer")
    if (answer == "accept" and not words) or len(words) > LONGEST_NOTE:
        raise DomainError("oncall.bad_text", f"Say in 1 to {LONGEST_NOTE} characters why it is accepted.", "note")
    if standing.answer:
        return standing
    standing.answer, standing.note, standing.answered_by, standing.answered_at = answer, words, actor, at
    standing.version += 1
    standing.save(update_fields=["answer", "note", "answered_by", "answered_at", "version"])
    record_audit(actor=actor, verb="oncall.pages_answered", subject=standing, after={"answer": answer}, at=at)
    return standing


def _ask(strain: Strain, at: datetime) -> None:
    rota, shifts = strain.rota, len(strain.pages_a_shift)
    made = PagesReview.objects.create(rota=rota, pages=sum(strain.pages_a_shift), shifts=shifts, opened_at=at)
    line = (
        f"{made.pages} pages in {shifts} shifts of four weeks, more than two a shift. "
        "Fix the cause, change the agreement, or accept it."
    )
    subject, context = Subject("oncall.rota", rota.pk), {"rota": rota.name, "line": line, "url": PAGE}
    planned = [
        Planned(NoticeDraft(NOTICE_KIND, f"{NOTICE_KIND}:{made.pk}:user.{lead.pk}", subject, Recipient(lead.pk),
                            "warn", context))
        for lead in responsible_leads(rota.team, at.date())
    ]  # fmt: skip
    raise_notices(planned=planned, at=at)
    record_audit(actor=None, verb="oncall.pages_asked", subject=made, after={"pages": made.pages}, at=at)
