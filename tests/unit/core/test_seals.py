"""A seal proves that rows are what they were, and names the first that is not."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.seals import FIRST, first_difference, sealed

ROWS = st.dictionaries(st.integers(1, 2**40), st.binary(max_size=20), max_size=30).map(
    lambda rows: [(row_id, hashlib.sha256(content).digest()) for row_id, content in sorted(rows.items())]
)
TEN = [(number, hashlib.sha256(b"%d" % number).digest()) for number in range(1, 11)]
OTHER = hashlib.sha256(b"other").digest()


@given(ROWS)
def test_the_same_rows_have_the_same_seal_and_no_difference(rows: list[tuple[int, bytes]]) -> None:
    one, two = sealed(FIRST, rows), sealed(FIRST, list(rows))
    assert (one.sha256, one.rows) == (two.sha256, len(rows))
    assert first_difference(one.marks, two.marks) is None


@given(ROWS, st.data())
def test_a_changed_row_is_named(rows: list[tuple[int, bytes]], data: st.DataObject) -> None:
    if not rows:
        return
    place = data.draw(st.integers(0, len(rows) - 1))
    after = [*rows[:place], (rows[place][0], OTHER), *rows[place + 1 :]]
    assert sealed(FIRST, rows).sha256 != sealed(FIRST, after).sha256
    assert first_difference(sealed(FIRST, rows).marks, sealed(FIRST, after).marks) == (rows[place][0], "changed")


def test_a_row_that_is_gone_is_named() -> None:
    assert first_difference(sealed(FIRST, TEN).marks, sealed(FIRST, TEN[:4] + TEN[5:]).marks) == (5, "missing")


def test_the_last_row_that_is_gone_is_named() -> None:
    assert first_difference(sealed(FIRST, TEN).marks, sealed(FIRST, TEN[:-1]).marks) == (10, "missing")


def test_a_row_that_was_slipped_in_is_named() -> None:
    without = TEN[:6] + TEN[7:]
    assert first_difference(sealed(FIRST, without).marks, sealed(FIRST, TEN).marks) == (7, "added")


def test_a_row_added_at_the_end_is_named() -> None:
    assert first_difference(sealed(FIRST, TEN[:-1]).marks, sealed(FIRST, TEN).marks) == (10, "added")


def test_each_seal_stands_on_the_one_before() -> None:
    yesterday = sealed(FIRST, TEN[:5])
    assert sealed(yesterday.sha256, TEN[5:]).sha256 != sealed(FIRST, TEN[5:]).sha256
