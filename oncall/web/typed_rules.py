"""The few fields of the form of rules, and the rules they mean."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.instants import wall_instant
from oncall.domain.rotation import DOWS
from oncall.domain.rules import bad
from oncall.services.rotas import RulesDraft, Seat
from portal.accounts.models import Person
from portal.core.domain.zones import zone_names
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MIDNIGHT = time()
WORKDAYS = DOWS[:5]
ALWAYS = "always"


def typed_from(rules: RulesDraft) -> dict[str, Any]:
    """Rules as somebody would type them; what the form has no words for stays empty."""
    return {
        "members": ", ".join(dict.fromkeys(seat.person.handle for seat in rules.seats)),
        "handoffs": _handoffs_text(rules.rotation),
        "planner": rules.roles[0].get("planner", "fair-1"),
        "has_secondary": any(row["role"] == "secondary" for row in rules.roles),
        "hours": _hours_text(rules.coverage),
        "backups": ", ".join(step["rota"] for step in rules.cascade if step["kind"] == "rota"),
        "lead_last": any(step["kind"] == "lead" for step in rules.cascade),
    }


def rules_from(given: dict[str, Any], zone: str, at: datetime, former: RulesDraft | None = None) -> RulesDraft:
    """The rules that the form's few fields mean; of `former` rules everything stays that was not typed anew.

    Raises `DomainError` with the field.
    """
    if zone not in zone_names():
        raise bad("zone", "An IANA zone such as Europe/Madrid.")
    day = given["starts_on"]
    starts_at = max(wall_instant(day, MIDNIGHT, zone), at + timedelta(seconds=1))
    rules = RulesDraft(
        _roles(given, former.roles if former else ()), _rotation(given, former), _seats(given["members"], former),
        _coverage(given["hours"].strip(), former), former.fairness if former else {}, _cascade(given),
        starts_at=starts_at, ends_at=former.ends_at if former else None,
    )  # fmt: skip
    if rules.ends_at is not None and rules.ends_at <= starts_at:
        raise bad("starts_on", "The rota has ended by then.")
    return rules


def _rotation(given: dict[str, Any], former: RulesDraft | None) -> Mapping[str, Any]:
    typed = given["handoffs"].strip()
    if former is not None and typed == _handoffs_text(former.rotation):
        return former.rotation
    if not typed:
        raise bad("handoffs", "Write at least one handoff, such as mon 15:00.")
    handoffs = [_handoff(part) for part in typed.split(",") if part.strip()]
    return {"kind": "weekly", "start": given["starts_on"].isoformat(), "handoffs": handoffs}


def _handoffs_text(rotation: Mapping[str, Any]) -> str:
    return ", ".join(f"{row['dow']} {row['time']}" for row in rotation.get("handoffs", []))


def _handoff(text: str) -> dict[str, str]:
    words = text.split()
    if len(words) != 2 or words[0].lower()[:3] not in DOWS:  # noqa: PLR2004 (weekday and time)
        raise bad("handoffs", f"{text.strip()[:30]!r} is no handoff. Write mon 15:00.")
    return {"dow": words[0].lower()[:3], "time": words[1]}


def _roles(given: dict[str, Any], former: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Primary and secondary as typed; the other roles as they were."""
    planner, known = given["planner"], {row["role"]: row for row in former}
    first = known.get("primary", {"role": "primary", "slots": 1, "factor": 1})
    second = known.get("secondary", {"role": "secondary", "slots": 1, "factor": 0.25})
    named = [first, second] if given["has_secondary"] else [first]
    others = [row for row in former if row["role"] not in ("primary", "secondary")]
    return [*({**row, "planner": planner} for row in named), *others]


def _seats(typed: str, former: RulesDraft | None) -> list[Seat]:
    """The named people in this order; who was a member keeps roles, weight and days."""
    known: dict[str, list[Seat]] = {}
    for seat in former.seats if former else ():
        known.setdefault(seat.person.handle, []).append(seat)
    handles = dict.fromkeys(part.strip().lstrip("@") for part in typed.split(",") if part.strip())
    return [seat for handle in handles for seat in known.get(handle) or [Seat(_person(handle))]]


def _person(handle: str) -> Person:
    found = Person.objects.filter(handle=handle, state="active").first()
    if found is None:
        raise DomainError("oncall.unknown_person", f"There is no person {handle[:40]!r}.", "members")
    return found


def _coverage(typed: str, former: RulesDraft | None) -> Mapping[str, Any]:
    if former is not None and typed in ("", _hours_text(former.coverage)):
        return former.coverage
    if typed in ("", ALWAYS):
        return {"mode": "always", "holidays": "served"}
    begins, _, ends = typed.partition("-")
    windows = [{"dow": dow, "from": begins.strip(), "to": ends.strip()} for dow in WORKDAYS]
    return {"mode": "windows", "holidays": "absent", "windows": windows}


def _hours_text(coverage: Mapping[str, Any]) -> str:
    if coverage.get("mode", ALWAYS) == ALWAYS:
        return ALWAYS
    windows = coverage.get("windows", [])
    hours = {f"{row['from']}-{row['to']}" for row in windows if "to_dow" not in row}
    days = [row["dow"] for row in windows]
    return hours.pop() if len(hours) == 1 and sorted(days) == sorted(WORKDAYS) else ""


def _cascade(given: dict[str, Any]) -> list[dict[str, str]]:
    slugs = dict.fromkeys(part.strip() for part in given["backups"].split(",") if part.strip())
    named = [{"kind": "rota", "rota": slug} for slug in slugs]
    return [*named, {"kind": "lead"}] if given["lead_last"] else named
