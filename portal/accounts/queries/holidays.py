"""Which public holidays hold where, and which are only proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Subquery

from portal.accounts.domain.holidays import Day, Region
from portal.accounts.models import HolidayFollower, HolidaySet, Person
from portal.core.models import BusinessCalendar
from portal.core.queries.calendars import proposed_holidays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet


@dataclass(frozen=True)
class Year:
    """A region's days of a year: the newest confirmed ones, else what the package `holidays` proposes."""

    region: Region
    year: int
    days: Sequence[Day]
    confirmed: HolidaySet | None = None

    @property
    def is_provisional(self) -> bool:
        return self.confirmed is None


def package_version() -> str:
    """Of the package whose proposals are confirmed."""
    return version("holidays")[:20]


def newest_sets() -> QuerySet[HolidaySet]:
    """The confirmed sets that hold: the newest of each region and year."""
    same = HolidaySet.objects.filter(
        country=OuterRef("country"), subdivision=OuterRef("subdivision"), year=OuterRef("year")
    )
    newest = Subquery(same.order_by("-n").values("n")[:1])
    return HolidaySet.objects.annotate(newest=newest).filter(n=F("newest")).select_related("confirmed_by")


def holiday_year(region: Region, year: int) -> Year:
    """One query. Raises `DomainError` `core.unknown_country` for a region that is neither confirmed nor known."""
    held = HolidaySet.objects.filter(country=region.country, subdivision=region.subdivision, year=year)
    found = held.select_related("confirmed_by").order_by("-n").first()
    if found is None:
        return Year(region, year, proposed_days(region, year))
    return Year(region, year, kept_days(found), found)


def proposed_days(region: Region, year: int) -> list[Day]:
    """What the package proposes, all ticked. Raises `DomainError` `core.unknown_country`."""
    return [Day(day.on, day.name) for day in proposed_holidays(region.country, region.subdivision, year)]


def kept_days(found: HolidaySet) -> list[Day]:
    """The days of a confirmed set."""
    return [Day(date.fromisoformat(row["date"]), row["name"], row["is_ticked"], row["is_half"]) for row in found.dates]


def unconfirmed_regions(year: int) -> list[str]:
    """Regions whose holidays somebody's hours take over and nobody confirmed for that year, in order; two queries."""
    known = set(HolidaySet.objects.filter(year=year).values_list("country", "subdivision").distinct())
    followed = set(HolidayFollower.objects.values_list("country", "subdivision").distinct())
    return [str(Region(*pair)) for pair in sorted(followed - known)]


def region_followed(calendar_id: int | None) -> Region | None:
    """The region whose holidays these hours take over."""
    found = HolidayFollower.objects.filter(calendar=calendar_id).first() if calendar_id else None
    return Region(found.country, found.subdivision) if found else None


def shared_calendars() -> QuerySet[BusinessCalendar]:
    """Hours that are nobody's own, with the region they follow, by name."""
    region = HolidayFollower.objects.filter(calendar=OuterRef("pk"))
    own = Person.objects.filter(calendar=OuterRef("pk"))
    rows = BusinessCalendar.objects.filter(~Exists(own), is_archived=False).exclude(name__startswith="Hours of ")
    return rows.annotate(
        country=Subquery(region.values("country")[:1]), subdivision=Subquery(region.values("subdivision")[:1])
    ).order_by("name")
