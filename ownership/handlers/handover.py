"""What the engine calls when somebody has acted for a leaver long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.services.acting import fire_acting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, FireResult


class ActingEnds:
    """Deadlines of kind `ownership.acting_due`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_acting(deadlines=deadlines, at=at)
