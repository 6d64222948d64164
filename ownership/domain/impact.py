"""What a change touches, and how many words it takes to tell each person once (spec ownership 13)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

CHANGE_WORDS = {
    "breaking": "a breaking change",
    "schema": "a change of columns",
    "definition": "a change of meaning",
    "deprecation": "the end of it",
    "delay": "a delay",
    "backfill": "a backfill",
    "restate": "restated figures",
}
# More people than this are shown by name before anything is sent.
NAMES_FIRST_ABOVE = 10
DEPTH, MOST_DEPTH = 3, 5
ANSWER_WITHIN = timedelta(days=5)
LONGEST_WAIT = timedelta(days=90)


@dataclass(frozen=True)
class Touched:
    """An asset below the change, and the person who answers for it; None: nobody could be found."""

    asset_id: int
    distance: int
    tier: int
    person_id: int | None


def by_person(touched: Iterable[Touched]) -> dict[int | None, tuple[Touched, ...]]:
    """Each person once with all of theirs, tier 1 and the nearest first."""
    found: dict[int | None, list[Touched]] = defaultdict(list)
    for each in touched:
        found[each.person_id].append(each)
    return {person: tuple(sorted(rows, key=_weight)) for person, rows in found.items()}


def half_time(asked_at: datetime, due_at: datetime) -> datetime:
    """When the silent are reminded."""
    return asked_at + (due_at - asked_at) / 2


def asset_words(names: list[str], most: int = 3) -> str:
    """Some names and the number of the others: "orders, refunds and 4 more"."""
    if len(names) <= most:
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def tally(states: Mapping[str, int]) -> str:
    """How far it is: "4 of 9 have read it, 1 objects"."""
    asked = sum(count for state, count in states.items() if state != "superseded")
    answered = states.get("acknowledged", 0) + states.get("objected", 0)
    words = f"{answered} of {asked} have answered"
    objecting = states.get("objected", 0)
    return f"{words}, {objecting} {'objects' if objecting == 1 else 'object'}" if objecting else words


def _weight(each: Touched) -> tuple[int, int, int]:
    return (each.tier, each.distance, each.asset_id)
