"""Whether an asset is late, from its newest results and what was promised (spec additions, "status of an asset")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FAILURES = frozenset({"error", "fail", "failed", "runtime error", "abort"})
GOOD = frozenset({"success", "pass", "complete", "ok", "no-op", "partial success", "warn"})
UNITS = {
    "minute": timedelta(minutes=1), "m": timedelta(minutes=1), "min": timedelta(minutes=1),
    "hour": timedelta(hours=1), "h": timedelta(hours=1), "hr": timedelta(hours=1),
    "day": timedelta(days=1), "d": timedelta(days=1),
    "week": timedelta(days=7), "w": timedelta(days=7),
}  # fmt: skip
RUN, FRESHNESS, LANDED = "last_run", "freshness", "landed"


@dataclass(frozen=True)
class Word:
    """The newest result on one matter."""

    value: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Late or not, since when, when data last landed, and what is promised (None: nothing)."""

    is_late: bool
    since: datetime | None
    last_landed_at: datetime | None
    promise: timedelta | None


def is_failure(value: str) -> bool:
    """Whether a result says that a run or a check went wrong."""
    return value.casefold() in FAILURES


def is_settled(value: str) -> bool:
    """Whether a result says good or failed; a run under way, or a skipped one, says neither."""
    return value.casefold() in FAILURES | GOOD


def standing(words: Mapping[str, Word], promise: timedelta | None, at: datetime) -> Standing:
    """Late: the last run or freshness check failed, or nothing landed within what is promised."""
    landed = _last_landed(words)
    failed = [word.at for word in (words.get(RUN), words.get(FRESHNESS)) if word is not None and is_failure(word.value)]
    overdue = landed + promise if landed is not None and promise is not None else None
    since = [*failed, *([overdue] if overdue is not None and overdue < at else [])]
    return Standing(bool(since), min(since, default=None), landed, promise)


def _last_landed(words: Mapping[str, Word]) -> datetime | None:
    run, landed = words.get(RUN), words.get(LANDED)
    found = [run.at] if run is not None and run.value.casefold() in GOOD else []
    return max([*found, *([landed.at] if landed is not None else [])], default=None)


def promise_of(attrs: Mapping[str, Any]) -> timedelta | None:
    """What a contract or a dbt source promises about freshness, the strictest of them; None for nothing."""
    found = [*_of_dbt(attrs.get("dbt")), *_of_contract(attrs.get("odcs"))]
    return min(found, default=None)


def _of_dbt(attrs: Any) -> list[timedelta]:
    limits = attrs.get("freshness", {}) if isinstance(attrs, dict) else {}
    error = limits.get("error_after") or limits.get("warn_after") or {}
    return _span(error.get("count"), error.get("period"))


def _of_contract(attrs: Any) -> list[timedelta]:
    terms = attrs.get("sla", []) if isinstance(attrs, dict) else []
    return [
        span
        for term in terms
        if str(term.get("property", "")).casefold() in {"freshness", "latency", "frequency"}
        for span in _span(term.get("value"), term.get("unit"))
    ]


def _span(count: Any, unit: Any) -> list[timedelta]:
    word = str(unit or "").casefold()
    size = UNITS.get(word) or UNITS.get(word.rstrip("s"))
    is_number = isinstance(count, int | float) and not isinstance(count, bool)
    return [size * count] if size is not None and is_number and 0 < count < 100_000 else []  # noqa: PLR2004 (overflow)
