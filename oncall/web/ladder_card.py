"""The ladder of one incident: the steps it began with, which have fired, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from oncall.domain.escalation import from_json
from oncall.domain.escalation_text import who_words
from portal.core.web.presentation import Step, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.models import Incident
    from oncall.queries.incidents import Ladder

STATES = {"running": "climbing", "stopped": "stopped", "finished": "at its end"}


@dataclass(frozen=True)
class LadderCard:
    """What the incident's page says of its ladder."""

    state: str
    steps: Sequence[Step]
    origin: str
    url: str


def ladder_card(ladder: Ladder | None, incident: Incident, zone: str, at: datetime) -> LadderCard | None:
    """The snapshot, never today's policy; None while nobody was paged."""
    if ladder is None:
        return None
    run = ladder.run
    version = run.policy_version
    due = when(ladder.due_at, zone, at).text if ladder.due_at is not None else ""
    # A repeat has fired every step once; a ladder at its end has fired them all.
    passed = len(run.snapshot) if run.state == "finished" else run.step
    steps = []
    for n, step in enumerate(from_json(run.snapshot)):
        is_next = ladder.is_climbing and n == run.step
        state = "current" if is_next else "done" if n < passed or run.loop else ""
        steps.append(Step(who_words(step).capitalize(), "told, not woken" if step.severity == "warn" else "",
                          due if is_next else "", state))  # fmt: skip
    origin = f"version {version.number} of {incident.team.name}" if version is not None else "the house's five steps"
    return LadderCard(STATES[run.state], steps, origin, reverse("ladder", args=[incident.team.slug]))
