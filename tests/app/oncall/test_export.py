"""The exported plan: ten headings, exact names, the same bytes (spec exercise 7)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from oncall.queries.export import Wanted, duty_export
from tests.app.oncall.golden import load_golden, person, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

HEADINGS = [
    "Core Data: duty plan", "Ownership", "On-call schedule", "Holidays", "Fairness", "Questions", "If it breaks",
    "Runbooks", "Swaps, leave and emergencies", "Open points",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_golden()
        yield


@pytest.fixture(autouse=True)
def _open(_golden: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def exported(viewer: str = "ruth") -> str:
    wanted = Wanted(rota().team, date(2027, 1, 4), date(2028, 1, 3), person(viewer), utc("01-04 08:00"))
    return duty_export(wanted)


def test_it_is_markdown_with_the_ten_headings_and_no_html() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(exported())
    titles = [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]
    assert titles == HEADINGS
    assert not [token for token in tokens if token.type.startswith("html")]
    assert len(exported().encode()) <= 200_000


def test_it_is_the_same_bytes_twice() -> None:
    assert exported() == exported()


def test_it_has_the_figures_of_the_report_for_the_team() -> None:
    text = exported()
    for figure in ("102.501", "106.687", "104.896", "111.000", "-1.584", "+1.729"):
        assert figure in text
    assert "10 % a quarter: met, the largest deviation is 9.9 %." in text
    assert "| fair-1, whole weeks | 6.1 / 11.3 / 11.8 / 7.1 % | 0 | 0 |" in text
    assert "| turns by position, whole weeks | 7.2 / 15.9 / 11.5 / 5.9 % | 4 | 5 |" in text


def test_others_get_the_verdict_and_no_points_of_persons() -> None:
    text = exported("noor")
    assert "102.501" not in text
    assert "Together 425.084 points as primary." in text


def test_its_first_week_and_its_draft_are_named() -> None:
    text = exported()
    assert "| Mon 2027-01-04 15:00 | Fri 2027-01-08 15:00 | Inés Carrasco | Jonas Brandt |" in text
    assert "| round 1 | Inés Carrasco | Fri 2027-12-24 15:00 |" in text
