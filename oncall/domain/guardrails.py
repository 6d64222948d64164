"""When a night is given to somebody else, whether they asked or not (spec oncall 10)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from oncall.domain.wall import instant_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

WEEK = timedelta(days=7)
NIGHT_PAGES, NIGHTS_RUNNING, LEAST_REST = 3, 2, timedelta(hours=11)
AMBER, RED = 0.15, 0.30
PAGES_A_SHIFT = 2.0
NIGHT_FROM, NIGHT_TO = time(22), time(7)
REST_BEFORE = time(20)
RULES = ("G1", "G2", "G3")
RULE_WORDS = {
    "G1": "three pages at night within seven days",
    "G2": "less than eleven hours of rest in a day",
    "G3": "woken two nights running",
}


@dataclass(frozen=True)
class Burden:
    """What one person went through: pages in their nights, nights they were woken, and work on incidents."""

    night_pages: tuple[datetime, ...]
    woken_nights: tuple[date, ...]
    work: tuple[tuple[datetime, datetime], ...]
    zone: str


def broken_rule(burden: Burden, at: datetime, switched: Mapping[str, object]) -> str:
    """The first rule that says "somebody else tonight"; "" if none does. A team may switch a rule off by `false`."""
    found = {
        "G1": sum(at - WEEK < page <= at for page in burden.night_pages) >= NIGHT_PAGES,
        "G3": _runs(burden.woken_nights),
        "G2": longest_rest(burden, at) < LEAST_REST,
    }
    return next((rule for rule, fires in found.items() if fires and switched.get(rule) is not False), "")


def longest_rest(burden: Burden, at: datetime) -> timedelta:
    """The longest stretch without page or incident work in the 24 hours before the last 20:00 of the person's day."""
    local = at.astimezone(UTC)
    end = instant_of(local.date(), REST_BEFORE, burden.zone)
    end = end if end <= at else instant_of(local.date() - timedelta(days=1), REST_BEFORE, burden.zone)
    start = end - timedelta(days=1)
    busy = sorted(
        (max(begin, start), min(finish, end)) for begin, finish in _spans(burden) if begin < end and finish > start
    )
    edges = [(start, start), *busy, (end, end)]
    latest, longest = start, timedelta(0)
    for begin, finish in edges:
        longest = max(longest, begin - latest)
        latest = max(latest, finish)
    return longest


def next_night(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """The coming night in the person's zone, 22:00 to 07:00, or the rest of it if it goes on."""
    day = at.astimezone(UTC).date() - timedelta(days=1)
    for n in range(3):
        start = instant_of(day + timedelta(days=n), NIGHT_FROM, zone)
        if start > at:
            return start, instant_of(day + timedelta(days=n + 1), NIGHT_TO, zone)
    return at, at


def share_colour(pages_out_of_hours: int, pages: int) -> str:
    """G5: the colour of the share of pages out of hours in 90 days."""
    share = pages_out_of_hours / pages if pages else 0.0
    return "bad" if share > RED else "warn" if share > AMBER else "ok"


def is_over_pages(pages_a_shift: Sequence[int]) -> bool:
    """G4: more than two pages a shift on average."""
    return bool(pages_a_shift) and sum(pages_a_shift) / len(pages_a_shift) > PAGES_A_SHIFT


def _runs(nights: Collection[date]) -> bool:
    """Whether the last night and the one before were both broken."""
    ordered = sorted(set(nights))[-NIGHTS_RUNNING:]
    return len(ordered) == NIGHTS_RUNNING and all(
        (later - earlier).days == 1 for earlier, later in itertools.pairwise(ordered)
    )


def _spans(burden: Burden) -> list[tuple[datetime, datetime]]:
    minute = timedelta(minutes=1)
    return [*burden.work, *((page, page + minute) for page in burden.night_pages)]
