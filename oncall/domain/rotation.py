"""From rules to blocks: rotation kinds in wall-clock time, and special periods over them (spec oncall 3)."""

from __future__ import annotations

import calendar
import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.instants import ONE_DAY, local_date, wall_instant
from oncall.domain.words import BlockKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WEEK = 7
DOWS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOON = time(12)
SATURDAY = 5
WEEKEND_LONGEST = timedelta(days=4, hours=2)  # four local days, one of them longer by a clock change


@dataclass(frozen=True, slots=True)
class Block:
    """One uninterruptible turn; `fixed` is who holds it when the rules name the person.

    `pieces` are the covered parts of it; empty means all of it.
    """

    start: datetime
    end: datetime
    kind: BlockKind = BlockKind.WEEK
    is_weekend: bool = False
    fixed: str = ""
    pieces: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def served(self) -> tuple[tuple[datetime, datetime], ...]:
        """The stretches in which somebody serves."""
        return self.pieces or ((self.start, self.end),)


@dataclass(frozen=True, slots=True)
class Special:
    """Days in which another rotation holds."""

    start: datetime
    end: datetime
    rotation: dict[str, Any]
    slots: dict[str, int] = field(default_factory=dict)


def blocks(
    rotation: dict[str, Any], zone: str, start: datetime, end: datetime, specials: Sequence[Special] = ()
) -> list[Block]:
    """The blocks that begin in `[start, end)`, in order; neighbours share the same computed instant.

    Main blocks are cut at the edges of special periods; what lies inside one is dropped. The first and the last are cut
    at `start` and `end`.
    """
    main = [_kept(block, zone) for block in _cut(_raw(rotation, zone, start, end), specials)]
    inner = [
        replace(block, kind=BlockKind.SPECIAL)
        for special in specials
        for block in _within(_raw(special.rotation, zone, special.start, special.end), special.start, special.end)
    ]
    return sorted(_within([*main, *inner], start, end), key=lambda block: block.start)


def _kept(block: Block, zone: str) -> Block:
    """The block with its kind; a weekend has at most 4 days and contains a Saturday noon."""
    if block.end - block.start <= WEEKEND_LONGEST and _has_saturday_noon(block, zone):
        return replace(block, is_weekend=True, kind=BlockKind.WEEKEND)
    length = block.end - block.start
    return replace(block, kind=BlockKind.DAY if length <= timedelta(hours=25) else BlockKind.WEEK)


def _has_saturday_noon(block: Block, zone: str) -> bool:
    day = local_date(block.start, zone)
    while day <= local_date(block.end, zone):
        if day.weekday() == SATURDAY and block.start <= wall_instant(day, NOON, zone) < block.end:
            return True
        day += ONE_DAY
    return False


def _cut(raw: list[Block], specials: Sequence[Special]) -> Iterator[Block]:
    for block in raw:
        parts = [block]
        for special in specials:
            parts = [piece for part in parts for piece in _outside(part, special)]
        yield from parts


def _outside(block: Block, special: Special) -> Iterator[Block]:
    if block.end <= special.start or special.end <= block.start:
        yield block
        return
    if block.start < special.start:
        yield replace(block, end=special.start)
    if special.end < block.end:
        yield replace(block, start=special.end)


def _within(found: Sequence[Block], start: datetime, end: datetime) -> list[Block]:
    return [
        replace(block, start=max(block.start, start), end=min(block.end, end))
        for block in found
        if block.start < end and start < block.end
    ]


def _raw(rotation: dict[str, Any], zone: str, start: datetime, end: datetime) -> list[Block]:
    kind = rotation["kind"]
    if kind == "fixed":
        return [
            Block(_instant(row["start"]), _instant(row["end"]), fixed=row.get("person", ""))
            for row in rotation["blocks"]
        ]
    if kind == "hours":
        return list(_hours(rotation, zone, start, end))
    if kind == "daily" and rotation.get("weekdays"):
        return list(_workdays(rotation, zone, start, end))
    edges = _edges(kind)(rotation, zone, local_date(start, zone), local_date(end, zone))
    return [Block(one, two) for one, two in itertools.pairwise(edges) if one < end and start < two]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _edges(kind: str) -> Callable[[dict[str, Any], str, date, date], list[datetime]]:
    return {"weekly": _weekly, "daily": _daily, "monthly": _monthly}[kind]


def wall(text: str) -> time:
    """A time of day from "HH:MM"."""
    return time.fromisoformat(text)


def _weekly(rotation: dict[str, Any], zone: str, first: date, last: date) -> list[datetime]:
    """One handoff a week or more; with `every` n the pattern stands in each n-th week from the anchor."""
    every = int(rotation.get("every", 1))
    anchor = date.fromisoformat(rotation["start"])
    monday = anchor - timedelta(days=anchor.weekday())
    handoffs = sorted((DOWS.index(row["dow"]), wall(row["time"])) for row in rotation["handoffs"])
    week = (first - monday).days // (WEEK * every) - 1
    edges: list[datetime] = []
    while True:
        begins = monday + timedelta(days=WEEK * every * week)
        edges += [wall_instant(begins + timedelta(days=dow), at, zone) for dow, at in handoffs]
        if begins > last:
            return edges
        week += 1


def _daily(rotation: dict[str, Any], zone: str, first: date, last: date) -> list[datetime]:
    every = int(rotation.get("every", 1))
    anchor = date.fromisoformat(rotation["start"])
    day = anchor + timedelta(days=every * ((first - anchor).days // every - 1))
    edges = []
    while day <= last + timedelta(days=every + 1):
        edges.append(wall_instant(day, wall(rotation["time"]), zone))
        day += timedelta(days=every)
    return edges


def _workdays(rotation: dict[str, Any], zone: str, start: datetime, end: datetime) -> Iterator[Block]:
    """Days of the chosen weekdays alone; the others are no turn."""
    at = wall(rotation["time"])
    wanted = {DOWS.index(dow) for dow in rotation["weekdays"]}
    day = local_date(start, zone) - ONE_DAY
    while day <= local_date(end, zone):
        block = Block(wall_instant(day, at, zone), wall_instant(day + ONE_DAY, at, zone))
        if day.weekday() in wanted and block.start < end and start < block.end:
            yield block
        day += ONE_DAY


def _hours(rotation: dict[str, Any], zone: str, start: datetime, end: datetime) -> Iterator[Block]:
    """Turns of n hours; each local day begins anew, so a day with a clock change ends with another length."""
    every = timedelta(hours=int(rotation["every"]))
    at = wall(rotation.get("time", "00:00"))
    until = wall(rotation["until"]) if rotation.get("until") else None
    day = local_date(start, zone) - ONE_DAY
    while day <= local_date(end, zone):
        opens = wall_instant(day, at, zone)
        closes = wall_instant(day + ONE_DAY, at, zone) if until is None else wall_instant(day, until, zone)
        while opens < closes:
            block = Block(opens, min(opens + every, closes))
            if block.start < end and start < block.end:
                yield block
            opens += every
        day += ONE_DAY


def _monthly(rotation: dict[str, Any], zone: str, first: date, last: date) -> list[datetime]:
    """The anchor's day each n months, clamped to the month from the anchor itself, or the n-th weekday of a month."""
    every = int(rotation.get("every", 1))
    anchor = date.fromisoformat(rotation["start"])
    step = ((first.year - anchor.year) * 12 + first.month - anchor.month) // every - 2
    edges = []
    while True:
        year, month = divmod(anchor.year * 12 + anchor.month - 1 + step * every, 12)
        day = _day_in_month(rotation, anchor, year, month + 1)
        if day is not None:
            edges.append(wall_instant(day, wall(rotation["time"]), zone))
            if day > last:
                return edges
        step += 1


def _day_in_month(rotation: dict[str, Any], anchor: date, year: int, month: int) -> date | None:
    parity = rotation.get("parity", "")
    if parity and (month % 2 == 1) != (parity == "odd"):
        return None
    nth = rotation.get("nth_weekday")
    if nth:
        first = date(year, month, 1)
        offset = (DOWS.index(nth["dow"]) - first.weekday()) % WEEK
        return first + timedelta(days=offset + WEEK * (int(nth["n"]) - 1))
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))
