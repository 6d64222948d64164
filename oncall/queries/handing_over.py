"""What is open in a rota when a shift changes hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.domain.incident_states import OPEN, STATE_WORDS, State
from oncall.models import Incident

if TYPE_CHECKING:
    from oncall.models import Rota

MOST = 10


def open_lines(rota: Rota) -> list[str]:
    """One line for each open incident of the rota, the oldest first; what is private is not in it."""
    rows = Incident.objects.filter(rota=rota, state__in=sorted(OPEN), is_private=False).order_by("opened_at", "pk")
    return [f"{row.number} {row.title} ({STATE_WORDS[State(row.state)]})" for row in rows[:MOST]]
