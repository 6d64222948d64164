"""When something about a rota falls due: handoffs, covers, comp days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.models import PlannedShift, ShiftChange
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

HANDOFF = "oncall.handoff"
COVER = "oncall.cover_step"
COMP = "oncall.comp_day"
REMINDER = "oncall.shift_reminder"
ROTA, COVER_SUBJECT, COMP_SUBJECT, SWAP_SUBJECT = (
    "oncall.rota", "oncall.coverrequest", "oncall.compday", "oncall.shiftchange"
)  # fmt: skip


def arm_next_handoff(rota: Rota, at: datetime) -> None:
    """The next edge of the rota after the instant: there what was served is written, and the next one is armed."""
    following = next_edge(rota, at)
    if following is not None:
        arm_deadline(actor=None, kind=HANDOFF, subject=Subject(ROTA, rota.pk), due_at=following, at=at)


def next_edge(rota: Rota, at: datetime) -> datetime | None:
    """The first beginning or end of a shift or change after the instant."""
    known = [edge for side in ("startswith", "endswith") if (edge := _next_edge(rota, at, side)) is not None]
    return min(known) if known else None


def _next_edge(rota: Rota, at: datetime, side: str) -> datetime | None:
    names = {f"during__{side}__gt": at}
    edge = f"during__{side}"
    planned = PlannedShift.objects.filter(rota=rota, **names).order_by(edge).values_list(edge, flat=True).first()
    laid = ShiftChange.objects.filter(rota=rota, state="active", **names).order_by(edge)
    changed = laid.values_list(edge, flat=True).first()
    known = [instant for instant in (planned, changed) if instant is not None]
    return min(known) if known else None
