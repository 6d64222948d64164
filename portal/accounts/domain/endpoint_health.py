"""When an endpoint that fails is spoken of, and when it is switched off (spec engine 8). Pure Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

TOLD_AFTER = timedelta(days=1)
OFF_AFTER = timedelta(days=5)


class Stage(StrEnum):
    """How far a streak of failures has come."""

    QUIET = ""
    TOLD = "told"
    OFF = "off"


def stage_of(first_failed_at: datetime, last_failed_at: datetime, *, is_gone: bool) -> Stage:
    """The stage of a streak without one success in it; `is_gone` is an answer 410, which ends it at once.

    Counted between tries: an endpoint nobody tried in the meantime is not blamed for the silence.
    """
    lasted = last_failed_at - first_failed_at
    if is_gone or lasted >= OFF_AFTER:
        return Stage.OFF
    return Stage.TOLD if lasted >= TOLD_AFTER else Stage.QUIET
