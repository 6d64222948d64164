"""Who would be missed, on the page of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from ownership import policies
from ownership.domain.bus import COVERED, OUTCOME_WORDS
from ownership.queries.bus_test import run_bus_test
from ownership.queries.parties import leads_one_of
from portal.core.web.presentation import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person


@dataclass(frozen=True)
class Missed:
    """How many assets would miss somebody, and the page that names them."""

    facts: tuple[Fact, ...]
    url: str
    name: str


def would_be_missed(person: Person, viewer: Any, at: datetime) -> Missed | None:
    """For the person, who leads them, and admins; None where they hold nothing."""
    if not policies.shapes.can_run_bus_test(viewer, person, leads=leads_one_of(viewer, person, at)).allowed:
        return None
    found = run_bus_test(person, at)
    if not found.stakes:
        return None
    facts = [
        Fact(OUTCOME_WORDS[outcome].capitalize(), str(count), "" if outcome == COVERED else "text-warn")
        for outcome, count in found.counts.items()
        if count
    ]
    return Missed(tuple(facts), reverse("bus_test", args=[person.handle]), person.name)
