"""Who holds a slot when plan, changes and absences meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall.domain.effective import Effective, Laid, Planned, Standby, effective_shifts

T0 = datetime(2027, 9, 13, 13, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = [
    Planned("primary", 0, 1, T0, T0 + 4 * DAY, (3, 4)),
    Planned("secondary", 0, 2, T0, T0 + 4 * DAY, (3, 4)),
]


def told(rows: list[Effective]) -> list[tuple[str, int | None, float, float, str]]:
    """Role, person, first and last day, source."""
    return [(row.role, row.person, (row.start - T0) / DAY, (row.end - T0) / DAY, row.source.value) for row in rows]


def test_without_changes_the_plan_stands() -> None:
    assert told(effective_shifts(WEEK, [], {})) == [
        ("primary", 1, 0, 4, "planned"), ("secondary", 2, 0, 4, "planned")
    ]  # fmt: skip


def test_an_override_wins_its_hours_and_leaves_the_rest() -> None:
    change = Laid("primary", 0, 4, T0 + DAY, T0 + 2 * DAY, "override")
    assert told(effective_shifts(WEEK, [change], {})) == [
        ("primary", 1, 0, 1, "planned"), ("secondary", 2, 0, 4, "planned"),
        ("primary", 4, 1, 2, "change"), ("primary", 1, 2, 4, "planned"),
    ]  # fmt: skip


def test_an_absent_primary_promotes_the_secondary_and_the_next_member_steps_in_behind() -> None:
    away = {1: [(T0 + DAY, T0 + 3 * DAY)]}
    assert told(effective_shifts(WEEK, [], away)) == [
        ("primary", 1, 0, 1, "planned"), ("secondary", 2, 0, 1, "planned"),
        ("primary", 2, 1, 3, "cascade"), ("secondary", 3, 1, 3, "cascade"),
        ("primary", 1, 3, 4, "planned"), ("secondary", 2, 3, 4, "planned"),
    ]  # fmt: skip


def test_with_everybody_absent_a_gap_stands_as_a_row() -> None:
    away = {person: [(T0, T0 + 4 * DAY)] for person in (1, 2, 3, 4)}
    assert told(effective_shifts(WEEK, [], away)) == [
        ("primary", None, 0, 4, "gap"), ("secondary", None, 0, 4, "gap")
    ]  # fmt: skip


def test_behind_the_members_the_cascade_list_serves() -> None:
    away = {person: [(T0, T0 + 4 * DAY)] for person in (1, 2, 3, 4)}
    rows = effective_shifts(WEEK, [], away, extra=[Standby(9, T0, T0 + 4 * DAY)])
    assert [(row.person, row.reason_code) for row in rows] == [(9, "cascade_list"), (None, "nobody")]


def test_the_list_changes_hands_where_the_other_rota_does_and_the_lead_closes_its_holes() -> None:
    away = {person: [(T0, T0 + 4 * DAY)] for person in (1, 2, 3, 4)}
    behind = [Standby(8, T0, T0 + DAY), Standby(9, T0 + DAY, T0 + 2 * DAY), Standby(7, T0, T0 + 3 * DAY)]
    rows = effective_shifts(WEEK, [], away | {9: [(T0 + 1.5 * DAY, T0 + 2 * DAY)]}, behind)
    assert [each for each in told(rows) if each[0] == "primary"] == [
        ("primary", 8, 0, 1, "cascade"), ("primary", 9, 1, 1.5, "cascade"), ("primary", 7, 1.5, 3, "cascade"),
        ("primary", None, 3, 4, "gap"),
    ]  # fmt: skip
    assert [each for each in told(rows) if each[0] == "secondary"] == [
        ("secondary", 7, 0, 1.5, "cascade"), ("secondary", None, 1.5, 4, "gap")
    ]  # fmt: skip


def test_a_free_member_comes_before_the_list() -> None:
    away = {person: [(T0, T0 + 4 * DAY)] for person in (1, 2)}
    rows = effective_shifts(WEEK, [], away, [Standby(9, T0, T0 + 4 * DAY)])
    assert [(row.person, row.reason_code) for row in rows] == [(3, "next_member"), (4, "next_member")]


def test_a_cascade_is_provisional_and_the_plan_is_not() -> None:
    rows = effective_shifts(WEEK, [], {2: [(T0, T0 + DAY)]})
    assert [(row.role, row.person, row.provisional) for row in rows if row.start == T0] == [
        ("primary", 1, False), ("secondary", 3, True)
    ]  # fmt: skip
