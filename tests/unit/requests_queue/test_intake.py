"""What each kind is asked for, and how it stands in the text of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core.errors import DomainError
from requests_queue.domain.intake import ASKS, with_details
from requests_queue.domain.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_every_kind_says_what_it_is_asked_for() -> None:
    assert set(ASKS) == set(KINDS)
    assert [ask.name for ask in ASKS["extract"]] == ["population", "columns", "period", "format", "personal"]


def test_what_was_said_stands_in_front_in_the_order_of_the_form_and_blanks_are_left_out() -> None:
    said = {"period": "July to  September", "columns": "order_id, total", "format": " "}
    assert with_details("extract", said, "For the auditors.") == (
        "- **Which columns:** order_id, total\n- **Which period:** July to September\n\nFor the auditors."
    )
    assert with_details("extract", {}, "For the auditors.") == "For the auditors."
    assert with_details("metric", {"decider": "Finance"}, "") == "- **Who decides it:** Finance"


@pytest.mark.parametrize(
    ("kind", "details", "field", "told"),
    [
        ("extract", {"rows": "x"}, "details", "Its fields are population, columns, period, format, personal."),
        ("question", {"columns": "x"}, "details", "It has none."),
        ("extract", {"format": "DVD"}, "format", "Choose one of CSV, Spreadsheet"),
        ("metric", {"definition": "x" * 501}, "definition", "At most 500 characters; this has 501."),
        ("metric", {"decider": "a\u202eb"}, "decider", "control or direction characters"),
    ],
)
def test_what_cannot_be_taken_names_its_field(kind: str, details: Mapping[str, str], field: str, told: str) -> None:
    with pytest.raises(DomainError) as refusal:
        with_details(kind, details, "")
    assert refusal.value.field == field
    assert told in refusal.value.message
