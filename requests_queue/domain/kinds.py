"""What people ask for, which duty answers it, and the promise it falls under (spec requests 2)."""

from __future__ import annotations

from dataclasses import dataclass

ROUTES = ("questions", "pipeline")
LANES = ("quick_win", "question", "complex", "exempt")


@dataclass(frozen=True)
class Kind:
    """One kind of request. `lane` is the default of triage, "" where the estimate decides."""

    code: str
    label: str
    hint: str
    icon: str
    route: str
    lane: str = ""
    is_structural: bool = False


_ALL = (
    Kind("question", "Question", "What, where, why. The questions desk answers.",
         "message-circle-question-mark", "questions", "question"),
    Kind("extract", "One-off extract", "A pull or a query, once. Say which columns and which period.",
         "download", "questions"),
    Kind("data_issue", "Something is wrong", "Late, missing or false data. The pipeline duty looks at it.",
         "triangle-alert", "pipeline"),
    Kind("change", "New or changed data", "A column, a table, a schema, a pipeline. Large ones go to the plan.",
         "layers", "pipeline", is_structural=True),
    Kind("metric", "New or changed metric", "Say the definition and who decides it.",
         "sigma", "questions", is_structural=True),
    Kind("backfill", "Backfill", "History to be rebuilt. Say the range and the reason.",
         "history", "pipeline", is_structural=True),
    Kind("access", "Access", "A permission, or where to find it. Say until when.",
         "key-round", "questions", "quick_win"),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.code: kind for kind in _ALL}


def kind_of(code: str) -> Kind:
    """The kind of this code; raises `KeyError` for an unknown one."""
    return KINDS[code]
