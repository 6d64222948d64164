"""Telling the leads each night what does not add up, and at once where nobody would answer (spec oncall 5, 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oncall.queries.verifying import SOON, differences, empty_stretches
from oncall.services.shift_news import DIFFERS, GAP, shift_line, tell_leads

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

MOST_LINES, MOST_TEXT = 5, 1500


@transaction.atomic
def verify_rota(*, rota: Rota, at: datetime) -> tuple[int, int]:
    """How many differences between rows and rules there are, and how many gaps in two weeks; the leads hear of both.

    Nothing is mended. Told once a day.
    """
    said = differences(rota, at)
    if said:
        line = " ".join(said[:MOST_LINES]) + (f" And {len(said) - MOST_LINES} more." if len(said) > MOST_LINES else "")
        key = f"verify.{rota.pk}:{at.date().isoformat()}"
        tell_leads(rota, line[:MOST_TEXT], key=key, at=at, kind=DIFFERS)
    return len(said), tell_gaps(rota=rota, start=at, end=at + SOON, at=at)


def tell_gaps(*, rota: Rota, start: datetime, end: datetime, at: datetime) -> int:
    """The alarm to the leads for covered time that nobody holds; each gap is told once, however often it is found."""
    found = empty_stretches(rota, max(start, at), end) if max(start, at) < end else []
    for role, low, high in found:
        key = f"gap.{rota.pk}:{role}:{high.isoformat()}"
        tell_leads(rota, f"Nobody is {shift_line(role, low, high, rota.zone, at)}.", key=key, at=at, kind=GAP)
    return len(found)
