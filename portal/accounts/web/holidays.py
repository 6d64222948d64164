"""`/admin-setup/holidays/`: the public holidays of each region and year, and whose hours take them over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.domain.holidays import Day, Region, days_of_calendar, days_of_lines, region_of
from portal.accounts.filters import HolidaySetFilter
from portal.accounts.forms_teams import HolidayYearForm
from portal.accounts.policies import can_administer
from portal.accounts.queries.holidays import (
    holiday_year,
    kept_days,
    newest_sets,
    shared_calendars,
    unconfirmed_regions,
)
from portal.accounts.services.holidays import confirm_holidays, follow_holidays, follow_own_holidays
from portal.accounts.web.acting import ActView, GuardedForm
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, When, count_words, date_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from portal.accounts.models import HolidaySet
    from portal.core.policies import Decision

HEADER = ("region", "year", "version", "date", "name", "is_kept", "is_half", "confirmed_by", "confirmed_at")
MOST_CALENDARS = 200
ICAL_BYTES = 1_048_577  # one above the bound, so that the reader sees what is too large


class HolidaysView(PageView):
    """What is confirmed, what waits for a word, and the hours that follow a region. For admins."""

    page_title = "Public holidays"
    nav_key = "settings"
    crumbs = (("Settings", "/settings/"),)
    template_name = "accounts/holidays.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        require(can_administer(viewer, at))
        found = asked_sets(self.request)
        asked = self.request.GET.copy()
        page = keyset(found.qs, order=("-year", "country", "subdivision"), cursor=asked.pop("cursor", [""])[0])
        calendars: list[Any] = list(shared_calendars()[:MOST_CALENDARS])
        query = asked.urlencode()
        waiting = [(region, year) for year in (at.year, at.year + 1) for region in unconfirmed_regions(year)]
        return {
            "form": found.form, "rows": [_row(one, viewer.zone, at) for one in page.rows],
            "next_url": f"?{query}&cursor={page.next_cursor}" if page.next_cursor else "",
            "waiting": [
                Row(f"{region}, {year}", _url(region, year), icon="calendar", side="confirm it",
                    badges=[Badge("proposed", "warn")])
                for region, year in waiting
            ],
            "calendars": calendars,
            "shared": [
                Row(one.name, "", icon="clock-3", side=str(Region(one.country, one.subdivision)))
                for one in calendars if one.country
            ],
            "actions": [Link("Download", f"{reverse('holidays_export')}?{query}", "download")],
            "empty": _empty(self.request, at),
        }  # fmt: skip


class HolidayYearView(GuardedForm):
    """One region's year: tick, halve, add, or read a calendar file; saving is the next version."""

    nav_key = "settings"
    crumbs = (("Settings", "/settings/"), ("Public holidays", "/admin-setup/holidays/"))
    template_name = "accounts/holiday_year.html"
    form_class = HolidayYearForm

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def region(self) -> Region:
        try:
            return region_of(self.kwargs["region"])
        except DomainError:
            raise Http404 from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        region, year = self.region(), self.kwargs["year"]
        found = holiday_year(region, year)
        return super().get_context_data(**kwargs) | {
            "page_title": f"Public holidays of {region} in {year}", "found": found,
            "days": [(day, date_words(day.on)) for day in found.days], "region": str(region), "year": year,
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        region, year = self.region(), self.kwargs["year"]
        days = self._days(form.cleaned_data, region, year)
        viewer: Any = self.request.user
        made = confirm_holidays(actor=viewer, region=region, year=year, days=days, at=at)
        kept = sum(day.is_ticked for day in days)
        messages.success(self.request, f"{count_words(kept, 'day')} of {region} in {year} hold: version {made.n}.")
        return reverse("holidays_year", args=[region, year])

    def _days(self, given: dict[str, Any], region: Region, year: int) -> list[Day]:
        """Those of the file instead of those on the page; lines that were written come on top."""
        more = days_of_lines(given["more"])
        if given["calendar"]:
            return [*days_of_calendar(given["calendar"].read(ICAL_BYTES), year), *more]
        ticked, half = (set(self.request.POST.getlist(name)) for name in ("tick", "half"))
        shown = holiday_year(region, year).days
        return [
            *(Day(day.on, day.name, day.on.isoformat() in ticked, day.on.isoformat() in half) for day in shown), *more
        ]  # fmt: skip


class FollowRegionView(ActView):
    """Shared hours take over a region's days; an empty region stops it. For admins."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        require(can_administer(viewer, at))
        calendar = get_object_or_404(shared_calendars(), pk=_number(self.request.POST.get("calendar", "")))
        region = asked_region(self.request)
        follow_holidays(actor=viewer, calendar=calendar, region=region, at=at)
        words = f"{calendar} takes over the holidays of {region}." if region else f"{calendar} follows no region."
        messages.success(self.request, words)
        return reverse("holidays_list")


class MyRegionView(ActView):
    """One's own hours take over a region's days; an empty region stops it."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        region = asked_region(self.request)
        follow_own_holidays(actor=viewer, region=region, at=at)
        words = f"Your hours take over the holidays of {region}, each year." if region else "You follow no region."
        messages.success(self.request, words)
        return reverse("me_hours")


@require_GET
def export_holidays(request: HttpRequest) -> StreamingHttpResponse:
    """The days of the filter's regions and years as CSV, one a line. For admins."""
    require(can_administer(request.user, clock.now()))
    rows = asked_sets(request).qs.order_by("country", "subdivision", "year")
    return csv_response("holidays", HEADER, _lines(rows), count=rows.count() * 20)


def asked_sets(request: HttpRequest) -> HolidaySetFilter:
    """The confirmed sets of the address."""
    found = HolidaySetFilter(request.GET, queryset=newest_sets(), request=request)
    ensure_valid(found)
    return found


def asked_region(request: HttpRequest) -> Region | None:
    """The region of a form, None for an empty one. Raises `DomainError` `accounts.bad_region`."""
    text = request.POST.get("region", "")[:10].strip()
    return region_of(text) if text else None


def _lines(rows: QuerySet[HolidaySet]) -> Iterator[tuple[Any, ...]]:
    for one in rows.iterator(chunk_size=200):
        region = Region(one.country, one.subdivision)
        for day in kept_days(one):
            yield (str(region), one.year, one.n, day.on.isoformat(), day.name, day.is_ticked, day.is_half,
                   one.confirmed_by.handle, one.confirmed_at.isoformat())  # fmt: skip


def _row(one: HolidaySet, zone: Any, at: datetime) -> Row:
    region, kept = str(Region(one.country, one.subdivision)), sum(day["is_ticked"] for day in one.dates)
    facts: list[str | When] = [f"confirmed by {one.confirmed_by.name}", when(one.confirmed_at, zone, at)]
    return Row(f"{region}, {one.year}", _url(region, one.year), facts=facts, icon="calendar",
               side=count_words(kept, "day"))  # fmt: skip


def _url(region: str, year: int) -> str:
    return reverse("holidays_year", args=[region, year])


def _empty(request: HttpRequest, at: datetime) -> Empty:
    """The first step: look at what is proposed for the region that was asked for."""
    region, year = request.GET.get("region", "").strip().upper(), request.GET.get("year", "").strip() or str(at.year)
    if not region or not year.isdigit():
        return Empty("No year is confirmed", "Write a region such as DE-BE and a year, then Apply.", "calendar")
    link = Link(f"See what is proposed for {region} in {year}", _url(region, int(year)))
    return Empty(f"Nobody confirmed {region} in {year}", "Days are proposed; somebody ticks them.", "calendar", link)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0  # noqa: PLR2004 (no number of a row is longer)
