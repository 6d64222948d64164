"""Columns that an agreement promises."""

from __future__ import annotations

import pytest

from oncall.domain.promised import broken_promises

COLUMNS = {"Id": "bigint", "total": "numeric(12, 2)", "note": ""}


@pytest.mark.parametrize(
    ("promised", "words"),
    [
        (["id", "total"], []),
        (["ID BIGINT", "total numeric(12,2)", "note text"], []),
        (["amount", "id"], ["amount is gone"]),
        (["id text"], ["id is bigint, promised as text"]),
        (["amount", "Amount numeric", ""], ["amount is gone"]),
    ],
)
def test_a_promise_is_a_name_or_a_name_and_a_type(promised: list[str], words: list[str]) -> None:
    assert [each.words for each in broken_promises(promised, COLUMNS)] == words
