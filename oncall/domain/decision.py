"""Whether a broken asset wakes somebody now, and what was agreed about it (spec oncall 8, exercise 6).

Pure: the same facts give the same answer, and the answer is stored on the incident with its reasons. Wall times are
those of the asset's rota zone, working days those of its owner's calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.agreements import NightClass, Terms, class_on
from oncall.domain.wall import instant_of
from portal.core.domain.working_time import add, counted, open_segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.core.domain.working_time import Calendar

FIX_HOUR = time(18)
HOPS = 3
WORKING_DAYS_OF_A_WEEK, LAST_WORKING_DAYS = 5, 5
MOMENT = timedelta(seconds=1)
LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Hours:
    """The owner's working hours and the zone of the rota that serves the asset."""

    calendar: Calendar
    zone: str


@dataclass(frozen=True)
class AssetFacts:
    """The failing asset; `is_covered`: its rota is on duty at the instant; `default`: what holds unsigned."""

    id: int
    name: str
    tier: int | None
    default: Terms
    is_covered: bool = True


@dataclass(frozen=True)
class Registered:
    """One downstream team's row on one asset. `terms` is None where nothing signed is in force: `default` holds."""

    id: int
    asset_id: int
    asset: str
    team: str
    terms: Terms | None
    default: Terms | None = None
    version: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one agreement says; `fix_by` None is "as soon as possible". `is_agreed` is false for a default."""

    id: int | None
    asset: str
    team: str
    distance: int
    night_class: NightClass
    act_at: datetime
    fix_by: datetime | None
    pages: bool
    is_agreed: bool
    shown_meanwhile: str = ""
    consequence: str = ""
    tell: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Decision:
    """The earliest verdict wins. `page_at` is when the first page is due, None if nobody is ever paged."""

    at: datetime
    by: Verdict
    verdicts: tuple[Verdict, ...]
    page_at: datetime | None

    @property
    def act_at(self) -> datetime:
        return self.by.act_at

    @property
    def fix_by(self) -> datetime | None:
        return self.by.fix_by

    @property
    def is_now(self) -> bool:
        """Whether to act at once."""
        return self.by.act_at <= self.at

    @property
    def pages(self) -> bool:
        return self.by.pages

    @property
    def not_agreed(self) -> tuple[str, ...]:
        """Teams that are downstream and have signed nothing that is in force, in order, each once."""
        return tuple(dict.fromkeys(each.team for each in self.verdicts if not each.is_agreed and each.team))


def decide(
    at: datetime,
    asset: AssetFacts,
    lineage: Mapping[int, int],
    agreements: Sequence[Registered],
    calendars: Mapping[int, Hours],
) -> Decision:
    """What happens if `asset` breaks at `at`.

    `lineage` gives the distance of each downstream asset; those beyond three hops do not count. `calendars` has an
    entry for the asset and each asset of an agreement. Unsigned and expired rows fall to the owner's default; without
    any row the default decides alone. Ties go to the earlier fix, to a page, to the nearer asset, to the older row.
    """
    near = {**{pk: hops for pk, hops in lineage.items() if hops <= HOPS}, asset.id: 0}
    rows = [row for row in agreements if row.asset_id in near]
    verdicts = [_verdict(at, asset, row, near[row.asset_id], calendars[row.asset_id]) for row in rows]
    verdicts = verdicts or [_by_default(at, asset, calendars[asset.id])]
    verdicts.sort(key=lambda each: _order(each, at))
    pages = [each.act_at for each in verdicts if each.pages]
    return Decision(at, verdicts[0], tuple(verdicts), min(pages, default=None))


def _order(verdict: Verdict, at: datetime) -> tuple[datetime, datetime, bool, int, int]:
    return verdict.act_at, verdict.fix_by or at, not verdict.pages, verdict.distance, verdict.id or 0


def _verdict(at: datetime, asset: AssetFacts, row: Registered, distance: int, hours: Hours) -> Verdict:
    terms = row.terms or row.default or asset.default
    night_class = _class_at(at, terms, hours)
    act_at, fix_by, pages = _act(at, night_class, terms, hours, is_covered=asset.is_covered)
    said = terms if row.terms else None
    return Verdict(
        row.id, row.asset, row.team, distance, night_class, act_at, fix_by, pages, row.terms is not None,
        said.shown_meanwhile if said else "", said.consequence if said else "", said.tell if said else (),
    )  # fmt: skip


def _by_default(at: datetime, asset: AssetFacts, hours: Hours) -> Verdict:
    night_class = _class_at(at, asset.default, hours)
    act_at, fix_by, pages = _act(at, night_class, asset.default, hours, is_covered=asset.is_covered)
    return Verdict(None, asset.name, "", 0, night_class, act_at, fix_by, pages, is_agreed=False)


def _class_at(at: datetime, terms: Terms, hours: Hours) -> NightClass:
    """The class of the local day; "watch the last week" is resolved into one of the two it stands for."""
    day = _local(at, hours).date()
    found = class_on(terms, day)
    if found != NightClass.WATCH_LAST_WEEK:
        return found
    days = working_days_of_month(hours.calendar, day)
    starts = days[-min(LAST_WORKING_DAYS, len(days))] if days else day
    return NightClass.WAKE if day >= starts else NightClass.BY_MONTH_END


def _act(
    at: datetime, night_class: NightClass, terms: Terms, hours: Hours, *, is_covered: bool
) -> tuple[datetime, datetime | None, bool]:
    """(when to act, fix by, whether it is a page). Without cover nobody is woken: it waits for the owner's hours."""
    match night_class:
        case NightClass.WAKE:
            return (at if is_covered else working_start(hours, at)), None, True
        case NightClass.WAIT_UNTIL:
            act_at = _waited(at, terms, hours)
            act_at = act_at if is_covered else working_start(hours, act_at)
            return act_at, _evening(act_at, hours), True
        case NightClass.WITHIN_WEEK:
            day = nth_working_day_after(hours.calendar, _local(at, hours).date(), WORKING_DAYS_OF_A_WEEK)
            return working_start(hours, at), _instant(day, FIX_HOUR, hours), False
    days = working_days_of_month(hours.calendar, _local(at, hours).date())
    last = days[-1] if days else _local(at, hours).date()
    return working_start(hours, at), _instant(last, FIX_HOUR, hours), False


def _waited(at: datetime, terms: Terms, hours: Hours) -> datetime:
    """At once within page hours, else the next agreed time, on a working day if the agreement says so."""
    here = _local(at, hours)
    counts = not terms.working_day_only or is_working_day(hours.calendar, here.date())
    if counts and terms.page_from <= here.time() < terms.page_to:
        return at
    day = here.date()
    for _ in range(LOOK_AHEAD.days):
        until = _instant(day, terms.until_time, hours)
        if until >= at and (not terms.working_day_only or is_working_day(hours.calendar, day)):
            return until
        day += timedelta(days=1)
    return at


def _evening(act_at: datetime, hours: Hours) -> datetime:
    day = _local(act_at, hours).date()
    evening = _instant(day, FIX_HOUR, hours)
    return evening if evening > act_at else _instant(day + timedelta(days=1), FIX_HOUR, hours)


def working_start(hours: Hours, at: datetime) -> datetime:
    """`at` if the owner works then, else when they next begin."""
    if counted(hours.calendar, at, at + MOMENT):
        return at
    reached = add(hours.calendar, at, 1)
    return reached - MOMENT if reached is not None else at


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether the calendar opens at all that day."""
    if calendar.always_open:
        return True
    intervals = calendar.exceptions.get(day)
    return bool(calendar.weekly[day.weekday()] if intervals is None else intervals)


def working_days_of_month(calendar: Calendar, day: date) -> list[date]:
    """The working days of the month of `day`, in order."""
    first = day.replace(day=1)
    days = [first + timedelta(days=n) for n in range(31)]
    return [each for each in days if each.month == day.month and is_working_day(calendar, each)]


def nth_working_day_after(calendar: Calendar, day: date, n: int) -> date:
    """The n-th working day after `day`, which itself does not count."""
    for _ in range(LOOK_AHEAD.days * 2):
        day += timedelta(days=1)
        n -= is_working_day(calendar, day)
        if n <= 0:
            break
    return day


def closing_of(hours: Hours, day: date) -> datetime:
    """When the owner's working day ends; 18:00 where the day does not open."""
    start = _instant(day, time(0), hours)
    segments = open_segments(hours.calendar, start, start + timedelta(days=1))
    return segments[-1][1] if segments else _instant(day, FIX_HOUR, hours)


def _local(at: datetime, hours: Hours) -> datetime:
    return at.astimezone(ZoneInfo(hours.zone))


def _instant(day: date, wall: time, hours: Hours) -> datetime:
    return instant_of(day, wall, hours.zone)
