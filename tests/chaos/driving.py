"""How a leg loads the engine, and when it has come to rest."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.checker import planned

if TYPE_CHECKING:
    from tests.chaos.world import World

# The canary knocks at a web process that is not there, and is tried again for a minute: it is not waited for.
LIVE = "SELECT count(*) FROM engine_delivery WHERE state IN ('queued', 'sending') AND channel = 'webhook'"
SETTLE_SECONDS = 60.0


@dataclass(frozen=True)
class Size:
    """How much a leg does; the short form runs in `make test`, with programs that start in no time (`Warm`).

    `start`: seconds until programs are at work; `pause`: seconds between two kills, at least and at most.
    """

    pages: int
    faults: int
    races: int
    burst: int
    controls: int
    rounds: int
    seconds: float
    start: float
    pause: tuple[float, float]


FULL = Size(
    pages=600, faults=90, races=1000, burst=10_000, controls=200, rounds=3, seconds=60.0, start=4.0, pause=(0.3, 0.9)
)
SHORT = Size(
    pages=400, faults=60, races=100, burst=2_000, controls=100, rounds=1, seconds=18.0, start=1.0, pause=(0.1, 0.4)
)


def arm(world: World, first: int, count: int, *, delay: float, spread: float, more: str = "") -> None:
    """Pages armed through the service by a process of its own."""
    world.call("tests.chaos.armer", first, count, delay, spread, more)


def settle(world: World, seconds: float = SETTLE_SECONDS) -> None:
    """Wait until every planned page has arrived and nothing is under way."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        arrived = {post["page"] for post in world.posts()}
        if not world.query(LIVE)[0][0] and not planned(world).keys() - arrived:
            return
        time.sleep(0.3)
