"""A rota as another system describes it: plain values, and how its rules are said here (spec oncall 13)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.coverage import covered_spans, restrict
from oncall.domain.instants import wall_instant
from oncall.domain.rotation import DOWS, blocks, wall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.rotation import Block

DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
WEEK_DAYS = 7
COMPARED = timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """Somebody holds a stretch: an override, or a line of the source's own rendered schedule."""

    person: str
    start: str
    end: str
    external_id: str = ""


@dataclass(frozen=True)
class RotaFact:
    """One schedule. Members and entries name people as the source does; `rendered` is what the source itself says."""

    external_id: str
    name: str
    zone: str
    rotation: dict[str, Any]
    members: tuple[tuple[str, ...], ...]
    coverage: dict[str, Any] = field(default_factory=lambda: {"mode": "always"})
    overrides: tuple[Entry, ...] = ()
    rendered: tuple[Entry, ...] = ()
    inexpressible: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rota_from_json(facts: dict[str, Any]) -> RotaFact:
    """The fact again from its staged form."""
    rest = {
        key: value for key, value in facts.items() if key not in ("members", "overrides", "rendered", "inexpressible")
    }
    return RotaFact(
        **rest,
        members=tuple(tuple(seat) for seat in facts["members"]),
        overrides=tuple(Entry(**row) for row in facts["overrides"]),
        rendered=tuple(Entry(**row) for row in facts["rendered"]),
        inexpressible=tuple(facts["inexpressible"]),
    )


def turn_rotation(seconds: int, first: datetime, zone: str) -> dict[str, Any]:
    """A turn of so many seconds from an instant, as a rule of the wall clock.

    Whole weeks become weekly handoffs and whole days daily ones, so that a week with a clock change keeps its hour;
    what is shorter than a day becomes turns of hours. Raises ValueError for a length no rule can say.
    """
    local = first.astimezone(ZoneInfo(zone))
    start, clock = local.date().isoformat(), f"{local:%H:%M}"
    if seconds > 0 and seconds % (WEEK_DAYS * DAY_SECONDS) == 0:
        handoffs = [{"dow": DOWS[local.weekday()], "time": clock}]
        return {"kind": "weekly", "start": start, "every": seconds // (WEEK_DAYS * DAY_SECONDS), "handoffs": handoffs}
    if seconds > 0 and seconds % DAY_SECONDS == 0:
        return {"kind": "daily", "start": start, "every": seconds // DAY_SECONDS, "time": clock}
    if 0 < seconds < DAY_SECONDS and seconds % HOUR_SECONDS == 0:
        return {"kind": "hours", "every": seconds // HOUR_SECONDS, "time": clock}
    message = f"a turn of {seconds} s"
    raise ValueError(message)


def first_turn(fact: RotaFact) -> datetime:
    """When the first member's turn began: the rotation's day at its handoff."""
    rotation = fact.rotation
    if rotation["kind"] == "fixed":
        return instant(rotation["blocks"][0]["start"])
    clock = rotation["handoffs"][0]["time"] if "handoffs" in rotation else rotation.get("time", "00:00")
    day = datetime.fromisoformat(rotation.get("start", "2020-01-01")).date()
    return wall_instant(day, wall(clock), fact.zone)


def turns(fact: RotaFact, until: datetime) -> list[Block]:
    """The turns from the first one on; the turn of index n is that of member n modulo their number."""
    begins = first_turn(fact)
    if until <= begins:
        return []
    found = blocks(fact.rotation, fact.zone, begins, until)
    return restrict(found, covered_spans(fact.coverage, fact.zone, begins, until))


def in_step(fact: RotaFact, at: datetime) -> tuple[tuple[str, ...], ...]:
    """The members in the order in which they serve from the instant on, so that an import keeps whose turn it is."""
    served = len([block for block in turns(fact, at) if block.end > block.start])
    shift = (served - 1) % len(fact.members) if fact.members else 0
    return fact.members[shift:] + fact.members[:shift]


def holders_by_hour(fact: RotaFact, start: datetime) -> list[str]:
    """Who is on call in each of the 2,160 hours from `start` by our reading: turns in order, overrides over them."""
    hours = [""] * int(COMPARED / timedelta(hours=1))
    for n, block in enumerate(turns(fact, start + COMPARED)):
        seat = fact.members[n % len(fact.members)] if fact.members else ("",)
        for low, high in block.served:
            _fill(hours, start, low, high, block.fixed or seat[0])
    for entry in fact.overrides:
        _fill(hours, start, instant(entry.start), instant(entry.end), entry.person)
    return hours


def differences(fact: RotaFact, start: datetime) -> list[tuple[datetime, str, str]]:
    """Each stretch in which our reading and the source's rendered schedule name different people; empty without one."""
    if not fact.rendered:
        return []
    ours, theirs = holders_by_hour(fact, start), [""] * int(COMPARED / timedelta(hours=1))
    for entry in fact.rendered:
        _fill(theirs, start, instant(entry.start), instant(entry.end), entry.person)
    last = max(instant(entry.end) for entry in fact.rendered)
    first = min(instant(entry.start) for entry in fact.rendered)
    found: list[tuple[datetime, str, str]] = []
    for n, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
        at = start + timedelta(hours=n)
        if first <= at < last and mine != yours and (not found or found[-1][1:] != (mine, yours)):
            found.append((at, mine, yours))
    return found


def instant(text: str) -> datetime:
    """An instant with its offset; one without is UTC."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)


def _fill(hours: list[str], start: datetime, low: datetime, high: datetime, person: str) -> None:
    """An hour belongs to who holds its beginning."""
    first = max(0, -((start - low) // timedelta(hours=1)))
    last = min(len(hours), -((start - high) // timedelta(hours=1)))
    for n in range(first, last):
        hours[n] = person


def people_in(facts: Sequence[RotaFact]) -> list[str]:
    """Every name that must be settled, in order."""
    names = [name for fact in facts for seat in fact.members for name in seat]
    names += [entry.person for fact in facts for entry in fact.overrides]
    return list(dict.fromkeys(name for name in names if name))
