"""Instants as people and programs write them into an address: with an offset, of this century, kept as UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField

FIRST_YEAR, LAST_YEAR = 2000, 2100
OUT_OF_RANGE = f"An instant from {FIRST_YEAR} to {LAST_YEAR}, such as 2027-01-04T14:00:00Z."


def as_utc(instant: datetime) -> datetime | None:
    """The same instant in UTC; None for one outside the years that the portal counts with (spec security 10).

    An offset of 16 hours can be written, and the database would not take it.
    """
    try:
        found = instant.astimezone(UTC)
    except OverflowError:
        return None
    return found if FIRST_YEAR <= found.year < LAST_YEAR else None


class InstantField(IsoDateTimeField):
    """Refuses what `as_utc` does not know."""

    def clean(self, value: Any) -> datetime | None:
        given: datetime | None = super().clean(value)
        found = as_utc(given) if given is not None else None
        if found is None and given is not None:
            raise ValidationError(OUT_OF_RANGE, code="out_of_range")
        return found


class InstantFilter(django_filters.IsoDateTimeFilter):
    """A filter by one instant."""

    field_class = InstantField
