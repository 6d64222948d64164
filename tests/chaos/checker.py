"""Compares the far end's log with the database, and computes how many repeats the faults allow."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.chaos.processes import ROOT

if TYPE_CHECKING:
    from tests.chaos.world import World

BUILD = ROOT / "build" / "chaos"
# Every post beyond the first of a page needs a claim whose end nobody recorded, or an answer that was lost.
BOUND = """
WITH tries AS (
    SELECT a.* FROM engine_attempt a JOIN engine_delivery d ON d.id = a.delivery_id WHERE d.channel = 'webhook')
SELECT (SELECT count(*) FROM tries c WHERE c.phase = 'claimed' AND NOT EXISTS (
            SELECT FROM tries r WHERE r.delivery_id = c.delivery_id AND r.lease_token = c.lease_token
              AND r.phase = 'result' AND r.outcome <> 'stale'))
     + (SELECT count(*) FROM tries WHERE phase = 'result' AND outcome IN ('ambiguous', 'temporary'))
"""
# `chaos_ack.at` is taken after the commit of the acknowledgement, by the database's clock.
AFTER_ACK = """
SELECT count(*) FROM engine_attempt a JOIN engine_delivery d ON d.id = a.delivery_id
JOIN engine_notice n ON n.id = d.notice_id JOIN chaos_ack k ON k.id = n.subject_id
WHERE a.phase = 'claimed' AND n.subject_type = 'chaos.page' AND a.at > k.at
"""
PLANNED = """
SELECT 'chaos.page:chaos.page.' || subject_id || ':v1:s' || step || ':chaos:' || coalesce(payload->>'to', 'web'),
    extract(epoch FROM due_at)::float8
FROM engine_deadline WHERE kind = 'chaos.step' AND state <> 'cancelled'
"""


@dataclass
class Report:
    """The figures of one leg; `broken` names those that must not be."""

    leg: str
    seed: int
    pages: int = 0
    outer_faults: int = 0
    self_kills: int = 0
    lost: int = 0
    early: int = 0
    second_keys: int = 0
    after_ack: int = 0
    unexpected: int = 0
    posts: int = 0
    doubled: int = 0
    doubled_bound: int = 0
    lag_p50: float = 0.0
    lag_p95: float = 0.0
    lag_p99: float = 0.0
    lag_max: float = 0.0
    control_lost: int = -1
    control_loop_lost: int = -1
    seconds: float = 0.0
    note: str = ""
    promises: list[str] = field(default_factory=list)  # of this leg alone, that did not hold

    @property
    def broken(self) -> list[str]:
        """Counts that break the promise; lags are judged by the leg that promises them."""
        names = ["lost", "early", "second_keys", "after_ack", "unexpected"]
        found = [name for name in names if getattr(self, name)]
        if self.doubled > self.doubled_bound:
            found.append("doubled")
        if 0 in (self.control_lost, self.control_loop_lost):
            found.append("control")
        return found + self.promises

    def write(self) -> None:
        """One line for people, one file for machines."""
        BUILD.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self) | {"broken": self.broken})
        (BUILD / f"{self.leg}-{self.seed}.json").write_text(text + "\n")
        print(text, flush=True)  # noqa: T201 (the suite's output)


def planned(world: World) -> dict[str, float]:
    """Every page that must arrive, with the instant it was due."""
    return dict(world.query(PLANNED))


def check(world: World, report: Report, expected: dict[str, float]) -> Report:
    """Fill the figures from the far end's log."""
    posts = [post for post in world.posts() if post["path"] == "/page"]
    first: dict[str, float] = {}
    keys: dict[str, set[str]] = {}
    for post in posts:
        first[post["page"]] = min(world.database_time(post["at"]), first.get(post["page"], math.inf))
        keys.setdefault(post["page"], set()).add(post["key"])
    report.pages, report.posts = len(expected), len(posts)
    report.lost = len(expected.keys() - first.keys())
    report.early = sum(first[page] < due for page, due in expected.items() if page in first)
    report.second_keys = sum(len(own) > 1 for own in keys.values())
    report.unexpected = sum(post["unexpected"] for post in world.posts()) + len(first.keys() - expected.keys())
    report.doubled = len(posts) - len(first)
    report.doubled_bound = int(world.query(BOUND)[0][0])
    report.outer_faults = world.faults
    lags = lags_of(world, expected)
    report.lag_p50, report.lag_p95, report.lag_p99, report.lag_max = lags
    return report


class Lags(NamedTuple):
    """From due to the first arrival, in seconds."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    most: float = 0.0


def lags_of(world: World, expected: dict[str, float]) -> Lags:
    """Of those that arrived."""
    first: dict[str, float] = {}
    for post in world.posts():
        first.setdefault(post["page"], world.database_time(post["at"]))
    lags = sorted(first[page] - due for page, due in expected.items() if page in first)
    if not lags:
        return Lags()
    p50, p95, p99 = (round(_share(lags, part), 2) for part in (0.5, 0.95, 0.99))
    return Lags(p50, p95, p99, round(lags[-1], 2))


def after_ack(world: World) -> int:
    """Claims of a subject whose acknowledgement had committed."""
    return int(world.query(AFTER_ACK)[0][0])


def _share(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(len(values) * part))]
