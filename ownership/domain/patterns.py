"""Which discipline is expected for which kind, and what it means when another one owns it (spec ownership 6, 7).

A pattern is data: a row a kind with the expected and the allowed disciplines. The cells of the crossing table are
derived from the rows and may then be edited; `classic` has one cell that was set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ownership.domain.kinds import DATASET, DOCUMENT, ZONES, Kind, all_kinds, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, CROSSING, ASK = "ok", "crossing", "ask"
VERDICTS = (OK, CROSSING, ASK)
UP, DOWN, NONE = "up", "down", "none"
DIRECTIONS = (UP, DOWN, NONE)
DISCIPLINES = ("SE", "DE", "AE", "DA", "DS")
MIXED = "mixed"
HIGHEST_BASE = 4
CLASSIC, ANALYTICS_ENGINEER = "classic", "analytics_engineer"

# Not an asset: questions live in the requests room. It has a row of its own in every pattern.
BUSINESS_QUESTION = Kind(
    90, "business_question", "Business question", 3, "decision", "message-circle-question-mark", "an"
)
SOURCE_KINDS = ("logging_event", "export")
BUILT_KINDS = ("pipeline", "dataset", "master_data")
DECISION_KINDS = ("dashboard", "experiment", "business_question")


@dataclass(frozen=True)
class Expectation:
    """Who should own a kind: `expected` first, `allowed` without being a crossing."""

    expected: frozenset[str]
    allowed: frozenset[str] = frozenset()

    @property
    def fitting(self) -> frozenset[str]:
        return self.expected | self.allowed


@dataclass(frozen=True)
class Cell:
    """One cell of the crossing table; `base` is 0 unless the verdict is a crossing."""

    verdict: str
    direction: str = NONE
    base: int = 0
    label: str = ""
    remedy: str = ""


def _rows(built: Expectation, metric: Expectation) -> dict[str, Expectation]:
    rows = dict.fromkeys(SOURCE_KINDS, Expectation(frozenset({"SE"})))
    rows |= dict.fromkeys(BUILT_KINDS, built)
    rows["metric"] = metric
    return rows | dict.fromkeys(DECISION_KINDS, Expectation(frozenset({"DA", "DS"})))


_ANALYSTS = Expectation(frozenset({"DA", "DS"}))
BUILT_IN: Mapping[str, Mapping[str, Expectation]] = MappingProxyType(
    {
        CLASSIC: _rows(Expectation(frozenset({"DE"})), _ANALYSTS),
        ANALYTICS_ENGINEER: _rows(Expectation(frozenset({"AE"}), frozenset({"DE"})), Expectation(frozenset({"AE"}))),
    }
)
BUILT_IN_NAMES = {CLASSIC: "SE / DE / Analyst", ANALYTICS_ENGINEER: "SE / Analytics engineer / Analyst"}

# What the cell says to people, by discipline and box; it speaks of the organisation, never of a person.
_UPSTREAM = ("too far upstream", "Ask the emitting team to take it.")
_NOT_TAKEN = ("work that data engineering has not been able to take", "Put it in the plan.")
_DEFINITION = ("the definition belongs with the analysts", "Hand the definition over; keep the pipeline.")
_DECISION = ("the decision belongs with the analysts", "Hand it to its analysts; keep the data behind it.")
_DOWNSTREAM = ("too far downstream", "Ask the data team to take it; keep the contract of the events.")
_MODELLED = ("the model belongs with analytics engineering", "Agree on the definition; let them own the model.")
_WORDS = {
    ("DE", "source"): _UPSTREAM, ("AE", "source"): _UPSTREAM, ("DA", "source"): _UPSTREAM, ("DS", "source"): _UPSTREAM,
    ("DA", "pipeline"): _NOT_TAKEN, ("DS", "pipeline"): _NOT_TAKEN, ("DA", "master"): _NOT_TAKEN,
    ("DS", "master"): _NOT_TAKEN, ("DE", "metric"): _DEFINITION, ("SE", "metric"): _DEFINITION,
    ("DA", "metric"): _MODELLED, ("DS", "metric"): _MODELLED, ("DE", "decision"): _DECISION,
    ("AE", "decision"): _DECISION, ("SE", "decision"): _DECISION, ("SE", "pipeline"): _DOWNSTREAM,
    ("SE", "master"): _DOWNSTREAM,
}  # fmt: skip
_ASK_WORDS = ("the role is not clear", "Say whose work this is, then the pattern can tell.")


def pattern_kinds() -> list[Kind]:
    """The kinds that have a row in a pattern: all but documents, which follow what they document."""
    return [kind for kind in all_kinds() if kind != DOCUMENT] + [BUSINESS_QUESTION]


def cell_kind(code: int, documented: int | None = None) -> int:
    """The kind whose row counts for an asset of kind `code`; a document follows what it documents, else a dataset."""
    if code == BUSINESS_QUESTION.code:
        return code
    kind = kind_of(documented if documented is not None else DATASET.code) if code == DOCUMENT.code else kind_of(code)
    return DATASET.code if kind == DOCUMENT else kind.code


def derive(rows: Mapping[str, Expectation]) -> dict[tuple[str, str], Cell]:
    """Every cell (discipline, kind name) of a pattern by the rule of spec ownership 7.

    A discipline's home zones are those in which it is expected or allowed; elsewhere the distance to the nearest one
    decides: 0 -> 2, 1 -> 3 (a software engineer in zone 1: 2), 2 or more -> 4; without a home zone -> ask.
    """
    return {(craft, kind.name): _cell(craft, kind, rows) for craft in DISCIPLINES for kind in pattern_kinds()}


def built_in_cells(slug: str) -> dict[tuple[str, str], Cell]:
    """The table of `classic` or `analytics_engineer`; in `classic` the cell of AE on sources is set by hand."""
    cells = derive(BUILT_IN[slug])
    if slug == CLASSIC:
        label, remedy = _UPSTREAM
        cells |= {("AE", name): Cell(CROSSING, UP, 3, label, remedy) for name in SOURCE_KINDS}
    return cells


def row_of(kind: Kind, rows: Mapping[str, Expectation]) -> Expectation:
    """The row of a kind; a kind that the pattern does not name follows a kind of its box."""
    found = rows.get(kind.name)
    if found is None:
        found = next((rows[other.name] for other in all_kinds() if other.box == kind.box and other.name in rows), None)
    return found or Expectation(frozenset())


def _cell(craft: str, kind: Kind, rows: Mapping[str, Expectation]) -> Cell:
    if craft in row_of(kind, rows).fitting:
        return Cell(OK)
    home = _nearest_home(craft, kind.zone, rows)
    if home is None:
        return Cell(ASK, label=_ASK_WORDS[0], remedy=_ASK_WORDS[1])
    distance = abs(kind.zone - home)
    direction = UP if kind.zone < home else DOWN if kind.zone > home else NONE
    base = min(2 + distance, HIGHEST_BASE) if not (craft == "SE" and kind.zone == 1) else 2
    label, remedy = words_of(craft, kind, direction)
    return Cell(CROSSING, direction, base, label, remedy)


def _nearest_home(craft: str, zone: int, rows: Mapping[str, Expectation]) -> int | None:
    homes = sorted({kind.zone for kind in pattern_kinds() if craft in row_of(kind, rows).fitting} & set(ZONES))
    return min(homes, key=lambda home: (abs(home - zone), home), default=None)


def words_of(craft: str, kind: Kind, direction: str) -> tuple[str, str]:
    """Label and remedy of a crossing before anybody edits them."""
    if kind == BUSINESS_QUESTION:
        return "a business question belongs with the analysts", "Send it to the desk of the analysts."
    found = _WORDS.get((craft, kind.box))
    if found is not None:
        return found
    place = {UP: "too far upstream", DOWN: "too far downstream"}.get(direction, "another craft's work")
    return place, "Ask the team that is expected to own it."


def edited(cell: Cell, *, verdict: str, direction: str, base: int, label: str, remedy: str) -> Cell:
    """The cell as a person has it; only a crossing has a base and a direction."""
    if verdict != CROSSING:
        return replace(cell, verdict=verdict, direction=NONE, base=0, label=label, remedy=remedy)
    return Cell(verdict, direction, base, label, remedy)
