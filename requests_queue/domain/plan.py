"""The quarterly plan as arithmetic on plain values: dates, lines, order, lock (spec budget 4, 5).

Unit everywhere: whole minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.core.errors import Conflict, DomainError
from requests_queue.domain.budget import cap_of, floor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.budget import Terms

PLAN_STATES = ("draft", "open_for_input", "locked", "closed")
CANDIDATE_STATES = ("open", "taken", "not_taken", "moved")
ITEM_KINDS = ("project", "model_from_requests", "maintenance", "oncall")
SYSTEM_KINDS = ("maintenance", "oncall")
ITEM_STATES = ("planned", "started", "done", "dropped", "carried")
NEED_STATES = ("asked", "accepted", "declined")
CHANGE_KINDS = ("add", "drop", "resize", "bump", "month")
SOURCES = (
    "member", "request", "cluster", "boundary", "migration", "incident", "precheck", "shortcut", "runbook_loan",
)  # fmt: skip
POINTS = 10
HIGHEST_DELAY = 5
UNSAID_DELAY = 1
OPENS, VOTES_CLOSE, LOCK_DUE = 35, 14, 5
REMIND_VOTERS = (10, 3)
REMIND_LEAD = 7
TWICE = 2
FITS, AT_RISK, BELOW = "fits", "at_risk", "below"
HOUR = 60


@dataclass(frozen=True)
class PlanDates:
    """When a plan opens, when votes close and when it should be locked."""

    opens_at: datetime
    input_closes_at: datetime
    lock_due_at: datetime


def dates_of(quarter: Quarter, zone: str) -> PlanDates:
    """The dates of a plan in the team's zone: 35, 14 and 5 days before the quarter, at 09:00, 18:00 and 18:00."""
    return PlanDates(
        _before(quarter, zone, OPENS, 9), _before(quarter, zone, VOTES_CLOSE, 18), _before(quarter, zone, LOCK_DUE, 18)
    )


def _before(quarter: Quarter, zone: str, days: int, hour: int) -> datetime:
    return datetime.combine(quarter.starts_on - timedelta(days=days), time(hour), ZoneInfo(zone))


@dataclass(frozen=True)
class Uses:
    """What a quarter's capacity is spent on before any planned work: upkeep M and on-call O, with the band F to K."""

    capacity: int
    maintenance: int
    oncall: int
    floor: int
    cap: int

    @property
    def line_1(self) -> int:
        """Planned minutes that fit even when the whole ad-hoc band is used: C - M - O - K."""
        return self.capacity - self.maintenance - self.oncall - self.cap

    @property
    def line_2(self) -> int:
        """Planned minutes that can be promised at all: C - M - O - F."""
        return self.capacity - self.maintenance - self.oncall - self.floor


@dataclass(frozen=True)
class Work:
    """A line of the ranked list as arithmetic sees it."""

    key: int
    minutes: int
    is_bumpable: bool = False


@dataclass(frozen=True)
class Placed:
    """A line with the sum up to and with it, and its side: fits, at_risk or below."""

    work: Work
    total: int
    side: str


@dataclass(frozen=True)
class Wish:
    """What "suggest an order" looks at: points, cost of delay (None: nobody said), minutes, first asked."""

    key: int
    points: int
    cost_of_delay: int | None
    minutes: int
    first_asked_at: datetime


@dataclass(frozen=True)
class LockRuling:
    """Whether a plan can be promised: `over` minutes are too many, `at_risk` give way when the band is used."""

    over: int
    at_risk: int
    bumpable: tuple[int, ...]

    @property
    def is_allowed(self) -> bool:
        return self.over == 0


def uses_of(capacity: int, maintenance: int, oncall: int, terms: Terms) -> Uses:
    """The uses of a capacity under the band of a team."""
    return Uses(capacity, maintenance, oncall, floor_of(capacity, terms), cap_of(capacity, terms))


def placed(works: Sequence[Work], uses: Uses) -> list[Placed]:
    """Each line with its side. The first that passes a line and all after it are below it: nothing is skipped."""
    total, sides, found = 0, (FITS, AT_RISK, BELOW), []
    side = 0
    for work in works:
        total += work.minutes
        while side < len(sides) - 1 and total > (uses.line_1, uses.line_2)[side]:
            side += 1
        found.append(Placed(work, total, sides[side]))
    return found


def not_bumpable_at_risk(rows: Sequence[Placed]) -> list[int]:
    """Lines between the two cuts that nobody has marked as giving way."""
    return [row.work.key for row in rows if row.side == AT_RISK and not row.work.is_bumpable]


def suggested_order(wishes: Sequence[Wish]) -> list[int]:
    """By (points + 3 x cost of delay) / hours, the largest first; ties by the older first request. Never by itself."""

    def key(wish: Wish) -> tuple[Fraction, datetime, int]:
        delay = wish.cost_of_delay if wish.cost_of_delay is not None else UNSAID_DELAY
        hours = max(Fraction(wish.minutes, HOUR), Fraction(1))
        return -(Fraction(wish.points + 3 * delay) / hours), wish.first_asked_at, wish.key

    return [wish.key for wish in sorted(wishes, key=key)]


def lock_ruling(works: Sequence[Work], uses: Uses) -> LockRuling:
    """Planned + O + M + F <= C is hard; planned + O + M + K > C warns with the minutes and lists what gives way."""
    planned = sum(work.minutes for work in works)
    return LockRuling(
        over=max(0, planned - uses.line_2),
        at_risk=max(0, planned - uses.line_1),
        bumpable=tuple(work.key for work in works if work.is_bumpable),
    )


def checked_order(given: Sequence[int], known: Sequence[int]) -> list[int]:
    """The ranking as it was given; raises `DomainError` (`plan.bad_ranking`) with missing or repeated lines."""
    if sorted(given) != sorted(known):
        message = "A ranking names each line of the list once. Load the page again."
        raise DomainError("plan.bad_ranking", message, "order")
    return list(given)


def moved_by(order: Sequence[int], key: int, by: int) -> list[int]:
    """The order with one line moved up (negative) or down; at an end nothing changes."""
    place = order.index(key)
    target = min(max(place + by, 0), len(order) - 1)
    rest = [other for other in order if other != key]
    return [*rest[:target], key, *rest[target:]]


def moved_across(rows: Sequence[Placed], key: int, *, into: bool) -> list[int]:
    """The order with a line moved across the nearest cut: `into` the plan, else out of it; one place where none is."""
    order = [row.work.key for row in rows]
    side = next(row.side for row in rows if row.work.key == key)
    place = order.index(key)
    if into:
        better = [n for n, row in enumerate(rows[:place]) if row.side != side]
        return moved_by(order, key, (better[-1] if better else place - 1) - place)
    worse = [n for n, row in enumerate(rows) if n > place and row.side != side]
    return moved_by(order, key, (worse[0] if worse else place + 1) - place)


def require_points(given: int, others: int) -> None:
    """At most ten points a team and plan; raises `Conflict` (`plan.vote_quota`) naming `points`."""
    if not 0 <= given <= POINTS:
        raise DomainError("plan.bad_points", f"Whole points from 0 to {POINTS}.", "points")
    if given + others > POINTS:
        left = POINTS - others
        message = f"Your team has {POINTS} points a plan and {left} left. Take some back from another line first."
        raise Conflict("plan.vote_quota", message, "points", left=left)


def overbooked(work: Sequence[tuple[str, int]], capacity: Mapping[str, int]) -> dict[str, int]:
    """Minutes by which each named person has more than their own capacity line; `work` is (handle, minutes).

    Who has no line gives this team no time that could be counted, so they are left out.
    """
    totals: dict[str, int] = {}
    for handle, minutes in work:
        totals[handle] = totals.get(handle, 0) + minutes
    return {
        handle: total - capacity[handle]
        for handle, total in totals.items()
        if handle in capacity and total > capacity[handle]
    }
