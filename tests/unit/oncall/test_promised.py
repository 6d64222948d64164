"""Columns that an agreement promises."""

from __future__ import annotations

import pytest

from oncall.domain.promised import Broken, Loss, broken_promises, still_lost

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
    assert [each.words() for each in broken_promises(promised, COLUMNS)] == words


def test_a_loss_is_over_when_the_column_is_there_again_as_it_was() -> None:
    lost = {"Order ID": "bigint", "total": "numeric(12,2)", "note": "text", "gone": ""}
    assert still_lost(lost, COLUMNS) == [Broken("Order ID", "bigint", ""), Broken("gone", "", "")]
    assert still_lost({"id": "text"}, COLUMNS) == [Broken("id", "text", "bigint")]


def test_a_loss_names_each_column_once_and_everybody_who_rests_on_it() -> None:
    gone, retyped = Broken("total", "numeric", ""), Broken("id", "text", "bigint")
    loss = Loss("orders", [gone], [gone, retyped], ["Growth"], ["agg.revenue"], ["“Orders a day”"], in_contract=True)
    assert loss.title == "orders lost what it promised: total, id"
    assert loss.detail == (
        "total is gone; id is bigint, was text. Promised to Growth. It is in its contract. Made of it: agg.revenue. "
        "Answers that use it: “Orders a day”."
    )
    assert Loss("orders", used=[gone]).title == "orders lost what others rest on: total"
