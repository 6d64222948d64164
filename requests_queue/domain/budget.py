"""The ad-hoc budget of a team and quarter, in integer minutes (spec budget 3).

A period is its terms and its balance; every change is an entry of the ledger, and the balance is the sum of entries.
Equality is always inside: a request that just reaches an edge still fits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE = 10_000
FLOOR_BP, CAP_BP, MOST_CAP_BP = 500, 1000, 3000
SMALL_MAX, MEDIUM_MAX = 120, 480
TRIPWIRE_PERCENT = 150
FORECAST_DAYS = 20


class Size(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    COMPLEX = "complex"


class Ruling(StrEnum):
    """What the numbers say about a request."""

    ACCEPT = "ACCEPT"
    ACCEPT_AMBER = "ACCEPT_AMBER"
    LEAD_APPROVAL = "LEAD_APPROVAL"
    QUEUE = "QUEUE"
    DEFER = "DEFER"
    ACCEPT_EXEMPT = "ACCEPT_EXEMPT"


class EntryKind(StrEnum):
    RESERVE = "RESERVE"
    SPEND = "SPEND"
    RELEASE = "RELEASE"
    REVERSE = "REVERSE"
    EXEMPT_SPEND = "EXEMPT_SPEND"
    ADJUST_CAPACITY = "ADJUST_CAPACITY"
    OVERRIDE = "OVERRIDE"
    ROLL_OUT = "ROLL_OUT"
    ROLL_IN = "ROLL_IN"


@dataclass(frozen=True)
class Terms:
    """What a team agreed: the band in basis points of capacity, the sizes in minutes, last quarter's overdraft."""

    floor_bp: int = FLOOR_BP
    cap_bp: int = CAP_BP
    small_max: int = SMALL_MAX
    medium_max: int = MEDIUM_MAX
    overdraft: int = 0


@dataclass(frozen=True)
class Balance:
    """What stands in the books; `used` is what counts against the band."""

    capacity: int
    spent: int = 0
    reserved: int = 0
    exempt: int = 0

    @property
    def used(self) -> int:
        return self.spent + self.reserved


@dataclass(frozen=True)
class Change:
    """The minutes of one entry."""

    kind: EntryKind
    d_spent: int = 0
    d_reserved: int = 0
    d_exempt: int = 0
    d_capacity: int = 0


def floor_of(capacity: int, terms: Terms) -> int:
    """The lower edge F of the band."""
    return capacity * terms.floor_bp // WHOLE


def cap_of(capacity: int, terms: Terms) -> int:
    """The upper edge K, lowered by last quarter's overdraft but never under the floor."""
    return max(floor_of(capacity, terms), capacity * terms.cap_bp // WHOLE - terms.overdraft)


def overdraft_of(spent: int, cap: int) -> int:
    """What the next quarter's cap loses: only overdraft carries, unused budget never does."""
    return max(0, spent - cap)


def state_of(balance: Balance, terms: Terms) -> str:
    """For display: green below the floor, amber in the band, red from the cap on."""
    if balance.used < floor_of(balance.capacity, terms):
        return "green"
    return "amber" if balance.used < cap_of(balance.capacity, terms) else "red"


def size_of(estimate: int, terms: Terms, *, is_structural: bool = False) -> Size:
    """Small, medium or complex; what changes a structure is complex however short it is."""
    if is_structural or estimate > terms.medium_max:
        return Size.COMPLEX
    return Size.SMALL if estimate <= terms.small_max else Size.MEDIUM


def decide(size: Size, estimate: int, balance: Balance, terms: Terms, *, is_exempt: bool = False) -> Ruling:
    """The decision table; `U + estimate` is judged, not the state."""
    if is_exempt:
        return Ruling.ACCEPT_EXEMPT
    if size == Size.COMPLEX:
        return Ruling.DEFER
    after = balance.used + estimate
    if after <= floor_of(balance.capacity, terms):
        return Ruling.ACCEPT
    if after <= cap_of(balance.capacity, terms):
        return Ruling.ACCEPT_AMBER if size == Size.SMALL else Ruling.LEAD_APPROVAL
    return Ruling.QUEUE if size == Size.SMALL else Ruling.DEFER


@dataclass(frozen=True)
class Verdict:
    """What triage would decide: `ask` is what has to be reserved beside what the request spent or holds already."""

    minutes: int
    ask: int
    size: Size
    ruling: Ruling
    used: int
    floor: int
    cap: int

    @property
    def edge(self) -> int:
        """The edge that the sum is compared with."""
        return self.floor if self.used + self.ask <= self.floor else self.cap


@dataclass(frozen=True)
class Work:
    """What is judged: the estimate, whether it changes a structure or is exempt, and minutes it has already."""

    minutes: int
    is_structural: bool = False
    is_exempt: bool = False
    held: int = 0


def judge(work: Work, balance: Balance, terms: Terms) -> Verdict:
    """Size and decision of some work against a balance."""
    size = size_of(work.minutes, terms, is_structural=work.is_structural)
    ask = max(0, work.minutes - work.held)
    ruling = decide(size, ask, balance, terms, is_exempt=work.is_exempt)
    edges = floor_of(balance.capacity, terms), cap_of(balance.capacity, terms)
    return Verdict(work.minutes, ask, size, ruling, balance.used, *edges)


def apply(balance: Balance, change: Change) -> Balance:
    """The balance after an entry."""
    return Balance(
        capacity=balance.capacity + change.d_capacity,
        spent=balance.spent + change.d_spent,
        reserved=balance.reserved + change.d_reserved,
        exempt=balance.exempt + change.d_exempt,
    )


def reserve(minutes: int) -> Change:
    """On acceptance."""
    return Change(EntryKind.RESERVE, d_reserved=minutes)


def spend(minutes: int, reserved: int) -> Change:
    """Time that was worked: it eats the reservation first, and an overrun is simply spend."""
    return Change(EntryKind.SPEND, d_spent=minutes, d_reserved=-min(minutes, reserved))


def exempt_spend(minutes: int) -> Change:
    """Time on an exempt request: counted apart, never hidden."""
    return Change(EntryKind.EXEMPT_SPEND, d_exempt=minutes)


def release(reserved: int) -> Change:
    """On close: what is left of the reservation."""
    return Change(EntryKind.RELEASE, d_reserved=-reserved)


def adjust(minutes: int) -> Change:
    """Capacity that comes or goes from now on."""
    return Change(EntryKind.ADJUST_CAPACITY, d_capacity=minutes)


def reverse(change: Change) -> Change:
    """The exact negation of one entry."""
    return Change(EntryKind.REVERSE, -change.d_spent, -change.d_reserved, -change.d_exempt, -change.d_capacity)


def promoted(queue: Sequence[int], balance: Balance, terms: Terms) -> int:
    """How many of the queued estimates, oldest first, fit now; the walk stops at the first that does not."""
    count = 0
    for estimate in queue:
        if balance.used + estimate > cap_of(balance.capacity, terms):
            break
        balance = replace(balance, reserved=balance.reserved + estimate)
        count += 1
    return count


def is_tripped(size: Size, estimate: int, spent: int, terms: Terms) -> bool:
    """Whether the work has outgrown its estimate: over 150 %, or a small request past the size of small ones."""
    if spent * 100 > estimate * TRIPWIRE_PERCENT:
        return True
    return size == Size.SMALL and spent > terms.small_max


@dataclass(frozen=True)
class Forecast:
    """Where the quarter ends at this pace, and after how many working days the cap is passed (None: not within)."""

    minutes: int
    passes_cap_in: int | None


def forecast(balance: Balance, cap: int, recent: Sequence[int], days_left: int) -> Forecast:
    """Spent + the larger of what is reserved and the pace of the last 20 working days carried on.

    `recent` is the non-exempt spend of each of these days; fewer days count as those there are.
    """
    days = len(recent)
    total = sum(recent)
    ahead = total * days_left // days if days else 0
    return Forecast(balance.spent + max(balance.reserved, ahead), _passes(balance.spent, cap, total, days, days_left))


def median(values: Iterable[int]) -> int:
    """The middle value, the lower one of two; 0 for none."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0


def _passes(spent: int, cap: int, total: int, days: int, days_left: int) -> int | None:
    """The first working day n with spent + n x pace > cap."""
    if spent > cap:
        return 0
    if not total:
        return None
    first = (cap - spent) * days // total + 1
    return first if first <= days_left else None
