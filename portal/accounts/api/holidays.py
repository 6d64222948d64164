"""/api/v1/holidays/: public holidays of regions, and whose hours take them over (spec accounts 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.accounts.api.views import Base
from portal.accounts.domain.holidays import Day, Region, days_of_calendar, region_of
from portal.accounts.filters import HolidaySetFilter
from portal.accounts.models import HolidaySet, Person
from portal.accounts.queries.holidays import Year, holiday_year, newest_sets, region_followed, shared_calendars
from portal.accounts.services.holidays import confirm_holidays, follow_holidays, follow_own_holidays
from portal.core import clock
from portal.core.policies import can_edit_calendars, require

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

PEOPLE = {"read": "people:read", "write": "people:write"}


class HolidayField(serializers.Serializer[Any]):
    """A date; not ticked it is known and not kept, half it is kept until 13:00."""

    date = serializers.DateField()
    name = serializers.CharField(max_length=80)
    is_ticked = serializers.BooleanField(default=True)
    is_half = serializers.BooleanField(default=False)


class HolidayYearOut(serializers.Serializer[Any]):
    """`version` is null, and `is_provisional` true, for days that are only proposed."""

    region = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField(allow_null=True)
    is_provisional = serializers.BooleanField()
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    dates = HolidayField(many=True)


class HolidayYearIn(serializers.Serializer[Any]):
    """Either `dates`, or `calendar`, the text of an iCalendar file whose whole-day events are taken."""

    dates = HolidayField(many=True, required=False)
    calendar = serializers.CharField(required=False, max_length=1_048_576)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("dates" in attrs) == ("calendar" in attrs):
            message = "Send either dates or calendar."
            raise serializers.ValidationError({"dates": message})
        return attrs


class HolidaySetOut(serializers.Serializer[HolidaySet]):
    """A confirmed year of a region; its days are at `/holidays/{country}/{subdivision}/{year}/`."""

    country = serializers.CharField()
    subdivision = serializers.CharField(allow_blank=True)
    year = serializers.IntegerField()
    version = serializers.IntegerField(source="n")
    confirmed_by = serializers.CharField(source="confirmed_by.handle")
    confirmed_at = serializers.DateTimeField()


class FollowedRegion(serializers.Serializer[Any]):
    """A region such as DE-BE; empty follows none."""

    region = serializers.CharField(max_length=6, allow_blank=True)


@extend_schema(tags=["holidays"])
class HolidaySetViewSet(Base):
    """Regions and years that somebody confirmed."""

    serializer_class = HolidaySetOut
    filterset_class = HolidaySetFilter
    order = ("-year", "country", "subdivision")
    scopes = PEOPLE

    def get_queryset(self) -> QuerySet[HolidaySet]:
        return newest_sets()


@extend_schema(tags=["holidays"])
class HolidayYearViewSet(ViewSet):
    """The days of a region's year; `-` where a country has no part. Admins confirm them."""

    scopes = PEOPLE

    @extend_schema(responses=HolidayYearOut)
    def retrieve(self, request: Request, country: str, subdivision: str, year: str) -> Response:
        del request
        return Response(_shown(holiday_year(_region(country, subdivision), int(year))))

    @extend_schema(request=HolidayYearIn, responses=HolidayYearOut)
    def update(self, request: Request, country: str, subdivision: str, year: str) -> Response:
        actor, region = _caller(request), _region(country, subdivision)
        require(can_edit_calendars(actor))
        given = HolidayYearIn(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        days = (
            days_of_calendar(told["calendar"].encode(), int(year))
            if "calendar" in told
            else [Day(row["date"], row["name"], row["is_ticked"], row["is_half"]) for row in told["dates"]]
        )
        confirm_holidays(actor=actor, region=region, year=int(year), days=days, at=clock.now())
        return self.retrieve(request, country, subdivision, year)


@extend_schema(tags=["holidays"])
class MyHolidaysViewSet(ViewSet):
    """The region whose days one's own hours take over."""

    scopes = {"read": "me:read", "write": "me:write"}

    @extend_schema(responses=FollowedRegion)
    def retrieve(self, request: Request) -> Response:
        caller = Person.objects.get(pk=_caller(request).pk)
        return Response({"region": str(region_followed(caller.calendar_id) or "")})

    @extend_schema(request=FollowedRegion, responses=FollowedRegion)
    def update(self, request: Request) -> Response:
        follow_own_holidays(actor=_caller(request), region=_asked(request), at=clock.now())
        return self.retrieve(request)


@extend_schema(tags=["holidays"])
class CalendarHolidaysViewSet(ViewSet):
    """The region whose days shared hours take over. Admins say it."""

    scopes = {"write": "people:write"}

    @extend_schema(request=FollowedRegion, responses=FollowedRegion)
    def update(self, request: Request, pk: str) -> Response:
        actor = _caller(request)
        require(can_edit_calendars(actor))
        calendar = get_object_or_404(shared_calendars(), pk=int(pk))
        follow_holidays(actor=actor, calendar=calendar, region=_asked(request), at=clock.now())
        return Response({"region": str(region_followed(calendar.pk) or "")})


def _region(country: str, subdivision: str) -> Region:
    return Region(country.upper(), "" if subdivision == "-" else subdivision.upper())


def _asked(request: Request) -> Region | None:
    given = FollowedRegion(data=request.data)
    given.is_valid(raise_exception=True)
    text = given.validated_data["region"]
    return region_of(text) if text else None


def _shown(found: Year) -> dict[str, Any]:
    held = found.confirmed
    return {
        "region": str(found.region), "year": found.year, "version": held.n if held else None,
        "is_provisional": found.is_provisional, "confirmed_by": held.confirmed_by.handle if held else None,
        "confirmed_at": held.confirmed_at if held else None,
        "dates": [
            {"date": day.on, "name": day.name, "is_ticked": day.is_ticked, "is_half": day.is_half}
            for day in found.days
        ],
    }  # fmt: skip


def _caller(request: Request) -> Person:
    caller: Any = request.user
    return caller  # type: ignore[no-any-return]  # HasScope lets only people in
