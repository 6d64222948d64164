"""The statement of each step in the dialect of the warehouse; people run it, Headwater never does (ownership 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import sqlglot
from sqlglot import exp

DIALECTS = ("postgres", "snowflake", "bigquery", "spark")
DIALECT_WORDS = {"postgres": "PostgreSQL", "snowflake": "Snowflake", "bigquery": "BigQuery", "spark": "Spark SQL"}
# Where a rename is no part of a transaction, readers may meet a gap of a moment between the two.
TRANSACTIONAL = frozenset({"postgres"})
QUALIFIED = frozenset({"snowflake", "spark"})
SAMPLED = 1000
PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """The table of a plan; `keys` identify a row, `sums` are numbers that must add up, `where` is its range."""

    name: str
    keys: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    where: str = ""
    suffixes: dict[str, str] = field(default_factory=lambda: {"side": "_backfill", "old": "_old", "second": "_v2"})

    def called(self, suffix: str = "") -> exp.Table:
        """The table, or one beside it: `side`, `old` or `second`."""
        *front, last = self.name.split(".")[-3:]
        parts = [*front, last + self.suffixes.get(suffix, "")]
        names = [exp.to_identifier(part, quoted=not PLAIN.fullmatch(part)) for part in parts]
        catalog, db, this = [None] * (3 - len(names)) + names
        return exp.Table(this=this, db=db, catalog=catalog)


class BadRange(ValueError):
    """The range of a plan is no condition that SQL understands."""


def check_range(text: str) -> str:
    """The range as one condition, normalised; raises `BadRange` for anything else."""
    if not text.strip():
        return ""
    try:
        found = sqlglot.parse_one(f"SELECT 1 WHERE {text}", dialect="postgres")
    except sqlglot.errors.SqlglotError:
        raise BadRange("Write a condition such as day >= '2026-01-01'.") from None
    where = found.args.get("where") if isinstance(found, exp.Select) else None
    if where is None or set(found.args) - {"expressions", "where", "kind"} & {k for k, v in found.args.items() if v}:
        raise BadRange("Write a condition such as day >= '2026-01-01'.")
    return str(where.this.sql(dialect="postgres"))


def statements(kind: str, step: str, table: Table, dialect: str) -> list[str]:
    """What to run in this step, in order; empty for steps that need no SQL."""
    build = {**_SMALL, "drop": _drop_old} if kind == "backfill" else _LARGE
    make = build.get(step)
    found = [] if make is None else make(table, dialect)
    return [each.sql(dialect=dialect, pretty=isinstance(each, exp.Select | exp.Create)) for each in found]


def rollback_statements(kind: str, table: Table, dialect: str, *, is_swapped: bool) -> list[str]:
    """How to go back: the inverse renames of the small plan; the large one leaves the first version as it is."""
    if kind == "backfill" and is_swapped:
        back = [_rename(table.called(), table, "side", dialect), _rename(table.called("old"), table, "", dialect)]
        return [each.sql(dialect=dialect) for each in _framed(back, dialect)]
    return [_drop(table.called("side" if kind == "backfill" else "second")).sql(dialect=dialect)]


def _fill(table: Table, dialect: str) -> list[exp.Expression]:
    """An empty twin, to be filled by the pipeline for the range; rows outside it are copied as they are."""
    del dialect
    twin = exp.select("*").from_(table.called())
    outside = exp.Not(this=exp.Paren(this=_condition(table))) if table.where else "1 = 0"
    return [_create(table.called("side"), twin.where(outside))]


def _build_second(table: Table, dialect: str) -> list[exp.Expression]:
    del dialect
    return [_create(table.called("second"), exp.select("*").from_(table.called()).where("1 = 0"))]


def _verify_small(table: Table, dialect: str) -> list[exp.Expression]:
    del dialect
    return _comparisons(table, table.called(), table.called("side"))


def _verify_large(table: Table, dialect: str) -> list[exp.Expression]:
    del dialect
    return _comparisons(table, table.called(), table.called("second"))


def _swap(table: Table, dialect: str) -> list[exp.Expression]:
    if dialect == "snowflake":
        # SWAP exchanges both names at once; afterwards the old rows stand under the side name.
        swap = exp.Command(
            this="ALTER",
            expression=f"TABLE {table.called().sql(dialect)} SWAP WITH {table.called('side').sql(dialect)}",
        )
        return [swap, _rename(table.called("side"), table, "old", dialect)]
    renames = [_rename(table.called(), table, "old", dialect), _rename(table.called("side"), table, "", dialect)]
    return _framed(renames, dialect)


def _drop_old(table: Table, dialect: str) -> list[exp.Expression]:
    del dialect
    return [_drop(table.called("old"))]


def _drop_first(table: Table, dialect: str) -> list[exp.Expression]:
    del dialect
    return [_drop(table.called())]


def _rename_second(table: Table, dialect: str) -> list[exp.Expression]:
    return [_rename(table.called("second"), table, "", dialect)]


def _comparisons(table: Table, old: exp.Table, new: exp.Table) -> list[exp.Expression]:
    """Rows, doubled keys, sums, empty values, and rows that differ: one statement a check."""
    found: list[exp.Expression] = [_both(exp.Count(this=exp.Star()), "rows", table, old, new)]
    if table.keys:
        doubled = _ranged(exp.select(*[_column(key) for key in table.keys]).from_(new), table)
        doubled = doubled.group_by(*[_column(key) for key in table.keys]).having("COUNT(*) > 1")
        found.append(exp.select(exp.alias_(exp.Count(this=exp.Star()), "doubled")).from_(doubled.subquery("d")))
    found += [_both(exp.Sum(this=_column(name)), f"sum_{name}", table, old, new) for name in table.sums]
    found += [_both(_empty_share(name), f"empty_{name}", table, old, new) for name in (table.columns or table.keys)]
    gone = exp.Except(this=_rows(table, old), expression=_rows(table, new), distinct=True)
    count = exp.select(exp.alias_(exp.Count(this=exp.Star()), "differ"))
    found.append(count.from_(exp.select("*").from_(gone.subquery("x")).limit(SAMPLED).subquery("d")))
    return found


def _both(what: exp.Expression, name: str, table: Table, old: exp.Table, new: exp.Table) -> exp.Expression:
    sides = [_ranged(exp.select(what.copy()).from_(side), table).subquery() for side in (old, new)]
    return exp.select(exp.alias_(sides[0], f"{name}_old"), exp.alias_(sides[1], f"{name}_new"))


def _rows(table: Table, side: exp.Table) -> exp.Select:
    names: list[exp.Expression] = [_column(name) for name in table.columns] or [exp.Star()]
    return _ranged(exp.select(*names).from_(side), table)


def _ranged(select: exp.Select, table: Table) -> exp.Select:
    return select.where(_condition(table)) if table.where else select


def _condition(table: Table) -> exp.Expression:
    found: exp.Expression = sqlglot.parse_one(f"SELECT 1 WHERE {table.where}", dialect="postgres").args["where"].this
    return found


def _empty_share(name: str) -> exp.Expression:
    empty = exp.case().when(exp.Is(this=_column(name), expression=exp.Null()), exp.Literal.number("1.0"))
    return exp.Avg(this=empty.else_(exp.Literal.number("0.0")))


def _column(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True))


def _create(table: exp.Table, query: exp.Expression) -> exp.Expression:
    return exp.Create(this=table, kind="TABLE", expression=query)


def _rename(before: exp.Table, table: Table, suffix: str, dialect: str) -> exp.Expression:
    """PostgreSQL and BigQuery take a bare new name; elsewhere a bare one would mean the schema of the session."""
    target = table.called(suffix) if dialect in QUALIFIED else exp.Table(this=table.called(suffix).this)
    return exp.Alter(this=before, kind="TABLE", actions=[exp.AlterRename(this=target)])


def _drop(table: exp.Table) -> exp.Expression:
    found: Any = sqlglot.parse_one(f"DROP TABLE IF EXISTS {table.sql('postgres')}", dialect="postgres")
    return cast("exp.Expression", found)


def _framed(inner: list[exp.Expression], dialect: str) -> list[exp.Expression]:
    return [exp.Transaction(), *inner, exp.Commit()] if dialect in TRANSACTIONAL else inner


_SMALL = {"fill": _fill, "verify": _verify_small, "swap": _swap}
_LARGE = {"build": _build_second, "verify": _verify_large, "drop": _drop_first, "rename": _rename_second}
