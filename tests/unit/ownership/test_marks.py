"""The marks of a crossing fall on the days of the spec's example, and an accepted one is let be."""

from __future__ import annotations

from datetime import UTC, datetime

from ownership.domain.marks import marks_of

OPENED = datetime(2026, 4, 6, 9, tzinfo=UTC)


def shown(states: list[tuple[datetime, str]], ended: datetime | None, at: datetime) -> list[tuple[int, str, str]]:
    return [(mark.days, str(mark.at.date()), mark.state) for mark in marks_of(OPENED, states, ended, at)]


def test_a_crossing_opened_on_6_april_is_brought_up_on_three_days() -> None:
    found = shown([(OPENED, "open")], None, datetime(2026, 7, 5, 9, tzinfo=UTC))
    assert found == [(30, "2026-05-06", "came_up"), (90, "2026-07-05", "came_up"), (180, "2026-10-03", "comes")]


def test_accepted_on_1_june_it_is_let_be_in_july_and_keeps_its_age() -> None:
    states = [
        (OPENED, "open"),
        (datetime(2026, 6, 1, tzinfo=UTC), "accepted"),
        (datetime(2026, 10, 2, tzinfo=UTC), "open"),
    ]
    found = shown(states, None, datetime(2026, 10, 2, 9, tzinfo=UTC))
    assert found == [(30, "2026-05-06", "came_up"), (90, "2026-07-05", "let_be"), (180, "2026-10-03", "comes")]


def test_what_has_ended_has_no_mark_after_its_end() -> None:
    found = shown([(OPENED, "open")], datetime(2026, 5, 10, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert found == [(30, "2026-05-06", "came_up")]
