"""When a rota must be covered: always, in weekly windows of wall-clock time, or never (spec oncall 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.instants import ONE_DAY, local_date, wall_instant
from oncall.domain.rotation import DOWS, WEEK, wall

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from oncall.domain.rotation import Block

Span = tuple[datetime, datetime]
ALWAYS, WINDOWS, NEVER = "always", "windows", "none"


def covered_spans(
    coverage: dict[str, Any], zone: str, start: datetime, end: datetime, closed: Collection[date] = ()
) -> list[Span]:
    """The parts of `[start, end)` that ask for somebody, merged, in order.

    A window past midnight belongs to the day it begins on. `closed` are the team's holidays where the rules say
    `holidays: closed`: no window begins on them.
    """
    mode = coverage.get("mode", ALWAYS)
    if mode == NEVER:
        return []
    if mode == ALWAYS and not closed:
        return [(start, end)]
    windows = coverage.get("windows", []) if mode == WINDOWS else [{"dow": dow, "from": "00:00", "to": "24:00"}
                                                                   for dow in DOWS]  # fmt: skip
    return _clipped(_merged(_opened(windows, zone, start, end, closed)), start, end)


def restrict(blocks: Iterable[Block], spans: Sequence[Span]) -> list[Block]:
    """The blocks with the pieces that are covered; one without a piece is no turn at all."""
    kept = []
    for block in blocks:
        pieces = tuple(_clipped(spans, block.start, block.end))
        if pieces:
            kept.append(replace(block, pieces=pieces))
    return kept


def overlap(spans: Iterable[Span], others: Sequence[Span]) -> timedelta:
    """How long two lists of spans coincide."""
    total = timedelta(0)
    for start, end in spans:
        for low, high in others:
            if low < end and start < high:
                total += min(end, high) - max(start, low)
    return total


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left of the spans when the taken ones are cut out; `taken` in order."""
    left = []
    for begin, end in spans:
        start = begin
        for low, high in taken:
            if high <= start or end <= low:
                continue
            if start < low:
                left.append((start, low))
            start = max(start, high)
        if start < end:
            left.append((start, end))
    return left


def _opened(
    windows: Sequence[dict[str, Any]], zone: str, start: datetime, end: datetime, closed: Collection[date]
) -> list[Span]:  # fmt: skip
    """Every window that begins from a week before `start` until `end`."""
    by_dow: dict[int, list[dict[str, Any]]] = {}
    for window in windows:
        by_dow.setdefault(DOWS.index(window["dow"]), []).append(window)
    found = []
    day = local_date(start, zone) - timedelta(days=WEEK)
    last = local_date(end, zone)
    while day <= last:
        if day not in closed:
            found += [_window(window, day, zone) for window in by_dow.get(day.weekday(), ())]
        day += ONE_DAY
    return found


def _window(window: dict[str, Any], day: date, zone: str) -> Span:
    opens = wall(window["from"])
    ends_on = day
    if "to_dow" in window:
        ends_on = day + timedelta(days=(DOWS.index(window["to_dow"]) - day.weekday()) % WEEK)
    if window["to"] == "24:00":
        closes, ends_on = time(), ends_on + ONE_DAY
    else:
        closes = wall(window["to"])
        if ends_on == day and closes <= opens:
            ends_on += ONE_DAY
    return wall_instant(day, opens, zone), wall_instant(ends_on, closes, zone)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _clipped(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    return [(max(low, start), min(high, end)) for low, high in spans if low < end and start < high]
