"""A year of a calendar as people see it (spec sla 9)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.calendars import parse_calendar
from requests_queue.domain.year import months_of

WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
HOURS = parse_calendar({
    "zone": "Europe/Berlin", "weekly": WEEK,
    "exceptions": {"2026-12-25": [], "2026-12-24": [["09:00", "12:00"]], "2026-12-26": []},
})  # fmt: skip
NAMES = {date(2026, 12, 25): "Christmas", date(2026, 12, 24): "Half day"}


def test_december_has_its_half_day_and_its_holidays() -> None:
    december = months_of(HOURS, NAMES, 2026)[11]
    kinds = {day.on.day: day.kind for row in december.weeks for day in row if day is not None}
    assert (kinds[23], kinds[24], kinds[25], kinds[26], kinds[27]) == ("open", "short", "closed", "closed", "weekend")
    assert december.named == [
        (date(2026, 12, 24), "Half day"), (date(2026, 12, 25), "Christmas"), (date(2026, 12, 26), ""),
    ]  # fmt: skip
    assert december.open_days == 22


def test_what_is_always_open_has_no_closed_day() -> None:
    year = months_of(parse_calendar({"always_open": True}), {}, 2026)
    assert sum(month.open_days for month in year) == 365
    assert [month.named for month in year] == [[]] * 12


@given(st.integers(1970, 2200))
def test_each_day_of_a_year_stands_once_under_its_weekday(year: int) -> None:
    months = months_of(HOURS, NAMES, year)
    seen = []
    for month in months:
        for row in month.weeks:
            assert len(row) == 7
            seen += [day.on for place, day in enumerate(row) if day is not None and day.on.weekday() == place]
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert seen == [date(year, 1, 1) + timedelta(days=n) for n in range(length)]
