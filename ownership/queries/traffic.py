"""What two teams asked of each other this quarter, as the rooms above count it (spec ownership 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from portal.core.domain.quarter import quarter_of
from portal.core.registries import contributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ownership.queries.sides import Boundary


@dataclass(frozen=True)
class Traffic:
    """Tickets in both directions, and the hours in which one of the two could not go on because of them."""

    tickets: int = 0
    blocked_hours: float = 0.0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.tickets + other.tickets, round(self.blocked_hours + other.blocked_hours, 1))


def traffic_of(boundaries: Sequence[Boundary], viewer: Any, at: datetime) -> dict[str, Traffic]:
    """By the key of each pair, since the quarter began; one question to each room that has tickets.

    A room contributes `boundary.traffic(team_ids, viewer, since, at)`: (tickets, seconds) by (asking, asked) team.
    """
    pairs = {each.key: (each.doing.pk, each.expected.pk) for each in boundaries if each.doing and each.expected}
    if not pairs:
        return {}
    since = datetime.combine(quarter_of(at.date()).starts_on, time(), tzinfo=UTC)
    between: dict[frozenset[int], Traffic] = {}
    ids = {pk for pair in pairs.values() for pk in pair}
    for provide in contributions("boundary.traffic"):
        for pair, (tickets, seconds) in provide(ids, viewer, since, at).items():
            more = Traffic(tickets, round(seconds / 3600, 1))
            between[frozenset(pair)] = between.get(frozenset(pair), Traffic()) + more
    return {key: between.get(frozenset(pair), Traffic()) for key, pair in pairs.items()}
