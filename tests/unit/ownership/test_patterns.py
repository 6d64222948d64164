"""Every cell of both tables, and what a pattern of one's own derives (spec ownership 6, 7)."""

from __future__ import annotations

import pytest

from ownership.domain.kinds import DATASET, DOCUMENT, METRIC, all_kinds
from ownership.domain.patterns import (
    BUSINESS_QUESTION,
    DISCIPLINES,
    Expectation,
    built_in_cells,
    cell_kind,
    derive,
    edited,
    pattern_kinds,
)

SOURCE = ("logging_event", "export")
BUILT = ("pipeline", "dataset", "master_data")
DECISION = ("dashboard", "experiment", "business_question")
# Discipline: source, built, metric, decision; as the table of the specification reads.
CLASSIC = {
    "SE": ("ok", "down 2", "down 4", "down 4"),
    "DE": ("up 3", "ok", "down 3", "down 4"),
    "DA": ("up 4", "up 3", "ok", "ok"),
    "DS": ("up 4", "up 3", "ok", "ok"),
    "AE": ("up 3", "ask", "ask", "ask"),
}
ANALYTICS_ENGINEER = {
    "SE": ("ok", "down 2", "down 4", "down 4"),
    "DE": ("up 3", "ok", "down 3", "down 4"),
    "AE": ("up 3", "ok", "ok", "down 3"),
    "DA": ("up 4", "up 4", "up 3", "ok"),
    "DS": ("up 4", "up 4", "up 3", "ok"),
}
COLUMNS = ((SOURCE, 0), (BUILT, 1), (("metric",), 2), (DECISION, 3))
CELLS = [
    (slug, craft, kind, table[craft][column])
    for slug, table in (("classic", CLASSIC), ("analytics_engineer", ANALYTICS_ENGINEER))
    for craft in DISCIPLINES
    for kinds, column in COLUMNS
    for kind in kinds
]


@pytest.mark.parametrize(("slug", "craft", "kind", "words"), CELLS)
def test_each_cell_reads_as_the_table_says(slug: str, craft: str, kind: str, words: str) -> None:
    cell = built_in_cells(slug)[craft, kind]
    read = f"{cell.direction} {cell.base}" if cell.verdict == "crossing" else cell.verdict
    assert read == words


def test_the_tables_have_no_other_cell() -> None:
    assert len(CELLS) == 2 * len(built_in_cells("classic")) == 2 * 5 * 9


def test_each_crossing_says_whose_work_it_is_and_what_to_do() -> None:
    for slug in ("classic", "analytics_engineer"):
        for cell in built_in_cells(slug).values():
            assert bool(cell.label and cell.remedy) == (cell.verdict != "ok")
    cells = built_in_cells("classic")
    assert (cells["DE", "logging_event"].label, cells["DE", "logging_event"].remedy) == (
        "too far upstream",
        "Ask the emitting team to take it.",
    )
    assert cells["DS", "pipeline"].remedy == "Put it in the plan."
    assert cells["DE", "metric"].remedy == "Hand the definition over; keep the pipeline."


def test_a_pattern_of_ones_own_derives_its_cells_by_distance() -> None:
    rows = {kind.name: Expectation(frozenset({"DS"})) for kind in pattern_kinds()}
    rows |= {"logging_event": Expectation(frozenset({"SE"})), "master_data": Expectation(frozenset({"DE"}))}
    cells = derive(rows)
    shown = {key: (cell.verdict, cell.direction, cell.base) for key, cell in cells.items()}
    assert shown["DE", "pipeline"] == ("crossing", "none", 2)
    assert shown["DE", "metric"] == ("crossing", "down", 3)
    assert shown["SE", "master_data"] == ("crossing", "down", 2)
    assert shown["SE", "export"] == ("crossing", "none", 2)
    assert shown["DA", "metric"] == ("ask", "none", 0)
    assert shown["DS", "logging_event"] == ("crossing", "none", 2)


def test_a_document_follows_what_it_documents() -> None:
    assert cell_kind(DOCUMENT.code, METRIC.code) == METRIC.code
    assert cell_kind(DOCUMENT.code) == cell_kind(DOCUMENT.code, DOCUMENT.code) == DATASET.code
    assert cell_kind(BUSINESS_QUESTION.code) == 90
    assert all(cell_kind(kind.code) == kind.code for kind in all_kinds() if kind != DOCUMENT)


def test_a_cell_edited_to_ok_has_no_weight() -> None:
    cell = built_in_cells("classic")["DE", "metric"]
    changed = edited(cell, verdict="ok", direction="down", base=3, label="", remedy="")
    assert (changed.verdict, changed.direction, changed.base) == ("ok", "none", 0)
