"""The verified-query form, read and written (spec faq 2, 13)."""

from __future__ import annotations

import pytest

from portal.core.errors import BadRequest, TooLarge
from requests_queue.domain.verified_queries import VerifiedQuery, read_verified_queries, write_verified_queries

FILE = """
name: sales
verified_queries:
  - name: net_gmv
    question: What was net GMV last month?
    sql: "SELECT sum(total) FROM fct_orders"
    verified_at: 1714497970
    verified_by: alice
  - name: orders
    question: How many orders were placed?
    sql: SELECT count(*) FROM fct_orders
    verified_at: 2026-11-24
"""


def test_a_semantic_model_is_read() -> None:
    first, second = read_verified_queries(FILE)
    assert first == VerifiedQuery(
        "net_gmv", "What was net GMV last month?", "SELECT sum(total) FROM fct_orders", 1714497970, "alice"
    )
    assert (second.name, second.verified_at) == ("orders", 1795478400)


def test_what_is_written_reads_back() -> None:
    queries = [
        VerifiedQuery("a", "Why? “so”", "SELECT 1\nFROM b", 5, "bob", "Because *x*."),
        VerifiedQuery("b", "c", ""),
    ]
    assert read_verified_queries(write_verified_queries(queries)) == queries


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x", "!!python/object/apply:os.system ['true']", "[1, 2", "just words", "verified_queries: {}",
        "verified_queries: [1]", "verified_queries:\n  - {name: a}",
        "verified_queries:\n  - {name: a, question: q}\n  - {name: a, question: q}",
        "verified_queries:\n  - {name: a, question: q, verified_at: soon}", "[" * 3000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        read_verified_queries(text)
    assert refusal.value.code == "faq.bad_yaml"


def test_more_than_ten_megabytes_are_refused() -> None:
    with pytest.raises(TooLarge):
        read_verified_queries("a" * (10 * 1024 * 1024 + 1))
