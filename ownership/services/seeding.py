"""The two common patterns every installation starts with; edited rows stand (spec ownership 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership.domain.patterns import (
    BUILT_IN,
    BUILT_IN_NAMES,
    Expectation,
    built_in_cells,
    derive,
    pattern_kinds,
    row_of,
)
from ownership.models import CrossingRule, Pattern, PatternRow
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ownership.domain.patterns import Cell


@transaction.atomic
def seed_patterns() -> None:
    """Write `classic` and `analytics_engineer` where they are missing; new kinds get their row and cells.

    Safe to repeat; never changes a row that people may have edited.
    """
    for slug, rows in BUILT_IN.items():
        facts = {"name": BUILT_IN_NAMES[slug], "is_built_in": True, "created_at": clock.now()}
        pattern, _ = Pattern.objects.get_or_create(slug=slug, defaults=facts)
        write_rows(pattern, rows)
        write_missing_cells(pattern, built_in_cells(slug))
    for pattern in Pattern.objects.filter(is_built_in=False).prefetch_related("rows"):
        rows = expectations(pattern)
        write_rows(pattern, rows)
        write_missing_cells(pattern, derive(rows))


def write_rows(pattern: Pattern, rows: Mapping[str, Expectation]) -> None:
    """The rows that are missing; a kind that `rows` does not name follows one of its box."""
    known = set(PatternRow.objects.filter(pattern=pattern).values_list("kind", flat=True))
    missing = [kind for kind in pattern_kinds() if kind.code not in known]
    PatternRow.objects.bulk_create(
        PatternRow(
            pattern=pattern, kind=kind.code, expected=sorted(row_of(kind, rows).expected),
            allowed=sorted(row_of(kind, rows).allowed),
        )
        for kind in missing
    )  # fmt: skip


def write_missing_cells(pattern: Pattern, cells: Mapping[tuple[str, str], Cell]) -> None:
    """The cells that are missing."""
    known = set(CrossingRule.objects.filter(pattern=pattern).values_list("discipline", "kind"))
    codes = {kind.name: kind.code for kind in pattern_kinds()}
    CrossingRule.objects.bulk_create(
        CrossingRule(
            pattern=pattern, discipline=craft, kind=codes[name], verdict=cell.verdict, direction=cell.direction,
            base=cell.base, label=cell.label, remedy=cell.remedy,
        )
        for (craft, name), cell in cells.items()
        if (craft, codes[name]) not in known
    )  # fmt: skip


def expectations(pattern: Pattern) -> dict[str, Expectation]:
    """The rows of a pattern as the domain reads them."""
    names = {kind.code: kind.name for kind in pattern_kinds()}
    return {names[row.kind]: _expectation(row) for row in pattern.rows.all() if row.kind in names}


def _expectation(row: PatternRow) -> Expectation:
    return Expectation(frozenset(row.expected), frozenset(row.allowed))
