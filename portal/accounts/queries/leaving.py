"""How far a farewell is, room by room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Deactivation
from portal.core.registries import contributions

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
        shown.append(StepShown(step.key, label_of(step.key), state, row.error if row else "", sentences))
    return shown


def label_of(key: str) -> str:
    """What a room's part is called."""
    return WORDS.get(key, key.rpartition(".")[2].replace("_", " ").capitalize())


def what_rests_on(person: Person, at: datetime, leaving_out: frozenset[str]) -> list[tuple[str, list[str]]]:
    """(room's part, sentences) of what would pass to others if the person were gone; nothing of private things.

    Each room that hands on what a leaver held answers; steps of `leaving_out` are not asked, empty parts not told.
    """
    steps: list[LeavingStep] = [provide() for provide in contributions("person.leaving")]
    asked = sorted((step for step in steps if step.key not in leaving_out), key=lambda step: (step.order, step.key))
    told = [(label_of(step.key), list(step.preview(person, at))) for step in asked]
    return [(label, sentences) for label, sentences in told if sentences]
