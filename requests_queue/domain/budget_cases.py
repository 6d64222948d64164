"""Worked cases of the budget, format `budget-cases/1`: how a file from outside is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from portal.core.domain.quarter import Quarter
from requests_queue.domain import budget
from requests_queue.domain.budget import Balance, Change, Ruling, Terms
from requests_queue.domain.capacity import PersonTime, Place, capacity_of_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DAY = timedelta(days=1)
SATURDAY = 5
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
    """What a scenario expects and the functions do not give, one sentence each; empty when all holds."""
    terms = Terms(**{name: scenario[name] for name in ("floor_bp", "cap_bp", "small_max", "medium_max")})
    book = Book(Balance(scenario["opening_capacity_minutes"]), terms)
    faults = []
    for number, step in enumerate(scenario["steps"], start=1):
        given = OPERATIONS[step["op"]](book, step) | {"expected_after": _after(book)}
        faults += [
            f"step {number} {step['op']}: {name} is {given[name]!r}, expected {step[name]!r}"
            for name in sorted(set(step) & {"expected_size", "expected_decision", "expected_after"})
            if given.get(name) != step[name]
        ]
    if "final_ledger" in scenario and (found := _ledger(book)) != scenario["final_ledger"]:
        faults.append(f"final_ledger: {next(_differences(found, scenario['final_ledger']))}")
    return faults


def capacity_misses(example: Mapping[str, Any]) -> list[str]:
    """The same for the capacity of a team."""
    first, end = (date.fromisoformat(text) for text in example["quarter"])
    quarter = Quarter(first, end, "")
    days = {first + DAY * n for n in range((end - first).days)}
    working = {day for day in days if day.weekday() < SATURDAY and day.isoformat() not in example["holidays"]}
    minutes = {member["name"]: _minutes(member, working, quarter, example) for member in example["members"]}
    total = sum(minutes.values())
    terms = Terms()
    found = {
        "expected_minutes": minutes, "expected_total": total, "expected_floor": budget.floor_of(total, terms),
        "expected_cap": budget.cap_of(total, terms),
    }  # fmt: skip
    return [
        f"capacity: {name} is {value!r}, expected {example[name]!r}"
        for name, value in found.items()
        if name in example and value != example[name]
    ]


def _minutes(member: Mapping[str, Any], working: set[date], quarter: Quarter, example: Mapping[str, Any]) -> int:
    until = date.fromisoformat(member["to"]) if member.get("to") else None
    leave = {day for day in working for span in member.get("leave", []) if span[0] <= day.isoformat() < span[1]}
    place = Place((date.fromisoformat(member["from"]), until), member.get("fte_pct", 100))
    return capacity_of_person(PersonTime(working, leave, [place], example["minutes_per_day"]), quarter).minutes


def _file(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    estimate = int(step["estimate"])
    size = budget.size_of(estimate, book.terms, is_structural=bool(step.get("structural")))
    ruling = budget.decide(size, estimate, book.balance, book.terms, is_exempt=bool(step.get("exempt")))
    approved = ruling == Ruling.LEAD_APPROVAL and step.get("approved")
    if ruling in PASSES or approved or step.get("override"):
        book.post(budget.reserve(estimate), step["request"])
    return {"expected_size": size.value, "expected_decision": ruling.value}


def _spend(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    request = step["request"]
    book.post(budget.spend(int(step["minutes"]), book.reserved(request)), request)
    return {}


def _exempt_spend(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    book.post(budget.exempt_spend(int(step["minutes"])), step["request"])
    return {}


def _close(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    request = step["request"]
    book.closed.add(request)
    if left := book.reserved(request):
        book.post(budget.release(left), request)
    return {}


def _reverse(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    change, request, _ = book.entries[int(step["entry"]) - 1]
    book.post(budget.reverse(change), request, f"of {step['entry']}: {step.get('reason', '')}")
    return _close(book, {"request": request}) if request in book.closed else {}


def _capacity(book: Book, step: Mapping[str, Any]) -> dict[str, Any]:
    book.post(budget.adjust(int(step["minutes"])), "", str(step.get("reason", "")))
    return {}


OPERATIONS: dict[str, Callable[[Book, Mapping[str, Any]], dict[str, Any]]] = {
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


def _ledger(book: Book) -> list[dict[str, Any]]:
    return [
        {
            "n": n, "kind": change.kind.value, "request": request, "d_spent": change.d_spent,
            "d_reserved": change.d_reserved, "d_exempt": change.d_exempt, "d_capacity": change.d_capacity, "note": note,
        }
        for n, (change, request, note) in enumerate(book.entries, start=1)
    ]  # fmt: skip


def _differences(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> Iterator[str]:
    for mine, theirs in zip(found, expected, strict=False):
        if mine != theirs:
            yield f"{mine} is expected to be {theirs}"
    yield f"{len(found)} entries, expected {len(expected)}"
