"""Files of worked cases from outside: every variant of the format is read, and what cannot be is named by its place."""

from __future__ import annotations

import json
from copy import deepcopy
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

STRANGE: list[Any] = [
    None, True, -1, 1.5, 10**30, "", "x", "2026-02-30", "2026-11-24T10:00:00", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", "Mars/Base", "25:00", "\0", [], {}, [[]], [1, 2, 3], {"a": 1},
]  # fmt: skip
CASES = Path(__file__).parents[2] / "cases"
SLA = json.loads((CASES / "sla_cases.json").read_text())
BUDGET = json.loads((CASES / "budget_cases.json").read_text())
WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
BARE = {"calendar": "OFFICE", "start": "2026-11-24T10:00:00Z", "duration_seconds": 7200}


def run(command: str, path: Path) -> tuple[int, list[str]]:
    """The exit code and the lines of a check; a file that is none is told as its only line."""
    out = StringIO()
    try:
        call_command(command, str(path), stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    except CommandError as error:
        return error.returncode, [str(error).removeprefix(f"{path}: ")]
    return 0, out.getvalue().splitlines()


def spoilt(document: Any, draw: Random) -> Any:
    """A copy of a document with one value somewhere in it taken out or put in another's place."""
    made = deepcopy(document)
    places: list[tuple[Any, Any]] = []
    rest = [made]
    while rest:
        one = rest.pop()
        for key in one if isinstance(one, dict) else range(len(one)):
            places.append((one, key))
            if isinstance(one[key], dict | list):
                rest.append(one[key])
    holder, key = draw.choice(places)
    if draw.random() < 0.2:
        del holder[key]
    else:
        holder[key] = deepcopy(draw.choice(STRANGE))
    return made


@pytest.mark.parametrize(("name", "key"), [("sla", "cases"), ("budget", "scenarios")])
def test_one_strange_value_anywhere_in_a_file_is_told_by_its_place_and_never_a_traceback(
    name: str, key: str, tmp_path: Path
) -> None:
    whole = {"sla": SLA, "budget": BUDGET}[name]
    small = whole | {key: whole[key][:2]}
    if name == "sla":
        small["calendars"] = {called: SLA["calendars"][called] for called in {one["calendar"] for one in small[key]}}
    draw = Random(name)  # noqa: S311 (the same files in every run)
    for _ in range(60):
        code, lines = checked(f"verify_{name}_cases", spoilt(small, draw), tmp_path)
        assert code in {0, 1}
        assert lines
        if code:
            assert len(lines[0].split(": ", 1)) == 2, lines[0]


def checked(command: str, document: Any, folder: Path) -> tuple[int, list[str]]:
    path = folder / "cases.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return run(command, path)


def sla(cases: Any, calendars: Any, folder: Path) -> tuple[int, list[str]]:
    return checked("verify_sla_cases", {"calendars": calendars, "cases": cases}, folder)


def scenario(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = deepcopy(BUDGET["scenarios"][0]) | changes
    return made


@pytest.mark.parametrize(("name", "count"), [("sla", 70), ("budget", 11)])
def test_the_shipped_files_hold(name: str, count: int) -> None:
    assert run(f"verify_{name}_cases", CASES / f"{name}_cases.json") == (0, [f"{count} of {count}"])


@pytest.mark.parametrize(
    ("zone", "start", "seconds", "due"),
    [
        ("Australia/Lord_Howe", "2026-10-02T15:30:00+10:30", 7200, "2026-10-05T09:30:00+11:00"),
        ("Asia/Kolkata", "2026-11-27T16:30:00+05:30", 3600, "2026-11-30T09:30:00+05:30"),
        ("America/St_Johns", "2026-10-30T16:00:00-02:30", 7200, "2026-11-02T10:00:00-03:30"),
        ("Europe/Kiev", "2026-10-23T16:00:00+03:00", 7200, "2026-10-26T10:00:00+02:00"),
        ("Pacific/Apia", "2026-11-24T09:00:00+13:00", 28_800, "2026-11-24T17:00:00+13:00"),
    ],
)
def test_other_zones_and_changes_of_offset_are_checked(
    zone: str, start: str, seconds: int, due: str, tmp_path: Path
) -> None:
    case = {"calendar": {"tz": zone, "weekly": WEEK}, "start": start, "duration_seconds": seconds}
    assert sla([case | {"expected_due": due, "expected_due_local": due}], {}, tmp_path) == (0, ["1 of 1"])


def test_what_a_case_leaves_out_is_not_compared(tmp_path: Path) -> None:
    bare = BARE | {"pauses": None, "stop_at": None, "expected_outcome": "met"}
    assert sla([bare, BARE], {"OFFICE": {"zone": "UTC", "weekly": WEEK}}, tmp_path) == (0, ["2 of 2"])
    short = {"steps": [{"op": "file", "request": "A", "estimate": 60}], "opening_capacity_minutes": 60_000}
    assert checked("verify_budget_cases", {"scenarios": [short]}, tmp_path) == (0, ["1 of 1"])


def test_a_file_without_cases_has_none_that_fails(tmp_path: Path) -> None:
    assert sla([], {}, tmp_path) == (0, ["0 of 0"])
    assert checked("verify_budget_cases", {"scenarios": []}, tmp_path) == (0, ["0 of 0"])


@pytest.mark.parametrize("name", ["expected_due", "expected_due_local", "expected_breach_at", "expected_warn_80"])
def test_a_wrong_instant_is_a_miss_also_where_nothing_was_expected_to_be_reached(name: str, tmp_path: Path) -> None:
    for wrong in ("2026-11-24T17:00:01Z", None):
        code, lines = sla([SLA["cases"][0] | {name: wrong}, SLA["cases"][1]], SLA["calendars"], tmp_path)
        assert (code, lines[-1], lines[0].startswith(f"dev-001: {name}: expected ")) == (1, "1 of 2", True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"calendar": "NOWHERE"}, "cases[0].calendar: The file has no calendar called 'NOWHERE'."),
        ({"start": "2026-11-24T10:00:00"}, "cases[0].start: '2026-11-24T10:00:00' has no offset."),
        ({"start": "soon"}, "cases[0].start: 'soon' is no instant."),
        ({"duration_seconds": "7200"}, "cases[0].duration_seconds: A whole number from 1 to 31,536,000"),
        ({"duration_seconds": True}, "cases[0].duration_seconds: A whole number from 1 to 31,536,000"),
        ({"pauses": [{"to": "2026-11-24T10:00:00Z"}]}, "cases[0].pauses[0].from: This is missing."),
        ({"pauses": {}}, "cases[0].pauses: A list is expected here, not an object."),
        ({"calendar": {"tz": "Mars/Olympus"}}, "cases[0].calendar.zone: 'Mars/Olympus' is no IANA zone."),
        ({"expected_due": 5}, "cases[0].expected_due: A text is expected here, not a number."),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place_and_the_others_are_still_checked(
    change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    code, lines = sla([BARE | change, BARE], {"OFFICE": {"zone": "UTC", "weekly": WEEK}}, tmp_path)
    assert (code, lines[1]) == (1, "1 of 2")
    assert lines[0].startswith(f"cases[0]: {tmp_path}/cases.json: {told}")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "line 1: This is not JSON: "),
        ("[]", "An object is expected here, not a list."),
        ('{"cases": [], "cases": []}', "cases: This key stands twice in one object."),
        ('{"cases": NaN}', "NaN: NaN is no number of JSON."),
        ({"calendars": {}}, "cases: This is missing."),
        ({"cases": {}}, "cases: A list is expected here, not an object."),
        ({"format": "budget-cases/1", "cases": []}, "format: This file is 'budget-cases/1'; a file of sla-cases/1 is"),
    ],
)
def test_another_file_is_refused_with_its_place(document: Any, told: str, tmp_path: Path) -> None:
    code, lines = checked("verify_sla_cases", document, tmp_path)
    assert (code, lines[0][: len(told)]) == (1, told)


def test_a_file_that_is_not_there_or_no_text_is_refused_with_a_remedy(tmp_path: Path) -> None:
    told = "No such file or directory. Give the path of a JSON file of the format budget-cases/1."
    assert run("verify_budget_cases", tmp_path / "none.json") == (1, [told])
    (tmp_path / "picture").write_bytes(b"\xff\xfe\x00")
    assert run("verify_budget_cases", tmp_path / "picture") == (1, ["this is not a text in UTF-8. Save it as UTF-8."])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"expected_size": "medium"}, "step 1 file: expected_size is 'small', expected 'medium'"),
        ({"expected_decision": "DEFER"}, "step 1 file: expected_decision is 'ACCEPT', expected 'DEFER'"),
        ({"expected_after": {"used": 91}}, "step 1 file: expected_after: used is 90, expected 91"),
        ({"expected_after": {"U": 90}}, "scenarios[0].steps[0].expected_after.U: Nothing is called so."),
        ({"op": "borrow"}, "scenarios[0].steps[0].op: Write one of file, spend, exempt_spend, close, reverse"),
        ({"estimate": -5}, "scenarios[0].steps[0].estimate: A whole number from 1"),
        ({"op": "reverse", "entry": 7}, "scenarios[0].steps[0].entry: The ledger has 0 entries at this step."),
    ],
)
def test_a_wrong_step_is_a_miss_with_its_place(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    wrong = scenario()
    wrong["steps"][0] |= change
    code, lines = checked("verify_budget_cases", {"scenarios": [wrong]}, tmp_path)
    assert (code, lines[-1]) == (1, "0 of 1")
    assert lines[0].replace(f"{tmp_path}/cases.json: ", "").startswith(f"{wrong['name']}: {told}")


def test_a_ledger_is_compared_entry_by_entry_and_by_its_length(tmp_path: Path) -> None:
    wrong = scenario()
    wrong["final_ledger"] = [{"kind": "SPEND"}, *wrong["final_ledger"][1:-1]]
    count = len(wrong["final_ledger"])
    assert checked("verify_budget_cases", {"scenarios": [wrong]}, tmp_path)[1][:2] == [
        f"{wrong['name']}: final_ledger: entry 1: kind is 'RESERVE', expected 'SPEND'",
        f"{wrong['name']}: final_ledger: {count + 1} entries, expected {count}",
    ]


def test_a_team_without_holidays_or_leave_is_counted_by_the_usual_day(tmp_path: Path) -> None:
    team = {"quarter": ["2027-01-01", "2027-04-01"], "members": [{"name": "Ada"}], "expected_total": 30_720}
    assert checked("verify_budget_cases", {"scenarios": [], "capacity_example": team}, tmp_path) == (0, ["1 of 1"])
    team["members"].append({"name": "Ben", "leave": [["2027-01-04"]]})  # type: ignore[attr-defined]
    told = f"capacity_example: {tmp_path}/cases.json: capacity_example.members[1].leave[0]: A list of two is expected"
    assert checked("verify_budget_cases", {"scenarios": [], "capacity_example": team}, tmp_path)[1][0].startswith(told)
