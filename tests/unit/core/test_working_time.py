"""Working time: every case of the shipped file, and what makes a calendar unacceptable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.core.domain.calendars import nominal_day_seconds, parse_calendar, require_open
from portal.core.domain.sla_cases import misses
from portal.core.domain.working_time import add, open_segments, step_seconds
from portal.core.errors import DomainError

FILE = json.loads((Path(__file__).parents[2] / "cases" / "sla_cases.json").read_text())
WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MADRID: dict[str, Any] = {"zone": "Europe/Madrid", "weekly": WEEK}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["id"])
def test_each_case_of_the_file_is_met_to_the_second(case: dict[str, Any]) -> None:
    assert misses(case, FILE["calendars"]) == []


@pytest.mark.parametrize("name", ["expected_due", "expected_breach_at", "expected_warn_80", "expected_outcome"])
def test_a_case_that_expects_something_else_is_a_miss(name: str) -> None:
    case = FILE["cases"][0] | {name: "breached" if name == "expected_outcome" else "2026-01-01T00:00:00Z"}
    assert [fault.split(":")[0] for fault in misses(case, FILE["calendars"])] == [name]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"zone": "Europe/Atlantis"}, "sla.unknown_zone", "zone"),
        ({"zone": None}, "sla.unknown_zone", "zone"),
        ({"weekly": {"mon": [["17:00", "09:00"]]}}, "sla.bad_interval", "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "sla.bad_interval", "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "sla.bad_interval", "weekly.mon"),
        ({"weekly": {"monday": []}}, "sla.bad_interval", "weekly"),
        ({"weekly": {"mon": [["00:00", "00:01"]] * 13}}, "sla.bad_interval", "weekly.mon"),
        ({"exceptions": {"2026-02-30": []}}, "sla.bad_interval", "exceptions.2026-02-30"),
        ({"exceptions": {"2026-12-25": [["9", "17:00"]]}}, "sla.bad_interval", "exceptions.2026-12-25"),
        ({"exceptions": {f"{year}-01-01": [] for year in range(1, 10)} | {"x": []}}, "sla.bad_interval", None),
    ],
)
def test_a_wrong_calendar_is_refused_with_its_field(change: dict[str, Any], code: str, field: str | None) -> None:
    with pytest.raises(DomainError) as caught:
        parse_calendar(MADRID | change)
    assert caught.value.code == code
    assert field is None or caught.value.field == field


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        require_open(parse_calendar({"zone": "UTC", "weekly": {}}), instant("2026-11-24T09:00"))
    assert caught.value.code == "sla.never_open"


def test_a_target_beyond_the_horizon_is_refused() -> None:
    sundays = parse_calendar({"zone": "UTC", "weekly": {"sun": [["09:00", "09:01"]]}})
    with pytest.raises(DomainError) as caught:
        add(sundays, instant("2026-11-24T09:00"), 86_400)
    assert caught.value.code == "sla.unreachable"


def test_an_exception_replaces_its_day_and_may_carry_a_name() -> None:
    holiday = {"2026-12-25": {"intervals": [], "name": "Christmas", "is_public_holiday": True}}
    calendar = parse_calendar(MADRID | {"exceptions": holiday})
    assert open_segments(calendar, instant("2026-12-25T00:00"), instant("2026-12-26T00:00")) == []


def test_the_nominal_day_is_the_most_frequent_total_and_the_larger_of_a_tie() -> None:
    tie = {"mon": [["09:00", "17:00"]], "tue": [["09:00", "18:00"]]}
    assert nominal_day_seconds(parse_calendar(MADRID)) == 8 * 3600
    assert nominal_day_seconds(parse_calendar({"zone": "UTC", "weekly": tie})) == 9 * 3600
    assert nominal_day_seconds(parse_calendar({"always_open": True})) == 86_400


def test_a_fraction_of_a_second_is_neither_lost_nor_gained() -> None:
    begin = datetime(2026, 11, 24, 9, 0, 0, 250_000, tzinfo=UTC)
    always = parse_calendar({"always_open": True})
    assert add(always, begin, 60) == datetime(2026, 11, 24, 9, 1, 0, 250_000, tzinfo=UTC)


def test_steps_are_whole_minutes_rounded_down() -> None:
    assert [step_seconds(3601, percent) for percent in (1, 50, 80, 100, 125)] == [60, 1800, 2880, 3601, 4500]
