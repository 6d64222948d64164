"""What an agreement may say about a broken asset at 3 am, and when it needs a runbook (spec oncall 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class NightClass(StrEnum):
    WAKE = "wake"
    WAIT_UNTIL = "wait_until"
    WITHIN_WEEK = "within_week"
    BY_MONTH_END = "by_month_end"
    WATCH_LAST_WEEK = "watch_last_week"


class AgreementState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    REPLACED = "replaced"
    EXPIRED = "expired"


CLASS_WORDS = {
    NightClass.WAKE: "wake somebody at once",
    NightClass.WAIT_UNTIL: "wait until the morning",
    NightClass.WITHIN_WEEK: "fix within the week",
    NightClass.BY_MONTH_END: "fix by the end of the month",
    NightClass.WATCH_LAST_WEEK: "wake in the last week of the month, else by its end",
}
PAGE_FROM, PAGE_TO = time(7), time(22)
DEFAULT_UNTIL = time(7)
DEFAULT_TERM_MONTHS, LONGEST_TERM_MONTHS = 6, 12
REMINDED_DAYS = (30, 7, 1)
MOST_EXCEPTIONS, LONGEST_TEXT = 50, 20_000
WAKING = frozenset({NightClass.WAKE, NightClass.WATCH_LAST_WEEK})


@dataclass(frozen=True)
class NightException:
    """Days on which another class holds, first and last included."""

    first: date
    last: date
    night_class: NightClass


@dataclass(frozen=True)
class Terms:
    """What two teams sign: the class, its hours, what readers see meanwhile, who is told by when.

    `tell` names teams with minutes after the failure; `columns` are promised to stay (spec additions).
    """

    night_class: NightClass
    until_time: time = DEFAULT_UNTIL
    working_day_only: bool = False
    page_from: time = PAGE_FROM
    page_to: time = PAGE_TO
    consequence: str = ""
    shown_meanwhile: str = ""
    tell: tuple[tuple[str, int], ...] = ()
    exceptions: tuple[NightException, ...] = ()
    columns: tuple[str, ...] = ()


def class_on(terms: Terms, day: date) -> NightClass:
    """The class that holds on a local day: an exception's, else the agreement's."""
    return next((each.night_class for each in terms.exceptions if each.first <= day <= each.last), terms.night_class)


def may_wake(terms: Terms) -> bool:
    """Whether somebody can be woken by these terms at all."""
    return bool(WAKING & {terms.night_class, *(each.night_class for each in terms.exceptions)})


def check_terms(terms: Terms) -> None:
    """Raise `DomainError` with the field for terms that contradict themselves or are too long."""
    if terms.page_from >= terms.page_to:
        raise DomainError("oncall.bad_hours", "The hours for pages begin before they end.", "page_from")
    if len(terms.exceptions) > MOST_EXCEPTIONS:
        raise DomainError("oncall.too_many_exceptions", f"At most {MOST_EXCEPTIONS} exceptions.", "exceptions")
    for name in ("consequence", "shown_meanwhile"):
        if len(getattr(terms, name)) > LONGEST_TEXT:
            raise DomainError("oncall.too_long", f"At most {LONGEST_TEXT:,} characters.", name)
    _check_exceptions(sorted(terms.exceptions, key=lambda each: each.first))


def _check_exceptions(ordered: Sequence[NightException]) -> None:
    previous: NightException | None = None
    for each in ordered:
        if each.last < each.first:
            raise DomainError("oncall.bad_range", f"The exception from {each.first} ends before it.", "exceptions")
        if previous is not None and each.first <= previous.last:
            raise DomainError("oncall.exceptions_overlap", f"Two exceptions hold on {each.first}.", "exceptions")
        previous = each


def expiry_of(signed_on: date, wished: date | None) -> date:
    """The last day of the agreement: the wished one, else six months; at most twelve after signing.

    Raises `DomainError` `oncall.bad_expiry` outside that.
    """
    found = wished or add_months(signed_on, DEFAULT_TERM_MONTHS)
    if not signed_on < found <= add_months(signed_on, LONGEST_TERM_MONTHS):
        message = "An agreement ends after the day it is signed and at most twelve months later."
        raise DomainError("oncall.bad_expiry", message, "expires_on")
    return found


def add_months(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's last."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def reminder_days(expires_on: date, after: date) -> list[date]:
    """The days on which both sides are reminded, those still ahead of `after`."""
    days: Iterable[date] = (expires_on - timedelta(days=left) for left in REMINDED_DAYS)
    return [day for day in days if day > after]
