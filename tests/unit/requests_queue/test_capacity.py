"""The people-minutes of a quarter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.calendars import parse_calendar
from portal.core.domain.quarter import quarter_called
from requests_queue.domain.capacity import PersonTime, Place, capacity_of_person, leave_days, open_days

Q1 = quarter_called("2027q1")
OFFICE = parse_calendar({
    "zone": "America/New_York", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "exceptions": {"2027-01-01": [], "2027-01-18": [], "2027-02-15": []},
})  # fmt: skip
ALWAYS = [Place((date(2020, 1, 1), None))]


def test_the_quarter_of_the_example_has_61_working_days() -> None:
    assert len(open_days(OFFICE, Q1)) == 61


def test_leaves_that_overlap_each_other_and_a_holiday_count_once() -> None:
    hours = open_days(OFFICE, Q1)
    first = datetime(2027, 2, 11, 5, tzinfo=UTC)  # midnight in New York
    away = [(first, first + timedelta(days=7)), (first + timedelta(days=1), first + timedelta(days=5))]
    assert leave_days(hours, away) == {date(2027, 2, day) for day in (11, 12, 16, 17)}


def test_a_morning_off_is_half_a_day_and_an_hour_is_none() -> None:
    hours = open_days(OFFICE, Q1)
    nine = datetime(2027, 3, 2, 14, tzinfo=UTC)
    assert leave_days(hours, [(nine, nine + timedelta(hours=4))]) == {date(2027, 3, 2)}
    assert leave_days(hours, [(nine, nine + timedelta(hours=3, minutes=59))]) == set()


def test_the_share_of_a_place_counts_from_its_day_on() -> None:
    days = set(open_days(OFFICE, Q1))
    places = [Place((date(2020, 1, 1), date(2027, 2, 16)), 100), Place((date(2027, 2, 16), None), 60)]
    found = capacity_of_person(PersonTime(days, set(), places), Q1)
    assert (found.minutes, found.working_days, found.fte_percent) == (29 * 480 + 32 * 288, 61, 60)


@given(st.sets(st.integers(0, 89), max_size=40), st.sets(st.integers(0, 89), max_size=40), st.integers(1, 100))
def test_capacity_is_what_a_day_by_day_count_gives(opened: set[int], left: set[int], fte: int) -> None:
    day = {n: Q1.starts_on + timedelta(days=n) for n in range(90)}
    expected = 0
    for n in range(90):
        if n in opened and n not in left:
            expected += int(480 * fte / 100)
    time = PersonTime({day[n] for n in opened}, {day[n] for n in left}, [Place((date(2020, 1, 1), None), fte)])
    assert capacity_of_person(time, Q1).minutes == expected
