"""On-call facts of the exercise, by date (spec exercise 1): a test asks no package what a holiday is."""

from __future__ import annotations

from datetime import date
from typing import Any

ANCHOR = date(2027, 1, 4)
END = date(2028, 1, 3)
ZONE = "Europe/Madrid"
ENGINEERS = ("ines", "jonas", "kofi", "maeve")
ZONES = {"ines": ZONE, "jonas": "Europe/Berlin", "kofi": "America/New_York", "maeve": "Europe/Dublin", "amara": ZONE}


def _day(text: str) -> date:
    return _days(text)[0]


def _days(text: str) -> tuple[date, ...]:
    """Dates from words such as 01-06 or 2028-01-01; without a year it is 2027."""
    return tuple(date.fromisoformat(word if len(word) > len("01-06") else f"2027-{word}") for word in text.split())


MADRID = _days("01-06 03-19 03-25 03-26 05-01 05-03 10-12 11-01 12-06 12-08 12-25 2028-01-01")
HOLIDAYS = {
    "ines": MADRID,
    "jonas": _days("03-08 03-26 03-29 05-01 05-06 05-17 10-03 12-25 12-26 2028-01-01"),
    "kofi": _days("01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31 2028-01-01"),
    "maeve": _days("02-01 03-17 03-29 05-03 06-07 08-02 10-25 12-25 12-26 2028-01-01"),
    "amara": MADRID,
    "ruth": MADRID,
}
REGIONS = {
    "ines": "Madrid",
    "jonas": "Berlin",
    "kofi": "US federal",
    "maeve": "Ireland",
    "amara": "Madrid",
    "ruth": "Madrid",
}
# Where the real holidays of other years come from: country and part of it, of the package `holidays`.
COUNTRIES = {
    "ines": ("ES", "MD"),
    "jonas": ("DE", "BE"),
    "kofi": ("US", ""),
    "maeve": ("IE", ""),
    "amara": ("ES", "MD"),
    "ruth": ("ES", "MD"),
}
# Name, first and last day, who held it the year before.
MAJORS: list[tuple[str, date, date, str]] = [
    ("Easter", _day("03-26"), _day("03-29"), "ines"),
    ("Christmas", _day("12-24"), _day("12-26"), "jonas"),
    ("New Year", _day("12-31"), _day("2028-01-01"), "maeve"),
]
ABSENCES: list[tuple[str, date, date]] = [
    ("ines", _day("04-05"), _day("04-11")),
    ("ines", _day("08-02"), _day("08-15")),
    ("jonas", _day("02-08"), _day("02-14")),
    ("jonas", _day("07-12"), _day("07-25")),
    ("kofi", _day("05-17"), _day("05-23")),
    ("kofi", _day("11-22"), _day("11-28")),
    ("maeve", _day("06-07"), _day("06-13")),
    ("maeve", _day("08-23"), _day("09-05")),
    ("amara", _day("06-28"), _day("07-11")),
]
OPENING_ON = date(2027, 1, 3)
OPENINGS = {"ines": 4000, "jonas": -2000, "kofi": 1000, "maeve": -3000}
PIPELINES: dict[str, Any] = {
    "rotation": {
        "kind": "weekly",
        "start": "2027-01-04",
        "handoffs": [{"dow": "mon", "time": "15:00"}, {"dow": "fri", "time": "15:00"}],
    },
    "roles": [
        {"role": "primary", "slots": 1, "factor": 1, "planner": "fair-1"},
        {"role": "secondary", "slots": 1, "factor": 0.25, "planner": "fair-1"},
    ],
    "coverage": {"mode": "always", "holidays": "served"},
    "fairness": {"tolerance_percent": 10, "major_cap": 2},
}
WHOLE_WEEKS: dict[str, Any] = {"kind": "weekly", "start": "2027-01-04", "handoffs": [{"dow": "mon", "time": "15:00"}]}
YEAR_END: dict[str, Any] = {
    "name": "Year end",
    "first": date(2027, 12, 23),
    "last": date(2028, 1, 3),
    "time": "15:00",
    "rotation": {"kind": "daily", "start": "2027-12-23", "time": "15:00"},
    "rounds": 2,
}
# What each asks to be free of at the year's end, most wanted first.
WISHES = {
    "ines": _days("12-24 12-25 12-31"),
    "jonas": _days("12-24 12-26"),
    "kofi": _days("12-25 12-31"),
    "maeve": _days("12-25 12-26"),
}
QUESTIONS: dict[str, Any] = {
    "rotation": {"kind": "weekly", "start": "2027-01-04", "handoffs": [{"dow": "mon", "time": "09:00"}]},
    "roles": [
        {"role": "primary", "slots": 1, "factor": 1, "planner": "turns"},
        {"role": "partner", "slots": 1, "factor": 0, "planner": "turns"},
    ],
    "coverage": {
        "mode": "windows",
        "holidays": "absent",
        "windows": [{"dow": dow, "from": "09:00", "to": "17:30"} for dow in ("mon", "tue", "wed", "thu", "fri")],
    },
    "fairness": {},
}
DESK = ("amara", "ines", "jonas", "maeve")
PARTNERS = ("elif", "noor", "tomasz")
