"""Calendars and their immutable versions (spec sla 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from portal.core.domain.calendars import digest, nominal_day_seconds, parse_calendar, require_open
from portal.core.errors import Conflict, DomainError
from portal.core.models import BusinessCalendar, CalendarVersion
from portal.core.policies import can_edit_calendars, require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SHORTEST_DAY, LONGEST_DAY = 60, 86_400


def create_calendar(*, actor: Any, name: str, at: datetime) -> BusinessCalendar:
    """A calendar without hours yet. Raises `core.calendar_exists` (409) for a name in use."""
    require(can_edit_calendars(actor))
    try:
        with transaction.atomic():
            calendar = BusinessCalendar.objects.create(name=name)
            record_audit(actor=actor, verb="core.calendar_created", subject=calendar, after={"name": name}, at=at)
    except IntegrityError:
        raise Conflict("core.calendar_exists", f"There is a calendar named {name} already.", "name") from None
    return calendar


@transaction.atomic
def publish_calendar_version(
    *,
    actor: Any,
    calendar: BusinessCalendar,
    weekly: Mapping[str, Any],
    exceptions: Mapping[str, Any],
    zone: str,
    always_open: bool = False,
    nominal_seconds: int | None = None,
    at: datetime,
) -> CalendarVersion:
    """Version n+1 of `calendar`; its newest one again when nothing differs (by SHA-256 of the canonical JSON).

    `nominal_seconds` is what a business day means where a target is given in days; by default the most frequent one.
    Locks the calendar. Raises `sla.unknown_zone`, `sla.bad_interval`, `sla.too_many_exceptions`, `sla.never_open`,
    `sla.bad_nominal_day`, each with its field.
    """
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    require(can_edit_calendars(actor))
    content = _content(zone, weekly, exceptions, nominal_seconds, always_open=always_open, at=at)
    sha256 = digest(content)
    newest = CalendarVersion.objects.filter(calendar=calendar).order_by("n").last()
    if newest and newest.sha256 == sha256:
        return newest
    version = CalendarVersion.objects.create(
        calendar=calendar, n=newest.n + 1 if newest else 1, sha256=sha256, created_at=at, **content
    )
    after = {"version": version.n, "sha256": sha256}
    record_audit(actor=actor, verb="core.calendar_published", subject=calendar, after=after, at=at)
    return version


def _content(
    zone: str,
    weekly: Mapping[str, Any],
    exceptions: Mapping[str, Any],
    nominal_seconds: int | None,
    *,
    always_open: bool,
    at: datetime,
) -> dict[str, Any]:
    """The columns of a version in canonical form: two ways to write the same hours are the same content."""
    parsed = parse_calendar({"zone": zone, "weekly": weekly, "exceptions": exceptions, "always_open": always_open})
    require_open(parsed, at)
    seconds = nominal_day_seconds(parsed) if nominal_seconds is None else nominal_seconds
    if not SHORTEST_DAY <= seconds <= LONGEST_DAY:
        raise DomainError("sla.bad_nominal_day", "A business day has between 1 minute and 24 hours.", "nominal_seconds")
    return {
        "zone": parsed.zone,
        "weekly": {} if always_open else {day: hours for day, hours in weekly.items() if hours},
        "exceptions": {} if always_open else {day: _exception(given) for day, given in exceptions.items()},
        "always_open": always_open,
        "nominal_day_seconds": seconds,
    }


def _exception(given: Any) -> dict[str, Any]:
    """A dated exception with all its keys; a bare list is hours without a name."""
    value = given if isinstance(given, dict) else {"intervals": given}
    return {
        "intervals": value.get("intervals", []),
        "name": str(value.get("name", "")),
        "is_public_holiday": value.get("is_public_holiday") is True,
    }
