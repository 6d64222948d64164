"""Who in fact takes care of an asset, and since when it is another than the one who answers (spec ownership 5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ownership.domain.evidence import BEHAVIOUR, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

DECLARED = "declared"
# What a scheduler's file says about an owner is no act of theirs.
ACTS = BEHAVIOUR - {"pipeline_owner"}
ACT_WORDS = {
    "page_acked": "page taken", "incident_resolved": "incident solved", "question_answered": "question answered",
    "faq_authored": "answer written", "commit": "commit", "review": "review", "backfill_done": "backfill done",
}  # fmt: skip
HALF_LIFE = timedelta(days=90)
LEAST_SUM = 0.5
SHADOW_AFTER, SHADOW_EVENTS = timedelta(days=30), 3
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Event:
    """One act; `party` is a person's id, or minus a team's."""

    party: int
    kind: str
    at: datetime
    ref: str = ""


@dataclass(frozen=True)
class Share:
    """What stands for one party: the decayed sum and the number of events."""

    party: int
    total: float
    events: int


def weight(kind: str, age: timedelta) -> float:
    """The weight of an event of this age; a declaration does not decay."""
    full = WEIGHTS[kind]
    return full if kind == DECLARED else full * 0.5 ** (max(age, timedelta()) / HALF_LIFE)


def shares(events: Iterable[Event], at: datetime) -> list[Share]:
    """Every party by its decayed sum at the instant, largest first; events after it do not count yet."""
    totals: dict[int, float] = defaultdict(float)
    counts: dict[int, int] = defaultdict(int)
    for event in events:
        if event.at <= at:
            totals[event.party] += weight(event.kind, at - event.at)
            counts[event.party] += event.kind != DECLARED
    ranked = [Share(party, totals[party], counts[party]) for party in totals]
    return sorted(ranked, key=lambda share: (-share.total, share.party))


def effective_owner(events: Iterable[Event], at: datetime) -> Share | None:
    """Who in fact takes care of it: the largest decayed sum of at least 0.5, else nobody."""
    ranked = shares(events, at)
    return ranked[0] if ranked and ranked[0].total >= LEAST_SUM else None


def shadow_owner(
    events: Sequence[Event], accountable: int | None, at: datetime, since: datetime | None = None
) -> Share | None:
    """The effective owner that has been another than the accountable party for 30 days, with at least 3 events.

    "For 30 days" is judged at both ends and just before and at each event between them: acts decay alike, so that only
    a new one, or a declaration that does not decay, changes who leads. `since` is when the party became accountable,
    or last said that it is: the 30 days begin there.
    """
    start = at - SHADOW_AFTER
    if since is not None and since > start:
        return None
    now = effective_owner(events, at)
    if accountable is None or now is None or now.party == accountable or now.events < SHADOW_EVENTS:
        return None
    between = [event.at for event in events if start < event.at <= at]
    instants = [start, *between, *(instant - INSTANT for instant in between)]
    held = all(_is_effective(events, now.party, instant) for instant in instants)
    return now if held else None


def _is_effective(events: Sequence[Event], party: int, at: datetime) -> bool:
    found = effective_owner(events, at)
    return found is not None and found.party == party
