"""Tables and columns out of SQL that is never run (spec faq 2, 13)."""

from __future__ import annotations

import pytest

from portal.core.errors import DomainError, TooLarge
from requests_queue.domain.sql_reading import read_sql


def test_tables_and_their_columns_are_found() -> None:
    read = read_sql("SELECT o.id, sum(o.amount) FROM mart.fct_orders o JOIN dim_users u ON u.id = o.user_id GROUP BY 1")
    assert read.tables == ("mart.fct_orders", "dim_users")
    assert read.columns == {"mart.fct_orders": {"id", "amount", "user_id"}, "dim_users": {"id"}}


def test_a_common_table_expression_is_no_table() -> None:
    read = read_sql("WITH recent AS (SELECT day FROM fct_orders) SELECT count(*) FROM recent")
    assert read.tables == ("fct_orders",)


def test_an_unqualified_column_of_one_table_is_that_tables() -> None:
    assert read_sql("SELECT amount FROM fct_orders WHERE day > :since").columns == {"fct_orders": {"amount", "day"}}


def test_a_reference_of_dbt_names_a_table() -> None:
    assert read_sql("select * from {{ ref('fct_orders') }} where day > {{ var('day') }}").tables == ("fct_orders",)


def test_several_statements_and_quotes_are_read() -> None:
    assert read_sql('SELECT 1 FROM "Sales"."Orders"; SELECT 2 FROM b').tables == ("Sales.Orders", "b")


def test_no_sql_is_no_reading() -> None:
    assert read_sql("  ").tables == ()


@pytest.mark.parametrize("text", ["SELECT FROM WHERE ((", "(" * 5000, "SELECT 'unclosed"])
def test_what_cannot_be_read_names_the_field(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        read_sql(text)
    assert (refusal.value.code, refusal.value.field) == ("faq.unresolved_sql", "sql")


def test_more_than_64_kb_are_refused() -> None:
    with pytest.raises(TooLarge):
        read_sql("SELECT 1 -- " + "x" * 70_000)
