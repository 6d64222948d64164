"""What-if: each change does what it says, and nothing else (spec budget 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError
from requests_queue.domain.budget import Balance, Terms
from requests_queue.domain.capacity import PersonTime, Place
from requests_queue.domain.plan import Work
from requests_queue.domain.scenarios import (
    Facts,
    Line,
    Member,
    changed,
    evaluate,
    names_a_person,
    read_changes,
    slips,
    teams_named,
    write_changes,
)

Q1 = quarter_called("2027q1")
HOLIDAYS = {date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15)}
DAYS = tuple(
    day
    for n in range(90)
    for day in [date(2027, 1, 1) + timedelta(days=n)]
    if day.weekday() < 5 and day not in HOLIDAYS
)


def member(name: str, fte: int = 100, since: date = date(2020, 1, 1), *leave: tuple[int, int, int]) -> Member:
    away = {date(2027, month, day + n) for month, day, length in leave for n in range(length)}
    return Member(name, name.title(), PersonTime(DAYS, away & set(DAYS), [Place((since, None), fte)]))


TEAM = (
    member("ada", 100, date(2020, 1, 1), (2, 22, 5)),
    member("ben", 60),
    member("cy", 100, date(2020, 1, 1), (1, 4, 5), (3, 8, 2)),
    member("dee", 100, date(2027, 2, 16)),
    member("eli", 100, date(2020, 1, 1), (3, 29, 3)),
)
LINES = (Line(Work(1, 70_000), "Funnel"), Line(Work(2, 8_000), "Edge"), Line(Work(3, 5_000), "Late"))
FACTS = Facts(Q1, TEAM, DAYS, 16_560, 6_240, 480, LINES, Terms(), Balance(0))


def what_if(*changes: dict[str, Any]) -> Any:
    return evaluate(changed(FACTS, changes))


def test_the_base_is_the_example_of_the_specification() -> None:
    base = evaluate(FACTS)
    assert (base.uses.capacity, base.uses.line_1, base.uses.line_2) == (113_568, 79_412, 85_090)
    assert [row.side for row in base.rows] == ["fits", "fits", "at_risk"]


def test_ada_sick_ten_more_days_costs_4_800_minutes_and_the_item_at_the_edge_slips() -> None:
    after = what_if({"kind": "leave", "person": "ada", "from": "2027-01-04", "to": "2027-01-15"})
    assert after.uses.capacity == 113_568 - 4_800
    assert after.uses.line_1 == 79_412 - 4_320
    assert [(slip.title, slip.was, slip.now) for slip in slips(evaluate(FACTS), after)] == [
        ("Edge", "fits", "at_risk"), ("Late", "at_risk", "below"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "capacity"),
    [
        ({"kind": "leaver", "person": "eli", "from": "2027-01-01"}, -27_840),
        ({"kind": "joiner", "fte": 50, "from": "2027-03-01"}, 23 * 240),
        ({"kind": "leave", "person": "ada", "from": "2027-02-22", "to": "2027-02-26"}, 0),
    ],
)
def test_people_who_come_and_go_change_the_capacity(change: dict[str, Any], capacity: int) -> None:
    assert what_if(change).uses.capacity == 113_568 + capacity


@pytest.mark.parametrize(
    ("change", "line_1"),
    [
        ({"kind": "oncall_weeks", "weeks": 2}, -960),
        ({"kind": "pipeline_added", "tier": 2}, -1_080),
        ({"kind": "set_band", "floor_bp": 500, "cap_bp": 1_500}, -(17_035 - 11_356)),
    ],
)
def test_what_is_carried_moves_the_first_line(change: dict[str, Any], line_1: int) -> None:
    assert what_if(change).uses.line_1 == 79_412 + line_1


def test_lines_are_added_dropped_and_resized() -> None:
    after = what_if(
        {"kind": "drop_item", "item": 1},
        {"kind": "resize_item", "item": 2, "minutes": 900},
        {"kind": "add_item", "title": "Cohorts", "minutes": 100},
    )
    assert [(after.titles[row.work.key], row.work.minutes) for row in after.rows] == [
        ("Edge", 900), ("Late", 5_000), ("Cohorts", 100),
    ]  # fmt: skip


def test_pulling_work_in_uses_the_band() -> None:
    after = what_if({"kind": "pull_in", "minutes": 6_000})
    assert (after.used, after.state, after.forecast) == (6_000, "amber", 6_000)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "magic"}, "changes.0.kind"),
        ({}, "changes.0.kind"),
        ({"kind": "leave", "person": "zoe", "from": "2027-01-04", "to": "2027-01-15"}, "changes.0.person"),
        ({"kind": "leave", "person": "ada", "from": "4 Jan", "to": "2027-01-15"}, "changes.0.from"),
        ({"kind": "leave", "person": "ada", "from": "2027-01-15", "to": "2027-01-04"}, "changes.0.to"),
        ({"kind": "joiner", "fte": 101, "from": "2027-01-04"}, "changes.0.fte"),
        ({"kind": "oncall_weeks", "weeks": "2"}, "changes.0.weeks"),
        ({"kind": "drop_item", "item": 99}, "changes.0.item"),
        ({"kind": "add_item", "title": "x", "minutes": True}, "changes.0.minutes"),
        ({"kind": "set_band", "floor_bp": 900, "cap_bp": 500}, "changes.0.cap_bp"),
    ],
)
def test_a_change_that_says_nothing_is_refused_with_its_place(change: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        changed(FACTS, [change])
    assert (refused.value.code, refused.value.field) == ("plan.bad_scenario", field)


def test_more_than_thirty_changes_are_refused() -> None:
    with pytest.raises(DomainError, match="At most 30"):
        changed(FACTS, [{"kind": "oncall_weeks", "weeks": 1}] * 31)


def test_who_works_inside_another_team_takes_their_time_and_what_that_team_alone_asked_for() -> None:
    asked = (
        Line(Work(1, 70_000), "Funnel", frozenset({"growth"})),
        Line(Work(2, 8_000), "Edge", frozenset({"growth", "finance"})),
        Line(Work(3, 5_000), "Late"),
    )
    facts = replace(FACTS, lines=asked)
    after = evaluate(changed(facts, [{"kind": "embed", "person": "ben", "team": "growth"}]))
    assert (after.uses.capacity, after.uses.oncall, after.by_person["ben"]) == (113_568 - 17_568, 6_240, 0)
    assert [row.work.key for row in after.rows] == [2, 3]
    assert [(slip.title, slip.now) for slip in slips(evaluate(facts), after)] == [("Funnel", ""), ("Late", "fits")]


def test_lines_of_text_are_the_changes_they_were_written_from() -> None:
    text = "leave ada 2027-01-04 2027-01-15\njoiner 60 2027-02-01\nadd_item 4800 One more model\nembed ben growth"
    changes = read_changes(text)
    assert write_changes(changes) == text
    assert changes[3] == {"kind": "embed", "person": "ben", "team": "growth"}
    assert (names_a_person(changes), names_a_person(changes[1:3])) == (True, False)
    assert teams_named(changes) == [("changes.3.team", "growth")]


def test_a_what_if_that_puts_somebody_nowhere_is_refused() -> None:
    for wrong, field in (({"person": "ben"}, "changes.0.team"), ({"person": "zoe", "team": "x"}, "changes.0.person")):
        with pytest.raises(DomainError) as refused:
            what_if({"kind": "embed"} | wrong)
        assert refused.value.field == field
