"""Whom the quarterly review asks, and when (spec ownership 12)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

AUTO, ASKED, SILENT = "auto", "asked", "silent"
MINE, HAND_OVER, NOT_MINE, RETIRE = "mine", "hand_over", "not_mine", "retire"
ANSWERS = (MINE, HAND_OVER, NOT_MINE, RETIRE)
ITEM_STATES = (AUTO, ASKED, SILENT, *ANSWERS)
ANSWER_WORDS = {MINE: "Still mine", HAND_OVER: "Hand over", NOT_MINE: "Not mine", RETIRE: "Retire it"}
STATE_WORDS = ANSWER_WORDS | {AUTO: "Confirmed by work", ASKED: "Waits for an answer", SILENT: "No answer"}
QUIET = timedelta(days=90)
# Working days after the start: two reminders, then the end.
REMINDERS = {1: 5, 2: 9}
END_STEP, END_DAYS = 3, 10
LEAD_DAYS = 50
TIER_ONE = 1


def asks(*, tier: int | None, last_act_at: datetime | None, at: datetime) -> bool:
    """Tier 1 is always asked; the rest only where the party did nothing on the asset for 90 days."""
    return tier == TIER_ONE or last_act_at is None or at - last_act_at > QUIET


def opens_on(quarter_start: date) -> date:
    """50 days before the quarter that is planned with the answers (spec additions)."""
    return quarter_start - timedelta(days=LEAD_DAYS)
