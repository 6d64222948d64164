"""No name of a column and no value of an enumeration stands on the page of changes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from portal.core.registries import verb_registry
from portal.site.filters import ROOMS
from portal.site.queries.change_words import FIELDS, WHOLE, field_words, value_words, verb_words

TODAY = date(2026, 11, 27)
INTERNAL = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b|[a-z]+\.[a-z_]+")


@pytest.mark.parametrize(
    ("name", "value", "label", "words"),
    [
        ("ruling", "ACCEPT", "budget", "it fits"),
        ("ruling", "LEAD_APPROVAL", "budget", "the lead is asked"),
        ("state", "waiting_on_requester", "state", "waiting on requester"),
        ("class", "wait_until", "when it breaks at night", "wait until the morning"),
        ("cause", "fixed_cause", "cause", "the cause is fixed"),
        ("reason", "schema_changed", "reason", "a column it uses changed"),
        ("reason", "They left_us", "reason", "They left_us"),
        ("duty", 1, "duty", "technical"),
        ("minutes", 480, "time", "8\N{NO-BREAK SPACE}h"),
        ("d_reserved", -45, "reserved", "\N{MINUS SIGN}45\N{NO-BREAK SPACE}min"),
        ("is_admin", True, "admin", "yes"),
        ("is_admin", False, "admin", "no"),
        ("first_on", "2026-12-24", "first day", "Thu 24 Dec"),
        ("members", ["ines", "jonas"], "members", "ines, jonas"),
        ("calendar_id", 7, "working hours", "changed"),
        ("assignee", "", "assignee", "nothing"),
        ("assets", ["fct_orders"], "assets", "fct_orders"),
        ("zone", "Europe/Berlin", "zone", "Europe/Berlin"),
        ("due_at", "2026-11-27T17:02:57+00:00", "due", "2026-11-27T17:02:57+00:00"),
        ("limits", {"is_paused": True, "sha256": "ab"}, "limits", "paused yes"),
    ],
)
def test_a_kept_field_reads_as_people_say_it(name: str, value: Any, label: str, words: str) -> None:
    assert (field_words(name), value_words(name, value, TODAY)) == (label, words)


@pytest.mark.parametrize("name", ["sha256", "version", "entry", "row", "issues_by_level"])
def test_what_tells_a_person_nothing_is_left_out(name: str) -> None:
    assert field_words(name) == ""


def test_every_act_that_can_be_chosen_is_a_phrase_of_a_named_room() -> None:
    wrong = {
        verb: words
        for verb, known in verb_registry.items()
        if INTERNAL.search(words := verb_words(verb, known.sentence)) or verb.partition(".")[0] not in ROOMS
    }
    assert wrong == {}


def test_no_label_is_the_name_of_a_column() -> None:
    assert [label for label in {**FIELDS, **WHOLE}.values() if INTERNAL.search(label)] == []
