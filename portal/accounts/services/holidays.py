"""Confirming the public holidays of a region, and letting working hours take them over (spec accounts 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from portal.accounts.domain.holidays import PROPOSED, Day, Region, checked_days, composed
from portal.accounts.models import HolidayFollower, HolidaySet, Person
from portal.accounts.queries.holidays import holiday_year, package_version, proposed_days
from portal.accounts.queries.teams import calendar_of_person, newest_version
from portal.accounts.services.changing import locked
from portal.accounts.services.hours import Hours, publish_hours
from portal.core import clock
from portal.core.errors import Conflict, DomainError
from portal.core.models import BusinessCalendar
from portal.core.policies import can_edit_calendars, require
from portal.core.services.audit import record_audit
from portal.core.services.calendars import publish_calendar_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

RECOMPOSE = "accounts.recompose"
CONFIRMED, FOLLOWED = "accounts.holidays_confirmed", "accounts.holidays_followed"


@transaction.atomic
def confirm_holidays(*, actor: Person, region: Region, year: int, days: Iterable[Day], at: datetime) -> HolidaySet:
    """These days are the public holidays of the region in that year; hours that follow it take them over at once.

    Admins alone. The same days again write nothing. Days that are over change in nobody's hours. Raises `DomainError`
    for a region nobody knows and for wrong dates, `Conflict` if somebody confirmed at the same time.
    """
    require(can_edit_calendars(actor))
    proposed_days(region, year)
    kept = checked_days(days, year)
    before = _newest(region, year)
    dates = [
        {"date": day.on.isoformat(), "name": day.name, "is_ticked": day.is_ticked, "is_half": day.is_half}
        for day in kept
    ]
    if before is not None and before.dates == dates:
        return before
    made = _insert(actor, region, year, before.n + 1 if before else 1, dates, at)
    counts = {"days": sum(day.is_ticked for day in kept), "version": made.n}
    record_audit(actor=actor, verb=CONFIRMED, subject=made, after=counts, at=at)
    for follower in _followers().filter(country=region.country, subdivision=region.subdivision):
        _recompose(follower, at)
    return made


@transaction.atomic
def follow_holidays(*, actor: Person, calendar: BusinessCalendar, region: Region | None, at: datetime) -> None:
    """From now on these shared hours take over the region's confirmed days; None stops it and clears those ahead.

    Admins alone. Locks the hours. Idempotent. Raises `DomainError` for an unknown region and for hours without end.
    """
    require(can_edit_calendars(actor))
    _follow(calendar, region, actor, at)


@transaction.atomic
def follow_own_holidays(*, actor: Person, region: Region | None, at: datetime) -> None:
    """The same for one's own hours, which begin as those of the team; unconfirmed days count as proposed.

    Locks the person. Idempotent.
    """
    person: Person = locked(Person, actor.pk)
    if person.calendar is None:
        if region is None:
            return
        version = calendar_of_person(person, at.astimezone(ZoneInfo(person.zone)).date())
        publish_hours(actor=actor, person=person, hours=Hours(person.zone, version.weekly, version.exceptions), at=at)
        person.refresh_from_db()
    calendar = person.calendar
    if calendar is not None:
        _follow(calendar, region, actor, at)


def recompose_hours(args: Mapping[str, Any], progress: Any) -> Mapping[str, Any]:
    """The nightly job: hours that follow a region know this year and the next, each for itself; safe to repeat."""
    del args, progress
    at = clock.now()
    return {"changed": sum(_recompose_alone(pk, at) for pk in _followers().values_list("pk", flat=True))}


@transaction.atomic
def _recompose_alone(pk: int, at: datetime) -> bool:
    return _recompose(_followers().get(pk=pk), at)


def _followers() -> Any:
    return HolidayFollower.objects.select_related("calendar").order_by("pk")


def _newest(region: Region, year: int) -> HolidaySet | None:
    rows = HolidaySet.objects.filter(country=region.country, subdivision=region.subdivision, year=year)
    return rows.order_by("-n").first()


def _insert(
    actor: Person, region: Region, year: int, n: int, dates: Sequence[Mapping[str, Any]], at: datetime
) -> HolidaySet:
    try:
        with transaction.atomic():
            return HolidaySet.objects.create(
                country=region.country, subdivision=region.subdivision, year=year, n=n, dates=list(dates),
                package_version=package_version(), confirmed_by=actor, confirmed_at=at,
            )  # fmt: skip
    except IntegrityError:
        message = "Somebody confirmed this year a moment ago. Look at it again."
        raise Conflict("accounts.holidays_changed", message) from None


def _follow(calendar: BusinessCalendar, region: Region | None, actor: Person, at: datetime) -> None:
    locked(BusinessCalendar, calendar.pk)
    follower = _followers().filter(calendar=calendar).first()
    before = str(Region(follower.country, follower.subdivision)) if follower else ""
    if before == str(region or ""):
        return
    if newest_version(calendar.pk).always_open:
        raise DomainError("accounts.always_open", "These hours never close, so no holiday changes them.", "calendar")
    if follower is None:
        follower = HolidayFollower(calendar=calendar)
    if region is None:
        _lay(follower, [], at)
        follower.delete()
    else:
        follower.country, follower.subdivision = region.country, region.subdivision
        proposed_days(region, at.year)
        follower.save()
        _recompose(follower, at)
    record_audit(
        actor=actor, verb=FOLLOWED, subject=calendar, before={"region": before}, after={"region": str(region or "")},
        at=at,
    )  # fmt: skip


def _recompose(follower: HolidayFollower, at: datetime) -> bool:
    """This year and the next: confirmed days; in the hours of a person what is only proposed as well, and said so."""
    region = Region(follower.country, follower.subdivision)
    is_own = Person.objects.filter(calendar=follower.calendar_id).exists()
    days: list[Day] = []
    for year in (at.year, at.year + 1):
        found = holiday_year(region, year)
        if not found.is_provisional:
            days += found.days
        elif is_own:
            days += [Day(day.on, f"{day.name}{PROPOSED}") for day in found.days]
    return _lay(follower, days, at)


def _lay(follower: HolidayFollower, days: Sequence[Day], at: datetime) -> bool:
    version = newest_version(follower.calendar_id)
    today: date = at.astimezone(ZoneInfo(version.zone)).date()
    exceptions, laid = composed(version.exceptions, follower.laid, days, version.weekly, today)
    made = publish_calendar_version(
        actor=None, calendar=follower.calendar, weekly=version.weekly, exceptions=exceptions, zone=version.zone,
        nominal_seconds=version.nominal_day_seconds, at=at,
    )  # fmt: skip
    if laid != follower.laid:
        follower.laid = laid
        follower.save(update_fields=["laid"])
    return made.n != version.n
