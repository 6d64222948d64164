"""Balances are exact and sum to nothing (spec oncall 4)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.balance import Credit, Place, balances, long_absences, points_text
from oncall.domain.points import day_points, round_half_even
from oncall.domain.words import LedgerKind
from tests.unit.oncall.test_rotations import utc

DAY = date(2027, 5, 3)
EVER = date(2020, 1, 1)


def credit(person: int, milli: int, day: date = DAY, kind: str = LedgerKind.SHIFT) -> Credit:
    return Credit(person, "primary", day, kind, milli)


def test_a_member_on_parental_leave_owes_nothing() -> None:
    spared = long_absences([(DAY - timedelta(days=40), DAY + timedelta(days=40))])
    places = [Place(1, EVER), Place(2, EVER), Place(3, EVER, spared=spared)]
    assert balances([credit(1, 4000)], places) == {1: 2000, 2: -2000, 3: 0}


def test_an_absence_of_14_days_is_no_long_one_and_two_that_touch_are() -> None:
    assert long_absences([(DAY, DAY + timedelta(days=14))]) == ()
    week = timedelta(days=8)
    assert long_absences([(DAY, DAY + week), (DAY + week, DAY + 2 * week)]) == ((DAY, DAY + 2 * week),)


def test_a_joiner_starts_at_nothing() -> None:
    places = [Place(1, EVER), Place(2, DAY + timedelta(days=1))]
    assert balances([credit(1, 1000)], places) == {1: 0, 2: 0}


def test_a_half_weight_owes_half() -> None:
    assert balances([credit(1, 3000)], [Place(1, EVER), Place(2, EVER, weight=50)]) == {1: 1000, 2: -1000}


def test_a_monday_to_friday_and_its_weekend_weigh_the_same() -> None:
    week = (utc("2027-01-04 14:00"), utc("2027-01-08 14:00"))
    end = (utc("2027-01-08 14:00"), utc("2027-01-11 14:00"))
    sums = [sum(r.milli for r in day_points([span], "Europe/Madrid", frozenset())) for span in (week, end)]
    assert sums == [4000, 4000]


def test_a_holiday_counts_by_the_holder_s_own_calendar() -> None:
    span = (utc("2027-05-16 22:00"), utc("2027-05-17 22:00"))
    own = [day_points([span], "Europe/Berlin", days)[0] for days in ({date(2027, 5, 17)}, set[date]())]
    assert [(row.milli, row.tenths) for row in own] == [(2000, 20), (1000, 10)]


def test_a_holiday_on_sunday_counts_once() -> None:
    span = (utc("2027-10-02 22:00"), utc("2027-10-03 22:00"))
    assert day_points([span], "Europe/Berlin", {date(2027, 10, 3)})[0].milli == 2000


@given(st.integers(0, 10**6), st.integers(1, 10**5))
def test_rounding_is_that_of_exact_fractions(numerator: int, denominator: int) -> None:
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


OPERATIONS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 9000), st.integers(0, 700),
              st.sampled_from([LedgerKind.SHIFT, LedgerKind.NIGHT_PAGE, LedgerKind.WOKEN])),
    max_size=200,
)  # fmt: skip
PLACES = st.lists(
    st.tuples(st.integers(0, 500), st.none() | st.integers(1, 400), st.integers(10, 100)), min_size=5, max_size=5
)


@given(OPERATIONS, PLACES, st.integers(-5000, 5000))
def test_balances_sum_to_nothing_after_any_200_operations(
    operations: list[tuple[int, int, int, LedgerKind]], places: list[tuple[int, int | None, int]], moved: int
) -> None:
    rows = [credit(person, milli, EVER + timedelta(days=day), kind) for person, milli, day, kind in operations]
    rows += [credit(1, moved, EVER, LedgerKind.ADJUST), credit(2, -moved, EVER, LedgerKind.ADJUST)]
    members = [
        Place(n + 1, EVER + timedelta(days=first), None if length is None else EVER + timedelta(days=first + length), w)
        for n, (first, length, w) in enumerate(places)
    ]
    assert sum(balances(rows, members).values()) == 0


def test_points_are_shown_with_three_digits() -> None:
    assert [points_text(n, signed=True) for n in (230, -1584, 0)] == ["+0.230", "-1.584", "0.000"]
    assert points_text(Fraction("132594.5")) == "132.595"
