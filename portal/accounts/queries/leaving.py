"""How far a farewell is, room by room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Deactivation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.domain.clashes import LeavingStep
    from portal.accounts.models import Person

WORDS = {
    "shifts": "Shifts and incidents", "ownership.assets": "What they own", "requests.work": "Requests in hand",
    "requests.answers": "Answers they keep", "accounts.reach": "Ways to be reached, posts, follows",
}  # fmt: skip


@dataclass(frozen=True)
class StepShown:
    """A room's part: what it will do, and whether it has."""

    key: str
    label: str
    state: str
    error: str
    sentences: Sequence[str]


def farewell(person: Person, steps: Sequence[LeavingStep], at: datetime) -> list[StepShown]:
    """The steps in order; before a farewell each says what it would do, afterwards what was done."""
    plan = Deactivation.objects.filter(person=person).prefetch_related("steps").order_by("-pk").first()
    is_on = person.state != PersonState.ACTIVE
    known = {row.key: row for row in plan.steps.all()} if plan is not None and is_on else {}
    shown = []
    for step in steps:
        row = known.get(step.key)
        state = row.state if row else "todo"
        sentences = [] if state == "done" else list(step.preview(person, at))
        label = WORDS.get(step.key, step.key.rpartition(".")[2].replace("_", " ").capitalize())
        shown.append(StepShown(step.key, label, state, row.error if row else "", sentences))
    return shown
