"""Queries that are built once a process: for a page that asks one row, building costs more than the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import QuerySet


# Stand-ins of the usual values, which no query has by itself.
A_KEY, A_PERSON = -1_000_000_007, -1_000_000_009
AN_INSTANT, EARLIER = datetime(1871, 1, 18, 1, 2, 3, 4, UTC), datetime(1870, 1, 18, 1, 2, 3, 4, UTC)
A_DAY = date(1871, 1, 19)


@dataclass(frozen=True)
class _Slot:
    """Where a value of each asking goes."""

    name: str


@dataclass(frozen=True)
class _Prepared:
    sql: str
    params: tuple[Any, ...]
    compiler: Any
    converters: Any


class Ready:
    """`build` makes a `values_list` from stand-ins, none of which may be a value that the query has by itself.

    What varies from asking to asking must be a plain parameter: no list whose length differs, no choice of clauses.
    """

    def __init__(self, build: Callable[[Mapping[str, Any]], QuerySet[Any, Any]], stand_ins: Mapping[str, Any]) -> None:
        self._build = build
        self._stand_ins = stand_ins
        self._prepared: _Prepared | None = None

    def rows(self, given: Mapping[str, Any]) -> list[Any]:
        """The rows for these values, one for each stand-in; one query."""
        ready = self._prepared = self._prepared or self._prepare()
        params = [given[each.name] if isinstance(each, _Slot) else each for each in ready.params]
        with connection.cursor() as cursor:
            cursor.execute(ready.sql, params)
            found: Iterable[Any] = cursor.fetchall()
        return [tuple(row) for row in ready.compiler.apply_converters(found, ready.converters)]

    def _prepare(self) -> _Prepared:
        compiler = self._build(self._stand_ins).query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        names = {value: name for name, value in self._stand_ins.items()}
        slots = tuple(_Slot(names[value]) if _is_hashable(value) and value in names else value for value in params)
        missing = set(names.values()) - {slot.name for slot in slots if isinstance(slot, _Slot)}
        if missing:
            message = f"the query does not take {sorted(missing)} as plain parameters"
            raise ValueError(message)
        expressions = [expression for expression, *_ in compiler.select]
        return _Prepared(sql, slots, compiler, compiler.get_converters(expressions))


def _is_hashable(value: Any) -> bool:
    return value.__hash__ is not None
