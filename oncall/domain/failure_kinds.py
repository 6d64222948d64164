"""What broke, in one word: by the source of the signal, then by its text (spec oncall 6)."""

from __future__ import annotations

import re
from enum import StrEnum


class FailureKind(StrEnum):
    LATE = "late"
    MISSING_DATA = "missing_data"
    SCHEMA_CHANGE = "schema_change"
    SKEW_OOM = "skew_oom"
    QUALITY = "quality"
    INFRA = "infra"
    UNKNOWN = "unknown"


KIND_WORDS = {
    FailureKind.LATE: "late data",
    FailureKind.MISSING_DATA: "missing upstream data",
    FailureKind.SCHEMA_CHANGE: "changed schema",
    FailureKind.SKEW_OOM: "out of memory",
    FailureKind.QUALITY: "failed test",
    FailureKind.INFRA: "infrastructure",
    FailureKind.UNKNOWN: "unknown failure",
}
# Only what comes from upstream can be ticketed there by itself.
UPSTREAM = frozenset({FailureKind.MISSING_DATA, FailureKind.SCHEMA_CHANGE})
BY_SOURCE = {
    "expectation": FailureKind.LATE,
    "freshness": FailureKind.LATE,
    "row_count": FailureKind.MISSING_DATA,
    "partition_exists": FailureKind.MISSING_DATA,
    "webhook": FailureKind.MISSING_DATA,
    "schema_hash": FailureKind.SCHEMA_CHANGE,
    "contract": FailureKind.SCHEMA_CHANGE,
    "test": FailureKind.QUALITY,
}
_RULES: dict[FailureKind, tuple[str, ...]] = {
    FailureKind.SKEW_OOM: (
        r"out of ?memory", r"oom ?kill", r"executor ?(?:lost|failure)", r"exit(?:ed)?(?: with)?(?: code| status)? 137",
        r"java heap space", r"gc overhead limit", r"container killed",
    ),
    FailureKind.SCHEMA_CHANGE: (
        r"contract", r"(?:unknown|missing|invalid|no such|unresolved) column", r"type mismatch", r"cannot cast",
        r"column .{0,80}(?:does not exist|not found|cannot be resolved)", r"schema (?:changed|mismatch)",
        r"field .{0,80}not found",
    ),
    FailureKind.MISSING_DATA: (
        r"(?:file|partition|path|object|key|table).{0,60}(?:not found|does not exist|missing)",
        r"no such (?:file|key|partition)", r"nosuchkey", r"filenotfound", r"source freshness", r"0 rows", r"no rows",
        r"empty partition",
    ),
    FailureKind.LATE: (r"\blate\b", r"stale", r"overdue", r"timed? ?out waiting", r"sla miss", r"freshness"),
    FailureKind.QUALITY: (
        r"tests? failed", r"failing test", r"got \d+ results?", r"assertion", r"expectation failed", r"unique",
        r"not_null", r"data quality",
    ),
    FailureKind.INFRA: (
        r"connection (?:refused|reset)", r"no route to host", r"disk full", r"no space left", r"\b50[234]\b",
        r"unreachable", r"dns", r"quota exceeded", r"throttl",
    ),
}  # fmt: skip
_COMPILED = tuple((kind, re.compile("|".join(words), re.IGNORECASE)) for kind, words in _RULES.items())
LONGEST_SEARCHED = 4000


def failure_kind(source: str, text: str) -> FailureKind:
    """The kind of a signal: what its source always means, else the first rule that its text fits."""
    if source in BY_SOURCE:
        return BY_SOURCE[source]
    searched = text[:LONGEST_SEARCHED]
    return next((kind for kind, pattern in _COMPILED if pattern.search(searched)), FailureKind.UNKNOWN)
