"""Schedules of other systems become rules of the wall clock (spec oncall 13, H42)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oncall.domain.imported import differences, holders_by_hour, turn_rotation
from oncall.importers import formats
from tests.unit.oncall.test_rotations import utc

PAGERDUTY: dict[str, Any] = {
    "schedule": {
        "id": "PX",
        "name": "Data pager",
        "time_zone": "Europe/Madrid",
        "schedule_layers": [
            {
                "name": "Layer 1",
                "rotation_virtual_start": "2027-01-04T09:00:00+01:00",
                "rotation_turn_length_seconds": 604800,
                "users": [{"user": {"summary": "ines@demo.example"}}, {"user": {"summary": "jonas@demo.example"}}],
            }
        ],
        "overrides_subschedule": {
            "rendered_schedule_entries": [
                {
                    "start": "2027-01-06T00:00:00Z",
                    "end": "2027-01-07T00:00:00Z",
                    "user": {"summary": "kofi"},
                    "id": "O1",
                }
            ]
        },
        "final_schedule": {
            "rendered_schedule_entries": [
                {
                    "start": "2027-01-04T08:00:00Z",
                    "end": "2027-01-06T00:00:00Z",
                    "user": {"summary": "ines@demo.example"},
                },
                {"start": "2027-01-06T00:00:00Z", "end": "2027-01-07T00:00:00Z", "user": {"summary": "kofi"}},
                {
                    "start": "2027-01-07T00:00:00Z",
                    "end": "2027-01-11T08:00:00Z",
                    "user": {"summary": "ines@demo.example"},
                },
            ]
        },
    }
}


def test_604800_seconds_are_a_week_of_the_wall_clock() -> None:
    rotation = turn_rotation(604_800, utc("2027-01-04 08:00"), "Europe/Madrid")
    assert rotation == {
        "kind": "weekly",
        "start": "2027-01-04",
        "every": 1,
        "handoffs": [{"dow": "mon", "time": "09:00"}],
    }


@pytest.mark.parametrize(("seconds", "kind"), [(86_400, "daily"), (43_200, "hours"), (1_209_600, "weekly")])
def test_other_lengths(seconds: int, kind: str) -> None:
    assert turn_rotation(seconds, utc("2027-01-04 08:00"), "UTC")["kind"] == kind


def test_a_length_no_rule_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="5000 s"):
        turn_rotation(5000, utc("2027-01-04 08:00"), "UTC")


def test_pagerduty_is_read_and_agrees_with_its_own_rendered_schedule() -> None:
    fact = next(formats.pagerduty(PAGERDUTY))
    assert (fact.name, fact.zone, fact.members) == (
        "Data pager",
        "Europe/Madrid",
        (("ines@demo.example",), ("jonas@demo.example",)),
    )
    assert differences(fact, utc("2027-01-04 00:00")) == []


def test_a_week_over_the_clock_change_keeps_its_hour() -> None:
    fact = next(formats.pagerduty(PAGERDUTY))
    hours = holders_by_hour(fact, utc("2027-03-22 00:00"))
    changes = [n for n in range(1, 24 * 14) if hours[n] != hours[n - 1]]
    assert [utc("2027-03-22 00:00") + timedelta(hours=n) for n in changes] == [
        utc("2027-03-22 08:00"),
        utc("2027-03-29 07:00"),
    ]


def test_a_difference_is_listed_with_both_names() -> None:
    changed = {"schedule": PAGERDUTY["schedule"] | {"overrides_subschedule": {}}}
    fact = next(formats.pagerduty(changed))
    assert differences(fact, utc("2027-01-04 00:00")) == [(utc("2027-01-06 00:00"), "ines@demo.example", "kofi")]


def test_a_restriction_is_a_window() -> None:
    layer = PAGERDUTY["schedule"]["schedule_layers"][0] | {
        "restrictions": [{"type": "daily_restriction", "start_time_of_day": "22:00:00", "duration_seconds": 32400}]
    }
    fact = next(formats.pagerduty({"schedule": PAGERDUTY["schedule"] | {"schedule_layers": [layer]}}))
    assert fact.coverage["windows"][0] == {"dow": "mon", "from": "22:00", "to": "07:00"}


def test_opsgenie_is_read() -> None:
    data = {
        "schedules": [
            {
                "id": "S",
                "name": "Data",
                "timezone": "UTC",
                "rotations": [
                    {
                        "id": "R",
                        "name": "days",
                        "type": "daily",
                        "length": 2,
                        "startDate": "2027-01-04T09:00:00Z",
                        "participants": [{"type": "user", "username": "ines"}, {"type": "user", "username": "jonas"}],
                        "timeRestriction": {
                            "type": "weekday-and-time-of-day",
                            "restrictions": [{"startDay": "monday", "endDay": "friday", "startHour": 9, "endHour": 17}],
                        },
                    }
                ],
            }
        ],
        "forwardingRules": [
            {
                "id": "F",
                "fromUser": {"username": "ines"},
                "toUser": {"username": "kofi"},
                "startDate": "2027-02-01T00:00:00Z",
                "endDate": "2027-02-02T00:00:00Z",
            }
        ],
    }
    fact = next(formats.opsgenie(data))
    assert fact.rotation == {"kind": "daily", "start": "2027-01-04", "every": 2, "time": "09:00"}
    assert fact.coverage["windows"] == [{"dow": "mon", "from": "09:00", "to": "17:00", "to_dow": "fri"}]
    assert [entry.person for entry in fact.overrides] == ["kofi"]


def test_grafana_is_read_and_names_what_it_cannot_say() -> None:
    data = {
        "schedules": [{"id": "G", "name": "Data", "time_zone": "Europe/Berlin", "shifts": ["1", "2", "3"]}],
        "on_call_shifts": [
            {
                "id": "1",
                "type": "rolling_users",
                "level": 0,
                "frequency": "weekly",
                "interval": 1,
                "duration": 604800,
                "start": "2027-01-04T09:00:00",
                "rolling_users": [["ines"], ["jonas"]],
            },
            {
                "id": "2",
                "name": "nights",
                "type": "rolling_users",
                "level": 1,
                "frequency": "daily",
                "duration": 43200,
                "start": "2027-01-04T20:00:00",
                "rolling_users": [["kofi"]],
            },
            {"id": "3", "type": "override", "start": "2027-01-10T00:00:00", "duration": 86400, "users": ["maeve"]},
        ],
    }
    fact = next(formats.grafana(data))
    assert fact.rotation["handoffs"] == [{"dow": "mon", "time": "09:00"}]
    assert fact.inexpressible == ("shift nights of a higher level",)
    assert [(entry.person, entry.start) for entry in fact.overrides] == [("maeve", "2027-01-09T23:00:00+00:00")]


def test_a_calendar_becomes_fixed_blocks() -> None:
    body = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nX-WR-CALNAME:Pager\r\n"
        b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:ines\r\nDTSTART:20270104T090000Z\r\nDTEND:20270111T090000Z\r\nEND:VEVENT\r\n"
        b"BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:jonas\r\nDTSTART:20270106T090000Z\r\nDTEND:20270107T090000Z\r\nEND:VEVENT\r\n"
        b"END:VCALENDAR\r\n"
    )
    fact = next(formats.ical(body, "file"))
    assert (fact.name, fact.rotation["blocks"][0]["person"]) == ("Pager", "ines")
    assert [entry.person for entry in fact.overrides] == ["jonas"]
