"""What a crossing rests on, as ready strings: acts with their days, and the marks of 30, 90 and 180 days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.marks import CAME_UP, COMES, WHO_HEARS
from ownership.domain.shadow import ACT_WORDS
from ownership.queries.asset_page import PUBLIC_ACTS
from portal.core.web.presentation import Link, Row, Step, date_words, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ownership.domain.marks import Mark
    from ownership.models import Evidence

STEP_STATE = {CAME_UP: "done"}


def mark_steps(marks: Sequence[Mark], zone: Any, at: datetime) -> list[Step]:
    """Each mark with what happens on it; the next one is the current step."""
    ahead = next((mark for mark in marks if mark.state == COMES), None)
    return [
        Step(
            f"{mark.days} days",
            WHO_HEARS[mark.days] if mark.state in {CAME_UP, COMES} else "let be: accepted for now, or no rule here",
            when(mark.at, zone, at).text if mark.state == COMES else date_words(mark.at.date()),
            "current" if mark is ahead else STEP_STATE.get(mark.state, ""),
        )
        for mark in marks
    ]


def act_rows(acts: Iterable[Evidence], zone: Any, at: datetime, *, names: bool) -> list[Row]:
    """Each act with its day; which one it was is for members of the two teams, as far as it cannot be private."""
    return [
        Row(
            ACT_WORDS[act.kind].capitalize(),
            "",
            icon="history",
            facts=[act.ref] if names and act.ref and act.kind in PUBLIC_ACTS else [],
            side=when(act.at, zone, at).text,
            action=Link("Look", act.url) if names and act.url and act.kind in PUBLIC_ACTS else None,
        )
        for act in acts
    ]
