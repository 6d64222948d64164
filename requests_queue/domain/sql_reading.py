"""Which tables and columns a piece of SQL reads. It is parsed, never run (spec faq 2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from portal.core.errors import DomainError, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_BYTES = 64 * 1024
DIALECTS = ("postgres", "bigquery", "snowflake", "databricks", "redshift", "trino", "duckdb", "spark", "mysql", "tsql")
UNREADABLE = "faq.unresolved_sql"


@dataclass(frozen=True)
class SqlReading:
    """Tables as written (`schema.table`), the columns of each, and columns that name no table."""

    tables: tuple[str, ...] = ()
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()


def read_sql(text: str, dialect: str = "") -> SqlReading:
    """Parse every statement; raises `TooLarge` above 64 KB and `DomainError` (`faq.unresolved_sql`) else.

    Names of common table expressions are not tables. Parameters in the forms `:name`, `{{ name }}` and `@name` are
    left to the dialect; braces of templates are read as a value.
    """
    if not text.strip():
        return SqlReading()
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge("faq.sql_too_long", "At most 64 KB of SQL fit here.", "sql")
    if dialect and dialect not in DIALECTS:
        raise DomainError(UNREADABLE, f"Choose one of {', '.join(DIALECTS)}.", "dialect")
    try:
        statements = sqlglot.parse(_without_braces(text), read=dialect or None)
    except (SqlglotError, RecursionError, ValueError) as fault:
        first = str(fault).splitlines()[0][:160] if str(fault) else "it is nested too deeply"
        raise DomainError(UNREADABLE, f"This SQL cannot be read: {first}", "sql") from None
    return _reading([statement for statement in statements if statement is not None])


def _reading(statements: list[exp.Expr]) -> SqlReading:
    tables: dict[str, str] = {}
    columns: dict[str, set[str]] = defaultdict(set)
    loose: set[str] = set()
    for statement in statements:
        own = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
        here = dict(_tables(statement, own))
        tables |= dict.fromkeys(here.values(), "")
        for column in statement.find_all(exp.Column):
            _place(column, here, own, columns, loose)
    return SqlReading(tuple(tables), {name: frozenset(found) for name, found in columns.items()}, frozenset(loose))


def _tables(statement: exp.Expr, own: set[str]) -> Iterator[tuple[str, str]]:
    for table in statement.find_all(exp.Table):
        name = ".".join(part for part in (table.catalog, table.db, table.name) if part)
        if table.name and not (table.name.lower() in own and not table.db):
            yield table.alias_or_name.lower(), name


def _place(
    column: exp.Column, here: Mapping[str, str], own: set[str], columns: dict[str, set[str]], loose: set[str]
) -> None:
    if not column.name or column.name == "*":
        return
    owner = column.table.lower()
    if owner in here:
        columns[here[owner]].add(column.name)
    elif not owner and len(set(here.values())) == 1 and not own:
        columns[next(iter(here.values()))].add(column.name)
    elif not owner:
        loose.add(column.name)


def _without_braces(text: str) -> str:
    """`{{ ref('x') }}` names a table; any other template expression stands for a value."""
    parts = text.split("{{")
    made = parts[0]
    for part in parts[1:]:
        inside, _, rest = part.partition("}}")
        made += _of_template(inside.strip()) + rest
    return made


def _of_template(inside: str) -> str:
    for call in ("ref(", "source("):
        if inside.startswith(call):
            names = [name.strip().strip("'\"") for name in inside.removeprefix(call).rstrip(")").split(",")]
            return ".".join(name for name in names if name.replace("_", "").isalnum()) or "NULL"
    return "NULL"
