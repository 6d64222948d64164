"""What a team gives and to whom, beside the figures of its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import percent_words
from requests_queue.queries.asking import given_by

if TYPE_CHECKING:
    from datetime import datetime

DAY_HOURS, SHORT_DAYS = 24, 2
HEADS = (("Asking team", False), ("Share of the plan", True), ("Resolved in 90 days", True), ("Median wait", True))


@dataclass(frozen=True)
class AskingBlock:
    """`side` says the people-days; `table` has a line an asking team."""

    side: str
    heads: tuple[tuple[str, bool], ...]
    table: tuple[tuple[tuple[str, bool], ...], ...]


def of_team(subject: Any, viewer: Any, at: datetime) -> AskingBlock | None:
    """None where nobody asks and no quarter is planned."""
    del viewer
    given = given_by(subject, at)
    if not given.askers and given.people_days is None:
        return None
    side = (
        f"{given.people_days:.0f} people-days this quarter" if given.people_days else "no budget for this quarter yet"
    )
    table = tuple(
        (
            (each.team, False), (percent_words(each.plan_share, 0), True), (str(each.resolved), True),
            (_wait(each.median_days), True),
        )
        for each in given.askers
    )  # fmt: skip
    return AskingBlock(side, HEADS, table)


def _wait(days: float | None) -> str:
    """Hours below two days."""
    if days is None:
        return "none"
    return f"{days * DAY_HOURS:.1f} h" if days < SHORT_DAYS else f"{days:.1f} days"
