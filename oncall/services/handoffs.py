"""The moment a shift changes hands, and the reminders before it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.queries.working_out import facts_between
from oncall.services.note_asking import ask_for_notes
from oncall.services.serving import materialise_rota
from oncall.services.shift_news import SHIFT_STARTS, shift_line, tell
from oncall.services.timers import REMINDER, ROTA, handoff_drafts, last_edge, next_edge
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

BEFORE = (timedelta(hours=24), timedelta(hours=1))
MOMENT = timedelta(microseconds=1)


def hand_over(*, rota: Rota, at: datetime) -> tuple[DeadlineDraft, ...]:
    """Close what was served up to the last edge; gives the next handoff and its reminders.

    Inside the firing transaction. What began at that edge still runs: its row is written whole when it ends.
    """
    materialise_rota(rota=rota, until=last_edge(rota, at) or at)
    handoff = handoff_drafts(rota, at)
    reminders = [
        DeadlineDraft(REMINDER, Subject(ROTA, rota.pk), each.due_at - before, step)
        for each in handoff
        for step, before in enumerate(BEFORE)
        if each.due_at - before > at
    ]
    return (*handoff, *reminders)


def remind_next(*, rota: Rota, at: datetime) -> None:
    """Tell those whose shift begins next; told once a shift and distance."""
    following = next_edge(rota, at)
    if following is None:
        return
    rows, _ = facts_between(rota, following, following + MOMENT, widen=True)
    hours = round((following - at) / timedelta(hours=1))
    if hours <= 1:
        ask_for_notes(rota=rota, ends_at=following, at=at)
    for row in rows:
        if row.person is not None and row.start == following:
            line = f"In {hours} h: {shift_line(row.role, row.start, row.end, rota.zone, at)}."
            key = f"starts.{rota.pk}:{following.isoformat()}:{hours}"
            tell(rota, SHIFT_STARTS, [row.person], line, key=key, at=at)
