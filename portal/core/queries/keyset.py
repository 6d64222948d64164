"""Pages of a long list by the last row seen: no counting, no offset (spec performance)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet

from portal.core.errors import BadRequest

Row = TypeVar("Row")
SALT = "portal.keyset"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of what follows ("" at the end)."""

    rows: list[Row]
    next_cursor: str


def keyset(queryset: QuerySet[Any, Row], *, order: tuple[str, ...], cursor: str = "", size: int = 25) -> Page[Row]:
    """`size` rows after `cursor`, ordered by `order` (field names, "-" for descending) and then by primary key.

    The fields of `order` must not be null; without `order` the primary key alone decides. Raises `BadRequest` for a
    cursor that this list did not hand out.
    """
    fields = (*order, "-pk" if order and order[-1].startswith("-") else "pk")
    salt = f"{SALT}.{queryset.model._meta.label_lower}"  # noqa: SLF001 (Django's public name for model facts)
    if cursor:
        queryset = queryset.filter(_after(fields, _values(cursor, fields, salt)))
    rows = list(queryset.order_by(*fields)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _cursor(rows[-1], fields, salt) if more else "")


def _after(fields: tuple[str, ...], values: list[Any]) -> Q:
    """Rows that stand behind `values`: (a, b) > (x, y) written out, since directions may differ."""
    condition, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name = field.removeprefix("-")
        step = Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        condition |= equal & step
        equal &= Q(**{name: value})
    return condition


def _cursor(row: Any, fields: tuple[str, ...], salt: str) -> str:
    values = [_plain(_attribute(row, field.removeprefix("-"))) for field in fields]
    return signing.dumps([list(fields), values], salt=salt, compress=True)


def _attribute(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _values(cursor: str, fields: tuple[str, ...], salt: str) -> list[Any]:
    try:
        given, values = signing.loads(cursor, salt=salt)
    except (signing.BadSignature, ValueError, TypeError):
        given, values = None, []
    if given != list(fields):
        raise BadRequest(
            "core.bad_cursor", "This page link is not one of this list. Start at the first page.", "cursor"
        )
    return list(values)
