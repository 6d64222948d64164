"""When something about a rota falls due: handoffs, covers, comp days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.models import PlannedShift, ShiftChange
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

HANDOFF = "oncall.handoff"
COVER = "oncall.cover_step"
COMP = "oncall.comp_day"
REMINDER = "oncall.shift_reminder"
CONSENT = "oncall.consent_step"
PERIOD = "oncall.period_step"
ROTA, COVER_SUBJECT, COMP_SUBJECT, SWAP_SUBJECT = (
    "oncall.rota", "oncall.coverrequest", "oncall.compday", "oncall.shiftchange"
)  # fmt: skip
EDIT_SUBJECT, PERIOD_SUBJECT = "oncall.rotaedit", "oncall.specialperiod"


def arm_next_handoff(rota: Rota, at: datetime) -> None:
    """The next edge of the rota after the instant: there what was served is written, and the next one is armed."""
    arm_deadlines(drafts=handoff_drafts(rota, at), at=at)


def handoff_drafts(rota: Rota, at: datetime) -> tuple[DeadlineDraft, ...]:
    """The next handoff of the rota; a handler that fires one gives it as its successor and never arms it itself."""
    following = next_edge(rota, at)
    return (DeadlineDraft(HANDOFF, Subject(ROTA, rota.pk), following),) if following is not None else ()


def next_edge(rota: Rota, at: datetime) -> datetime | None:
    """The first beginning or end of a shift or change after the instant."""
    return min(_edges(rota, "gt", at, ""), default=None)


def last_edge(rota: Rota, at: datetime) -> datetime | None:
    """The last beginning or end of a shift or change up to the instant."""
    return max(_edges(rota, "lte", at, "-"), default=None)


def _edges(rota: Rota, compare: str, at: datetime, order: str) -> list[datetime]:
    """The nearest beginning and end among shifts and among standing changes, on one side of the instant."""
    found = []
    for side in ("startswith", "endswith"):
        edge, near = f"during__{side}", {f"during__{side}__{compare}": at}
        planned = PlannedShift.objects.filter(rota=rota, **near)
        laid = ShiftChange.objects.filter(rota=rota, state="active", **near)
        found += [rows.order_by(order + edge).values_list(edge, flat=True).first() for rows in (planned, laid)]
    return [instant for instant in found if instant is not None]
