"""What a team already carries: upkeep that grows with each pipeline, and on-call (spec budget 4).

Unit everywhere: whole minutes. A median of an even number is the lower one of the two middle values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_queue.domain.budget import median

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from portal.core.domain.quarter import Quarter

TIER_MINUTES: Mapping[int, int] = {1: 1440, 2: 720, 3: 360, 4: 360}
DEFAULT_TIER = 3
LEAST_HISTORY, MOST_HISTORY = 2, 4
FIRST_QUARTER = (3, 2)
WEEK_MINUTES, WEEKS_SEEN, WEEK_DAYS = 480, 8, 7
HORIZON = 8
HALF = 2


@dataclass(frozen=True)
class Rate:
    """Minutes of upkeep a quarter; `is_measured` when they come from the team's own last quarters."""

    minutes: int
    is_measured: bool


@dataclass(frozen=True)
class Pipeline:
    """A pipeline the team keeps alive; `history` is minutes of past quarters that had any, the newest last."""

    key: int
    name: str
    tier: int | None
    started_on: date
    retired_on: date | None = None
    history: tuple[int, ...] = ()


@dataclass(frozen=True)
class Share:
    """What one pipeline costs in a quarter, and at which rate."""

    pipeline: Pipeline
    rate: Rate
    minutes: int
    is_first: bool


@dataclass(frozen=True)
class Growth:
    """One quarter of the growth line; `is_ahead` is a projection."""

    label: str
    maintenance: int
    share: float
    is_ahead: bool


@dataclass(frozen=True)
class Outlook:
    """The line, the net pipelines a quarter, and the first quarter in which plans get less than half the time."""

    line: tuple[Growth, ...]
    net_pipelines: float
    squeezed_in: str


def rate_of(tier: int | None, history: Sequence[int], defaults: Mapping[int, int] = TIER_MINUTES) -> Rate:
    """The median of the last 4 quarters if there are at least 2, else the default of the tier."""
    known = list(history)[-MOST_HISTORY:]
    if len(known) >= LEAST_HISTORY:
        return Rate(median(known), is_measured=True)
    return Rate(defaults.get(tier or DEFAULT_TIER, defaults[DEFAULT_TIER]), is_measured=False)


def share_of(pipeline: Pipeline, quarter: Quarter) -> Share:
    """Its active share of the quarter, one and a half times in its first full one, nothing after it retired."""
    rate = rate_of(pipeline.tier, pipeline.history)
    begin = max(pipeline.started_on, quarter.starts_on)
    end = quarter.ends_on if pipeline.retired_on is None else min(pipeline.retired_on, quarter.ends_on)
    days = max(0, (end - begin).days)
    minutes = rate.minutes * days // (quarter.ends_on - quarter.starts_on).days
    before = quarter.before()
    first = before.starts_on < pipeline.started_on <= quarter.starts_on
    if first:
        minutes = minutes * FIRST_QUARTER[0] // FIRST_QUARTER[1]
    return Share(pipeline, rate, minutes, first)


def maintenance_of(pipelines: Sequence[Pipeline], quarter: Quarter) -> list[Share]:
    """What each active pipeline costs in the quarter, the dearest first; their sum is M."""
    shares = [share_of(pipeline, quarter) for pipeline in pipelines]
    return sorted((one for one in shares if one.minutes), key=lambda one: (-one.minutes, one.pipeline.name))


def causing_half(shares: Sequence[Share]) -> int:
    """How many of the dearest pipelines make up half of M; the shares stand with the dearest first."""
    total, seen = sum(share.minutes for share in shares), 0
    for n, share in enumerate(shares, start=1):
        seen += share.minutes
        if HALF * seen >= total:
            return n
    return 0


def effect_of(tiers: Sequence[int], retired: Sequence[Rate]) -> tuple[int, int]:
    """What building these tiers and retiring those rates adds to M: in the quarter after, and in every later one."""
    adds = sum(rate_of(tier, ()).minutes for tier in tiers)
    first = sum(rate_of(tier, ()).minutes * FIRST_QUARTER[0] // FIRST_QUARTER[1] for tier in tiers)
    less = sum(rate.minutes for rate in retired)
    return first - less, adds - less


def oncall_of(weeks: int, minutes_by_week: Sequence[int]) -> int:
    """Primary weeks x load a week; the load is the median of the last 8 on-call weeks, 480 without any."""
    seen = list(minutes_by_week)[-WEEKS_SEEN:]
    return weeks * (median(seen) if seen else WEEK_MINUTES)


def outlook(
    past: Sequence[tuple[Quarter, int, int]], now: tuple[Quarter, int, int], step: tuple[int, float], other: int
) -> Outlook:
    """The last quarters and the next 8 with `step` (minutes, pipelines) more each; capacity stays as it is now.

    `past` and `now` are (quarter, M, C); `other` is O + K of now. The projection leaves the first-quarter factor out.
    """
    quarter, minutes, capacity = now
    line = [_point(at, used, whole, is_ahead=False) for at, used, whole in (*past, now)]
    squeezed = ""
    for _ in range(HORIZON):
        quarter, minutes = quarter.following(), max(0, minutes + step[0])
        line.append(_point(quarter, minutes, capacity, is_ahead=True))
        if not squeezed and HALF * (capacity - minutes - other) < capacity:
            squeezed = quarter.label
    return Outlook(tuple(line), step[1], squeezed)


def _point(quarter: Quarter, minutes: int, capacity: int, *, is_ahead: bool) -> Growth:
    return Growth(quarter.label, minutes, minutes / capacity if capacity else 0.0, is_ahead)
