"""No cell of a download is ever run as a formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import TooLarge
from portal.core.web.csv_export import FORMULA_STARTS, MAX_ROWS, csv_lines, csv_response, safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "  =", "\n@"])  # noqa: RUF001 (full-width)
def test_a_cell_that_a_sheet_would_run_gets_a_quote(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", [-3, 2.5, Decimal("-1.50")])
def test_our_own_numbers_stay_numbers(value: object) -> None:
    assert safe_cell(value) == value


def test_nothing_and_yes_and_no_are_words() -> None:
    assert [safe_cell(value) for value in (None, True, False)] == ["", "yes", "no"]


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_every_line_reads_back_without_a_formula(texts: list[str]) -> None:
    lines = "".join(csv_lines(["h"] * len(texts), [texts]))
    [_, cells] = csv.reader(io.StringIO(lines, newline=""))
    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]
    assert not any(cell.lstrip().startswith(FORMULA_STARTS) for cell in cells)


def test_a_download_is_a_file_in_utf_8() -> None:
    response = csv_response("requests", ["Title"], [["Größe"]], count=1)
    assert response["Content-Disposition"] == 'attachment; filename="requests.csv"'
    assert b"".join(response.streaming_content) == "Title\r\nGröße\r\n".encode()  # type: ignore[arg-type]  # not async


def test_more_than_a_hundred_thousand_rows_are_refused_before_the_first() -> None:
    with pytest.raises(TooLarge, match="100,000"):
        csv_response("requests", ["Title"], [], count=MAX_ROWS + 1)
