"""Worked cases of the budget, format `budget-cases/1`: how a file from outside is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from portal.core.domain.case_files import Place as At
from portal.core.domain.quarter import Quarter
from portal.core.errors import DomainError
from requests_queue.domain import budget
from requests_queue.domain.budget import Balance, Change, Ruling, Terms
from requests_queue.domain.capacity import PersonTime, Place, capacity_of_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMAT = "budget-cases/1"
DAY = timedelta(days=1)
SATURDAY = 5
MOST_BP = 10_000
DAY_MINUTES, MOST_DAY = 480, 1_440
EXPECTED = ("expected_size", "expected_decision")
PASSES = {Ruling.ACCEPT, Ruling.ACCEPT_AMBER}


@dataclass
class Book:
    """A ledger in memory: entries in order with their request, and what each request has reserved."""

    balance: Balance
    terms: Terms
    entries: list[tuple[Change, str, str]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    def post(self, change: Change, request: str = "", note: str = "") -> None:
        self.entries.append((change, request, note))
        self.balance = budget.apply(self.balance, change)

    def reserved(self, request: str) -> int:
        return sum(change.d_reserved for change, of, _ in self.entries if of == request)


def scenario_misses(scenario: Mapping[str, Any]) -> list[str]:
    """What a scenario expects and the functions do not give, one sentence each; empty when all holds.

    Only what it expects is compared. Raises `DomainError` with the place that cannot be read.
    """
    return scenario_misses_at(At(scenario, ""))


def scenario_misses_at(scenario: At) -> list[str]:
    """The same for a scenario where it stands in its file."""
    book = Book(Balance(scenario.at("opening_capacity_minutes").whole(0)), _terms(scenario))
    faults = []
    for number, step in enumerate(scenario.at("steps").items(), start=1):
        op = step.at("op").text()
        if op not in OPERATIONS:
            step.at("op").fault(f"Write one of {', '.join(OPERATIONS)}.")
        given = _done(OPERATIONS[op], book, step)
        where = f"step {number} {op}"
        faults += [
            f"{where}: {name} is {given[name]!r}, expected {step.value[name]!r}"
            for name in EXPECTED
            if name in step.value and given.get(name, "nothing") != step.value[name]
        ]
        faults += [
            f"{where}: expected_after: {fault}" for fault in _unlike(_after(book), step.at("expected_after", {}))
        ]
    return faults + _ledger_misses(book, scenario)


def capacity_misses(example: Mapping[str, Any]) -> list[str]:
    """The same for the capacity of a team."""
    return capacity_misses_at(At(example, ""))


def capacity_misses_at(example: At) -> list[str]:
    """The same for the capacity of a team where it stands in its file."""
    first, end = (place.day() for place in example.at("quarter").pair())
    quarter = Quarter(first, end, "")
    closed = {place.day() for place in example.at("holidays", []).items()}
    days = {first + DAY * n for n in range((end - first).days)}
    working = {day for day in days if day.weekday() < SATURDAY and day not in closed}
    nominal = example.at("minutes_per_day", DAY_MINUTES).whole(1, MOST_DAY)
    members = list(example.at("members").items())
    minutes = {member.at("name").text(): _minutes(member, working, quarter, nominal) for member in members}
    total, terms = sum(minutes.values()), _terms(example)
    found = {
        "expected_minutes": minutes, "expected_total": total, "expected_floor": budget.floor_of(total, terms),
        "expected_cap": budget.cap_of(total, terms),
    }  # fmt: skip
    return [
        f"{name} is {value!r}, expected {example.value[name]!r}"
        for name, value in found.items()
        if name in example.value and value != example.value[name]
    ]


def _terms(of: At) -> Terms:
    """The band and the sizes that are named; the usual ones stand for the rest."""
    usual = Terms()
    floor_bp = of.at("floor_bp", usual.floor_bp).whole(1, MOST_BP)
    cap_bp = of.at("cap_bp", usual.cap_bp).whole(1, MOST_BP)
    if floor_bp > cap_bp:
        of.at("cap_bp", cap_bp).fault("The cap is under the floor.")
    sizes = [of.at(name, getattr(usual, name)).whole(1) for name in ("small_max", "medium_max")]
    return Terms(floor_bp, cap_bp, *sizes)


def _minutes(member: At, working: set[date], quarter: Quarter, nominal: int) -> int:
    first = member.at("from").day() if member.has("from") else quarter.starts_on
    until = member.at("to").day() if member.has("to") else None
    away = [(begin.day(), end.day()) for begin, end in (span.pair() for span in member.at("leave", []).items())]
    leave = {day for day in working for begin, end in away if begin <= day < end}
    place = Place((first, until), member.at("fte_pct", 100).whole(0, 100))
    return capacity_of_person(PersonTime(working, leave, [place], nominal), quarter).minutes


def _done(run: Callable[[Book, At], dict[str, Any]], book: Book, step: At) -> dict[str, Any]:
    """One step; what the domain refuses is told with the place of the step."""
    try:
        return run(book, step)
    except DomainError as error:
        if error.code == "core.bad_case":
            raise
        raise DomainError(error.code, error.message, step.path) from None


def _file(book: Book, step: At) -> dict[str, Any]:
    estimate = step.at("estimate").whole(1)
    size = budget.size_of(estimate, book.terms, is_structural=step.at("structural", default=False).flag())
    exempt = step.at("exempt", default=False).flag()
    ruling = budget.decide(size, estimate, book.balance, book.terms, is_exempt=exempt)
    approved = ruling == Ruling.LEAD_APPROVAL and step.at("approved", default=False).flag()
    if ruling in PASSES or approved or step.at("override", default=False).flag():
        book.post(budget.reserve(estimate), step.at("request").text())
    return {"expected_size": size.value, "expected_decision": ruling.value}


def _spend(book: Book, step: At) -> dict[str, Any]:
    request = step.at("request").text()
    book.post(budget.spend(step.at("minutes").whole(1), book.reserved(request)), request)
    return {}


def _exempt_spend(book: Book, step: At) -> dict[str, Any]:
    book.post(budget.exempt_spend(step.at("minutes").whole(1)), step.at("request").text())
    return {}


def _close(book: Book, step: At) -> dict[str, Any]:
    _release(book, step.at("request").text())
    return {}


def _release(book: Book, request: str) -> None:
    book.closed.add(request)
    if left := book.reserved(request):
        book.post(budget.release(left), request)


def _reverse(book: Book, step: At) -> dict[str, Any]:
    number = step.at("entry").whole(1)
    if number > len(book.entries):
        step.at("entry").fault(f"The ledger has {len(book.entries)} entries at this step.")
    change, request, _ = book.entries[number - 1]
    book.post(budget.reverse(change), request, f"of {number}: {step.at('reason', '').text()}")
    if request in book.closed:
        _release(book, request)
    return {}


def _capacity(book: Book, step: At) -> dict[str, Any]:
    minutes = step.at("minutes")
    if not isinstance(minutes.value, int) or isinstance(minutes.value, bool):
        minutes.fault("A whole number of minutes is expected here; fewer are negative.")
    book.post(budget.adjust(minutes.value), "", step.at("reason", "").text())
    return {}


OPERATIONS: dict[str, Callable[[Book, At], dict[str, Any]]] = {
    "file": _file, "spend": _spend, "exempt_spend": _exempt_spend, "close": _close, "reverse": _reverse,
    "capacity": _capacity,
}  # fmt: skip


def _after(book: Book) -> dict[str, Any]:
    balance = book.balance
    return {
        "C": balance.capacity, "F": budget.floor_of(balance.capacity, book.terms),
        "K": budget.cap_of(balance.capacity, book.terms), "spent": balance.spent, "reserved": balance.reserved,
        "exempt": balance.exempt, "used": balance.used, "state": budget.state_of(balance, book.terms),
    }  # fmt: skip


def _unlike(found: Mapping[str, Any], expected: At) -> Iterator[str]:
    """Where an object of the file differs from what came out; what it leaves out is not compared."""
    if not isinstance(expected.value, dict):
        expected.fault("An object is expected here.")
    for name, value in expected.value.items():
        if name not in found:
            expected.at(name).fault(f"Nothing is called so. There are {', '.join(found)}.")
        if found[name] != value or isinstance(value, bool):
            yield f"{name} is {found[name]!r}, expected {value!r}"


def _ledger_misses(book: Book, scenario: At) -> list[str]:
    if not scenario.has("final_ledger"):
        return []
    found, given = _ledger(book), list(scenario.at("final_ledger").items())
    faults = [
        f"final_ledger: entry {mine['n']}: {fault}"
        for mine, theirs in zip(found, given, strict=False)
        for fault in _unlike(mine, theirs)
    ]
    if len(found) != len(given):
        faults.append(f"final_ledger: {len(found)} entries, expected {len(given)}")
    return faults


def _ledger(book: Book) -> list[dict[str, Any]]:
    return [
        {
            "n": n, "kind": change.kind.value, "request": request, "d_spent": change.d_spent,
            "d_reserved": change.d_reserved, "d_exempt": change.d_exempt, "d_capacity": change.d_capacity, "note": note,
        }
        for n, (change, request, note) in enumerate(book.entries, start=1)
    ]  # fmt: skip
