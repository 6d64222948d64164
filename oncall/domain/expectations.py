"""When data is owed: the next due instant of a rule, so that what never came alarms too (spec oncall 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.decision import is_working_day
from oncall.domain.wall import instant_of
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from portal.core.domain.working_time import Calendar

KINDS = ("daily", "weekly", "nth_business_day", "month_end", "late_arrival", "every")
MIDNIGHT = time(0)
MOST_HOURS, SHORTEST_EVERY, LONGEST_EVERY = 24 * 31, 5, 24 * 60
CHECKED_EVERY = timedelta(hours=1)
MOST_DAYS = 800
CLOCK = "%H:%M"
BAD = "oncall.bad_rule"


@dataclass(frozen=True)
class Rule:
    """`hours` after midnight (daily, nth_business_day, month_end), or the age that is too old (late_arrival)."""

    kind: str
    hours: float = 0
    n: int = 1
    weekday: int = 0
    wall: time = MIDNIGHT
    minutes: int = 60


def parse_rule(given: Mapping[str, Any]) -> Rule:
    """A checked rule; raises `DomainError` `oncall.bad_rule` naming what is wrong."""
    kind = given.get("kind")
    if kind not in KINDS:
        raise DomainError(BAD, f"A rule is one of {', '.join(KINDS)}.", "rule")
    hours, n, weekday = given.get("hours", 0), given.get("n", 1), given.get("weekday", 0)
    minutes = given.get("minutes", 60)
    if not _is_number(hours) or not 0 <= hours <= MOST_HOURS or (kind == "late_arrival" and not hours):
        raise DomainError(BAD, f"Hours are 0 to {MOST_HOURS}, and more than 0 for the age of a newest record.", "rule")
    if not isinstance(n, int) or not 1 <= n <= 23:  # noqa: PLR2004 (no month has more working days)
        raise DomainError(BAD, "The working day is the 1st to the 23rd.", "rule")
    if not isinstance(weekday, int) or not 0 <= weekday <= 6:  # noqa: PLR2004 (Monday to Sunday)
        raise DomainError(BAD, "The weekday is 0 (Monday) to 6 (Sunday).", "rule")
    if not isinstance(minutes, int) or not SHORTEST_EVERY <= minutes <= LONGEST_EVERY:
        raise DomainError(BAD, f"Every {SHORTEST_EVERY} to {LONGEST_EVERY} minutes.", "rule")
    return Rule(kind, float(hours), n, weekday, _wall(given.get("time", "00:00")), minutes)


def to_json(rule: Rule) -> dict[str, Any]:
    """The rule as it is stored."""
    facts: dict[str, Any] = {"kind": rule.kind}
    match rule.kind:
        case "weekly":
            facts |= {"weekday": rule.weekday, "time": rule.wall.strftime(CLOCK)}
        case "nth_business_day":
            facts |= {"n": rule.n, "hours": rule.hours}
        case "every":
            facts["minutes"] = rule.minutes
        case _:
            facts["hours"] = rule.hours
    return facts


def next_due(rule: Rule, zone: str, calendar: Calendar, after: datetime) -> datetime:
    """The first due instant later than `after`, grace not included. A day is a day of `zone`, its hours real hours."""
    if rule.kind == "every":
        return after + timedelta(minutes=rule.minutes)
    if rule.kind == "late_arrival":
        return after + CHECKED_EVERY
    start = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1 + int(rule.hours // 24))
    return next(due for day in _days(rule, calendar, start) if (due := _due_on(rule, day, zone)) > after)


def words(rule: Rule) -> str:
    """The rule as a person says it."""
    hours = f"{rule.hours:g} h"
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[rule.weekday]
    return {
        "daily": f"every day, {hours} after midnight",
        "weekly": f"every {weekday} by {rule.wall:%H:%M}",
        "nth_business_day": f"on working day {rule.n} of the month, {hours} after midnight",
        "month_end": f"at the end of the month, {hours} after midnight of its last day",
        "late_arrival": f"newest record at most {hours} old",
        "every": f"every {rule.minutes} min",
    }[rule.kind]


def _due_on(rule: Rule, day: date, zone: str) -> datetime:
    if rule.kind == "weekly":
        return instant_of(day, rule.wall, zone)
    return (instant_of(day, MIDNIGHT, zone) + timedelta(hours=rule.hours)).astimezone(UTC)


def _days(rule: Rule, calendar: Calendar, start: date) -> Iterator[date]:
    """The days the rule speaks of, from `start` on."""
    for n in range(MOST_DAYS):
        day = start + timedelta(days=n)
        if _speaks_of(rule, calendar, day):
            yield day


def _speaks_of(rule: Rule, calendar: Calendar, day: date) -> bool:
    match rule.kind:
        case "weekly":
            return day.weekday() == rule.weekday
        case "month_end":
            return (day + timedelta(days=1)).day == 1
        case "nth_business_day":
            opened = [n for n in range(1, day.day + 1) if is_working_day(calendar, day.replace(day=n))]
            return len(opened) == rule.n and is_working_day(calendar, day)
    return True


def _wall(text: Any) -> time:
    try:
        return datetime.strptime(str(text), CLOCK).time()  # noqa: DTZ007 (a wall time has no zone)
    except ValueError:
        raise DomainError(BAD, "A time is written 10:00.", "rule") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
