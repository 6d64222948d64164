"""Quarters as values."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.quarter import quarter_called, quarter_of
from portal.core.errors import DomainError


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(1, 12))
def test_a_day_lies_in_its_quarter_and_the_label_leads_back(day: date, first_month: int) -> None:
    quarter = quarter_of(day, first_month)
    assert quarter.holds(day)
    assert quarter_called(quarter.label, first_month) == quarter
    assert quarter_of(quarter.ends_on, first_month) == quarter.following()
    assert quarter_of(quarter.starts_on - timedelta(days=1), first_month) == quarter.before()


def test_the_first_quarter_of_a_year_that_begins_in_february() -> None:
    quarter = quarter_of(date(2027, 1, 15), 2)
    assert (quarter.label, quarter.starts_on, quarter.ends_on) == ("2026q4", date(2026, 11, 1), date(2027, 2, 1))


@pytest.mark.parametrize("label", ["2027q5", "27q1", "", "2027-q1"])
def test_what_is_no_quarter_is_refused(label: str) -> None:
    with pytest.raises(DomainError, match="is no quarter"):
        quarter_called(label)
