"""The references of a plan as CSV: who has to move what, by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.references import KINDS
from ownership.queries.plans import references_of
from ownership.web.plan_detail import visible
from portal.core.web.csv_export import csv_response

if TYPE_CHECKING:
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Reference

HEADER = (
    "reference", "reads_it", "back_to_the_plain_name", "state", "who_moves_it", "due_on", "opened_at", "closed_at",
    "moved_in", "waive_reason",
)  # fmt: skip
WAY_BACK = 2


@require_safe
def export_references(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Every reference, the open ones first."""
    plan = visible(request, code)
    rows = references_of(plan)
    return csv_response(f"{plan.code.lower()}-references", HEADER, map(_line, rows), count=len(rows))


def _line(row: Reference) -> tuple[Any, ...]:
    party = row.person.handle if row.person else row.team.slug if row.team else ""
    return (
        row.referrer.slug if row.referrer else row.referrer_text, KINDS[row.kind], row.phase == WAY_BACK, row.state,
        party, row.due_on, row.opened_at.isoformat(), row.closed_at.isoformat() if row.closed_at else "",
        row.moved_in, row.waive_reason,
    )  # fmt: skip
