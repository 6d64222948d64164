"""The catalogue of events: names, schemas, and envelopes without a text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.site.domain.topics import BY_VERB, TOPICS, Act, Topic, envelope, matching, read_cursor, schema

AT = datetime(2026, 11, 27, 9, tzinfo=UTC)


def test_no_act_belongs_to_two_topics_and_no_name_stands_twice() -> None:
    assert len(BY_VERB) == sum(len(topic.verbs) for topic in TOPICS)
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_envelope_of_each_act_has_the_fields_of_its_schema(topic: Topic) -> None:
    for verb in topic.verbs:
        event = envelope(Act(41, verb, AT, "ownership.asset", "7", "ana", ["state", "owner"]))
        wanted = schema(topic)
        assert sorted(event) == sorted(wanted["required"])
        assert event["topic"] == wanted["properties"]["topic"]["const"]
        assert event["data"]["act"] in wanted["properties"]["data"]["properties"]["act"]["enum"]


def test_an_absence_names_nobody() -> None:
    assert envelope(Act(1, "accounts.absence_entered", AT, "accounts.absence", "7", "ana", []))["actor"] is None


def test_a_glob_means_a_whole_room() -> None:
    names = [topic.name for topic in matching(["oncall.incident_*", "answers.answer_stale"])]
    assert names == [
        "oncall.incident_opened", "oncall.incident_acknowledged", "oncall.incident_updated",
        "oncall.incident_resolved", "answers.answer_stale",
    ]  # fmt: skip


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_cursor_reads_back(transaction: int, row: int) -> None:
    assert read_cursor(f"{transaction}.{row}") == (transaction, row)


@pytest.mark.parametrize("text", ["1", "a.b", "1.2.3", "-1.2", "1." + "9" * 30, "１.2"])  # noqa: RUF001 (a full-width digit)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        read_cursor(text)
