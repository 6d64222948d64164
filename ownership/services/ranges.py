"""Ending ownership rows without ever leaving an empty or overlapping range."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import DateTimeField, F, Func, Value

from ownership.domain.states import EndReason, State
from ownership.models import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST = timedelta(microseconds=1)


def start_after(begun: Iterable[datetime | None], at: datetime) -> datetime:
    """`at`, or the first instant at which rows begun at these instants can end and others begin."""
    return max([at, *(start + LEAST for start in begun if start is not None)])


def reopen_rows(ids: list[int]) -> int:
    """The inverse of `close_rows`, for undoing in the order it was done; returns how many."""
    lower = Func(F("valid"), function="lower", output_field=DateTimeField())
    endless = Func(lower, Value(None, DateTimeField()), function="tstzrange", output_field=DateTimeRangeField())
    rows = Ownership.objects.filter(pk__in=ids, state=State.ENDED.value)
    return rows.update(valid=endless, state=State.ACCEPTED.value, end_reason="")


def close_rows(ids: list[int], reason: EndReason, at: datetime) -> int:
    """End open rows at `at` in one statement; returns how many."""
    if not ids:
        return 0
    lower = Func(F("valid"), function="lower", output_field=DateTimeField())
    ended = Func(lower, Value(at, DateTimeField()), function="tstzrange", output_field=DateTimeRangeField())
    rows = Ownership.objects.filter(pk__in=ids, state=State.ACCEPTED.value, valid__upper_inf=True)
    return rows.update(valid=ended, state=State.ENDED.value, end_reason=reason.value)
