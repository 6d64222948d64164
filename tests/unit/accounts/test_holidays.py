"""Public holidays: what is accepted, what a file gives, and what hours become."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.domain.holidays import (
    Day,
    Region,
    checked_days,
    composed,
    days_of_calendar,
    days_of_lines,
    region_of,
)
from portal.core.errors import DomainError

TODAY = date(2026, 11, 27)
WEEK = {day: [["09:00", "12:00"], ["12:30", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CHRISTMAS, NEW_YEAR = Day(date(2026, 12, 25), "Christmas"), Day(date(2027, 1, 1), "New Year")
SIXTY_ONE = [Day(NEW_YEAR.on + timedelta(days=n), "x") for n in range(61)]
CLOSED = {"intervals": [], "name": "Christmas", "is_public_holiday": True}
FILE = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20270503
DTEND;VALUE=DATE:20270505
SUMMARY:Company days
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20270601T090000Z
DTEND:20270601T100000Z
SUMMARY:A meeting
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("text", "region"), [("de-be", Region("DE", "BE")), (" ES ", Region("ES")), ("US-CA", Region("US", "CA"))]
)
def test_a_region_is_a_country_and_perhaps_a_part_of_it(text: str, region: Region) -> None:
    assert region_of(text) == region


@pytest.mark.parametrize("text", ["", "Germany", "DE_BE", "D", "DE-", "DE-BERL"])
def test_what_is_no_region_is_refused_by_name(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        region_of(text)
    assert (refusal.value.code, refusal.value.field) == ("accounts.bad_region", "region")


@pytest.mark.parametrize(
    ("days", "year", "code"),
    [
        ([NEW_YEAR], 2026, "accounts.bad_holiday"),
        ([NEW_YEAR, NEW_YEAR], 2027, "accounts.bad_holiday"),
        ([Day(date(2027, 1, 1), "\N{RIGHT-TO-LEFT OVERRIDE}x")], 2027, "accounts.unsafe_text"),
        (
            [Day(date.fromordinal(date(2027, 1, 1).toordinal() + n), "x") for n in range(61)],
            2027,
            "accounts.bad_holiday",
        ),
        ([], 1999, "accounts.bad_year"),
    ],
)
def test_wrong_days_are_refused(days: list[Day], year: int, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        checked_days(days, year)
    assert refusal.value.code == code


def test_sixty_days_are_taken_in_order() -> None:
    assert checked_days(reversed(SIXTY_ONE[:60]), 2027) == SIXTY_ONE[:60]


def test_the_whole_days_of_a_calendar_file_are_taken_one_by_one() -> None:
    assert days_of_calendar(FILE, 2027) == [
        Day(date(2027, 5, 3), "Company days"), Day(date(2027, 5, 4), "Company days"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"hello", FILE.replace(b"20270503", b"20250503").replace(b"20270505", b"20250505")])
def test_a_file_without_a_day_of_the_year_is_refused(body: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        days_of_calendar(body, 2027)
    assert (refusal.value.code, refusal.value.field) == ("accounts.bad_calendar", "calendar")


def test_written_lines_begin_with_their_date() -> None:
    assert days_of_lines("2027-05-02 Company day\n\n2027-05-03") == [
        Day(date(2027, 5, 2), "Company day"), Day(date(2027, 5, 3), "Holiday"),
    ]  # fmt: skip
    with pytest.raises(DomainError, match="'May 2nd' does not begin with a date"):
        days_of_lines("May 2nd")


def test_days_ahead_close_and_a_half_day_ends_at_one() -> None:
    half = Day(date(2026, 12, 24), "Christmas Eve", is_half=True)
    exceptions, laid = composed({}, {}, [half, CHRISTMAS], WEEK, TODAY)
    assert exceptions == {
        "2026-12-24": {"intervals": [["09:00", "12:00"], ["12:30", "13:00"]], "name": "Christmas Eve",
                       "is_public_holiday": False},
        "2026-12-25": CLOSED,
    }  # fmt: skip
    assert laid == {"2026-12-24": "Christmas Eve", "2026-12-25": "Christmas"}


def test_a_day_no_longer_ticked_opens_again_unless_it_is_over_or_somebody_wrote_it() -> None:
    today, own = {"name": "Feast", "intervals": [], "is_public_holiday": True}, {"name": "Mine", "intervals": []}
    exceptions = {"2026-11-27": today, "2026-12-25": CLOSED, "2027-01-01": own}
    laid = {"2026-11-27": "Feast", "2026-12-25": "Christmas", "2027-01-01": "New Year"}
    unticked = Day(CHRISTMAS.on, CHRISTMAS.name, is_ticked=False)
    assert composed(exceptions, laid, [unticked, NEW_YEAR], WEEK, TODAY) == (
        {"2026-11-27": today, "2027-01-01": own}, {"2026-11-27": "Feast"},
    )  # fmt: skip


DAYS = st.lists(
    st.builds(
        Day, st.dates(date(2026, 11, 1), date(2026, 12, 31)), st.sampled_from("ab"), st.booleans(), st.booleans()
    ),
    max_size=8, unique_by=lambda day: day.on,
)  # fmt: skip


@given(first=DAYS, second=DAYS)
def test_the_last_word_holds_whatever_was_said_before_and_saying_it_twice_changes_nothing(
    first: list[Day], second: list[Day]
) -> None:
    own = {"2026-12-24": {"name": "Mine", "intervals": [], "is_public_holiday": False}}
    before, laid = composed(own, {}, first, WEEK, TODAY)
    after, kept = composed(before, laid, second, WEEK, TODAY)
    assert after == composed(own, {}, second, WEEK, TODAY)[0]
    assert composed(after, kept, second, WEEK, TODAY) == (after, kept)
    assert after["2026-12-24"] == own["2026-12-24"]
