"""What an audit row kept, in words for people: names of columns and values of enumerations never reach a page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.agreements import CLASS_WORDS
from oncall.domain.failure_kinds import KIND_WORDS as FAILURE_WORDS
from oncall.domain.incident_states import CAUSE_WORDS
from ownership.domain.impact import CHANGE_WORDS
from ownership.domain.states import DUTY_WORDS
from portal.core.web.presentation import NO_BREAK, day_words, duration_words
from requests_queue.domain.answering import STALE_WORDS
from requests_queue.domain.budget import Ruling

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING, OTHER = "nothing", "changed"
SHORT = 80
MINUS = "\N{MINUS SIGN}"
# Numbers of rows, fingerprints and counters: they tie an entry to the tables and tell a person nothing.
SILENT = frozenset({
    "base", "base_run", "candidate", "cycle", "edit", "entry", "id", "ids", "issues_by_level", "kept_version", "key",
    "message", "raw", "row", "run", "sha256", "snapshot", "version",
})  # fmt: skip
# Changed as a whole; their value is a number of a row or a text too long to read here.
WHOLE = {"calendar_id": "working hours", "order": "order", "evidence": "evidence", "mapping": "mapping",
         "weekly": "hours of the week", "exceptions": "exceptions", "targets": "promises", "secrets": "secret",
         "partner_id": "partner", "partner": "partner", "default_agreement_id": "default agreement"}  # fmt: skip
FIELDS = {
    "ruling": "budget", "class": "when it breaks at night", "cost_of_delay": "cost of waiting",
    "d_reserved": "reserved", "d_spent": "worked", "due_at": "due", "until_at": "until",
    "first_on": "first day", "last_on": "last day",
    "failure_kind": "what failed", "file_path": "file", "fte_percent": "share of the working time",
    "lead_team": "team that leads", "minutes": "time", "questions_duty": "duty for questions", "slug": "address",
    "keys_enabled": "keyboard shortcuts", "hold_while_away": "notices held while away", "doing": "at it",
    "pointers": "named but not described", "statuses": "states of data", "owner_records": "owners named",
    "column_edges": "links of columns", "edges": "links", "edges_closed": "links ended", "claims": "words on owners",
    "claims_closed": "words on owners ended", "claims_unresolved": "owners nobody knows", "host_team_id": "host team",
    "parent_id": "parent team", "asks": "times asked", "at": "when", "what": "what is asked",
}  # fmt: skip
CHOICES = frozenset({
    "channel", "clock", "decision", "discipline", "kind", "lane", "level", "lifecycle", "model", "outcome", "problem",
    "questions_duty", "role", "side", "size", "source", "state", "step", "theme", "urgency", "verdict", "visibility",
})  # fmt: skip
MINUTES = frozenset({"minutes", "d_reserved", "d_spent", "spent", "remaining_minutes"})
VALUES: Mapping[str, Mapping[Any, str]] = {
    "cause": CAUSE_WORDS, "change": CHANGE_WORDS, "class": CLASS_WORDS, "duty": DUTY_WORDS,
    "failure_kind": FAILURE_WORDS, "reason": STALE_WORDS,
    "ruling": {
        Ruling.ACCEPT: "it fits", Ruling.ACCEPT_AMBER: "it fits, in the amber band",
        Ruling.LEAD_APPROVAL: "the lead is asked", Ruling.QUEUE: "it waits in line",
        Ruling.DEFER: "it is for the plan", Ruling.ACCEPT_EXEMPT: "none, exempt",
    },
    "state": {"triage": "being looked at", "open_for_input": "open for input", "triggered": "nobody has it yet"},
    "kind": {"skew_oom": "out of memory", "infra": "infrastructure"},
}  # fmt: skip


def field_words(name: str) -> str:
    """What a kept field is called on a page; empty for one that tells a person nothing."""
    if name in SILENT:
        return ""
    told = WHOLE.get(name) or FIELDS.get(name)
    if told:
        return told
    for before in ("is_", "has_"):
        name = name.removeprefix(before)
    for behind in ("_id", "_at", "_on"):
        name = name.removesuffix(behind)
    return name.replace("_", " ")


def value_words(name: str, value: Any, today: date) -> str:
    """A kept value of the field as people say it; "nothing" for what is not there, at most 80 characters.

    An instant stays as it was kept: only the page knows its reader's clock.
    """
    if value in (None, "", [], {}):
        return NOTHING
    if name in WHOLE:
        return OTHER
    if isinstance(value, list):
        return _short(", ".join(value_words(name, each, today) for each in value))
    if isinstance(value, dict):
        parts = ((field_words(str(key)), value_words(str(key), each, today)) for key, each in value.items())
        return _short(", ".join(f"{label} {words}" for label, words in parts if label))
    return _short(_one(name, value, today))


def _one(name: str, value: Any, today: date) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    known = VALUES.get(name, {}).get(value)
    if known:
        return known
    if name in MINUTES and isinstance(value, int):
        return f"{MINUS if value < 0 else ''}{duration_words(timedelta(minutes=value).total_seconds())}"
    if name == "fte_percent":
        return f"{value}{NO_BREAK}%"
    text = str(value)
    day = _day(text)
    if day is not None:
        return day_words(day, today)
    return text.replace("_", " ").lower() if name in CHOICES else text


def verb_words(verb: str, sentence: str) -> str:
    """An act as a choice of the filter: its sentence without those who take part."""
    words = sentence.replace("{actor}", "").replace("{subject}", "…").strip() or verb.partition(".")[2]
    return words[:1].upper() + words[1:]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-24") else None
    except ValueError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
