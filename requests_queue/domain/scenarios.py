"""What if: the plan and a list of changes through the same pure functions (spec budget 5, "What-if").

A change is an object with `kind`; dates are ISO days, `to` is the last day. Nothing is written by any of this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError
from requests_queue.domain.budget import MOST_CAP_BP, Balance, Terms, forecast, state_of
from requests_queue.domain.capacity import PersonTime, Place, capacity_of_person
from requests_queue.domain.plan import Placed, Uses, Work, placed, uses_of
from requests_queue.domain.upkeep import effect_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portal.core.domain.quarter import Quarter

MOST_CHANGES = 30
MOST_MINUTES = 1_000_000
NEW = -1


@dataclass(frozen=True)
class Member:
    """A person of the team and what they can give."""

    handle: str
    name: str
    time: PersonTime


@dataclass(frozen=True)
class Line:
    """A line of the list, with its name and the short names of the teams that asked for it."""

    work: Work
    title: str
    asked_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """Everything a scenario starts from; `extra` is capacity adjusted by hand, `recent` the spend a working day."""

    quarter: Quarter
    members: tuple[Member, ...]
    team_days: tuple[date, ...]
    maintenance: int
    oncall: int
    week_minutes: int
    lines: tuple[Line, ...]
    terms: Terms
    balance: Balance
    extra: int = 0
    recent: tuple[int, ...] = ()
    days_left: int = 0


@dataclass(frozen=True)
class Outcome:
    """What comes out; `minutes_over` is what no plan could promise."""

    uses: Uses
    planned: int
    minutes_over: int
    used: int
    state: str
    forecast: int
    rows: tuple[Placed, ...]
    titles: Mapping[int, str]
    by_person: Mapping[str, int]

    @property
    def fitting(self) -> int:
        return sum(row.side == "fits" for row in self.rows)


@dataclass(frozen=True)
class Slip:
    """A line that changes its side of a cut; "" is not there."""

    title: str
    was: str
    now: str


def evaluate(facts: Facts) -> Outcome:
    """The quarter as it stands: capacity, uses, lines, forecast."""
    by_person = {one.handle: capacity_of_person(one.time, facts.quarter).minutes for one in facts.members}
    capacity = max(0, sum(by_person.values()) + facts.extra)
    uses = uses_of(capacity, facts.maintenance, facts.oncall, facts.terms)
    rows = placed([line.work for line in facts.lines], uses)
    balance = replace(facts.balance, capacity=capacity)
    planned = sum(line.work.minutes for line in facts.lines)
    return Outcome(
        uses, planned, max(0, planned - uses.line_2), balance.used, state_of(balance, facts.terms),
        forecast(balance, uses.cap, facts.recent, facts.days_left).minutes, tuple(rows),
        {line.work.key: line.title for line in facts.lines}, by_person,
    )  # fmt: skip


def changed(facts: Facts, changes: Sequence[Mapping[str, Any]]) -> Facts:
    """The facts after all changes, in order; raises `DomainError` (`plan.bad_scenario`) naming the change."""
    if len(changes) > MOST_CHANGES:
        raise DomainError("plan.bad_scenario", f"At most {MOST_CHANGES} changes.", "changes")
    for n, change in enumerate(changes):
        apply = CHANGES.get(str(change.get("kind", "")))
        if apply is None:
            raise _wrong(n, "kind", f"Write one of {', '.join(CHANGES)}.")
        facts = apply(facts, _Given(n, change))
    return facts


def slips(before: Outcome, after: Outcome) -> list[Slip]:
    """Lines that stand on another side of a cut than before, came or went."""
    was = {row.work.key: row.side for row in before.rows}
    now = {row.work.key: row.side for row in after.rows}
    keys = [*was, *(key for key in now if key not in was)]
    titles = {**before.titles, **after.titles}
    return [
        Slip(titles[key], was.get(key, ""), now.get(key, "")) for key in keys if was.get(key, "") != now.get(key, "")
    ]


def _wrong(n: int, field: str, message: str) -> DomainError:
    return DomainError("plan.bad_scenario", message, f"changes.{n}.{field}")


@dataclass(frozen=True)
class _Given:
    """One change, read field by field."""

    n: int
    raw: Mapping[str, Any]

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(str(self.raw.get(name, "")))
        except ValueError:
            raise _wrong(self.n, name, "Write a day such as 2027-02-01.") from None

    def number(self, name: str, low: int, high: int) -> int:
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(self.n, name, f"A whole number from {low:,} to {high:,}.")
        return value

    def member(self, facts: Facts) -> Member:
        for one in facts.members:
            if one.handle == self.raw.get("person"):
                return one
        raise _wrong(self.n, "person", "Name a member of the team by handle.")

    def line(self, facts: Facts) -> Line:
        for one in facts.lines:
            if one.work.key == self.raw.get("item"):
                return one
        raise _wrong(self.n, "item", "Name a line of this plan by its number.")


def _with_time(facts: Facts, member: Member, time: PersonTime) -> Facts:
    members = tuple(replace(one, time=time) if one is member else one for one in facts.members)
    return replace(facts, members=members)


def _leave(facts: Facts, given: _Given) -> Facts:
    member, first, last = given.member(facts), given.day("from"), given.day("to")
    if last < first:
        raise _wrong(given.n, "to", "The last day stands before the first.")
    days = {day for day in member.time.open_days if first <= day <= last}
    return _with_time(facts, member, replace(member.time, leave_days={*member.time.leave_days, *days}))


def _leaver(facts: Facts, given: _Given) -> Facts:
    member, gone = given.member(facts), given.day("from")
    places = [
        replace(place, days=(place.days[0], gone if place.days[1] is None else min(place.days[1], gone)))
        for place in member.time.places
    ]
    return _with_time(facts, member, replace(member.time, places=places))


def _embed(facts: Facts, given: _Given) -> Facts:
    """Somebody works inside another team: their time leaves, and with it the lines that this team alone asked for.

    Their place on the rota stays, as on-call is the team's promise and not the person's.
    """
    member, team = given.member(facts), str(given.raw.get("team", ""))
    if not team:
        raise _wrong(given.n, "team", "Name the team by its short name.")
    kept = tuple(line for line in facts.lines if line.asked_by != {team})
    return replace(_with_time(facts, member, replace(member.time, places=())), lines=kept)


def _joiner(facts: Facts, given: _Given) -> Facts:
    place = Place((given.day("from"), None), given.number("fte", 1, 100))
    time = PersonTime(facts.team_days, (), [place])
    return replace(facts, members=(*facts.members, Member(f"new-{given.n}", "Somebody new", time)))


def _oncall_weeks(facts: Facts, given: _Given) -> Facts:
    more = given.number("weeks", -53, 53) * facts.week_minutes
    return replace(facts, oncall=max(0, facts.oncall + more))


def _add_item(facts: Facts, given: _Given) -> Facts:
    title = str(given.raw.get("title", "")).strip()[:200] or "Something new"
    work = Work(NEW - given.n, given.number("minutes", 1, MOST_MINUTES))
    return replace(facts, lines=(*facts.lines, Line(work, title)))


def _drop_item(facts: Facts, given: _Given) -> Facts:
    gone = given.line(facts)
    return replace(facts, lines=tuple(line for line in facts.lines if line is not gone))


def _resize_item(facts: Facts, given: _Given) -> Facts:
    line, minutes = given.line(facts), given.number("minutes", 1, MOST_MINUTES)
    sized = replace(line, work=replace(line.work, minutes=minutes))
    return replace(facts, lines=tuple(sized if one is line else one for one in facts.lines))


def _pull_in(facts: Facts, given: _Given) -> Facts:
    minutes = given.number("minutes", 1, MOST_MINUTES)
    return replace(facts, balance=replace(facts.balance, reserved=facts.balance.reserved + minutes))


def _pipeline_added(facts: Facts, given: _Given) -> Facts:
    first, _ = effect_of([given.number("tier", 1, 4)], [])
    return replace(facts, maintenance=facts.maintenance + first)


def _set_band(facts: Facts, given: _Given) -> Facts:
    floor, cap = given.number("floor_bp", 1, MOST_CAP_BP), given.number("cap_bp", 1, MOST_CAP_BP)
    if floor > cap:
        raise _wrong(given.n, "cap_bp", "The cap is not under the floor.")
    return replace(facts, terms=replace(facts.terms, floor_bp=floor, cap_bp=cap))


CHANGES: dict[str, Callable[[Facts, _Given], Facts]] = {
    "leave": _leave, "leaver": _leaver, "joiner": _joiner, "oncall_weeks": _oncall_weeks, "add_item": _add_item,
    "drop_item": _drop_item, "resize_item": _resize_item, "pull_in": _pull_in, "pipeline_added": _pipeline_added,
    "set_band": _set_band, "embed": _embed,
}  # fmt: skip


WORDS: dict[str, tuple[tuple[str, type], ...]] = {
    "leave": (("person", str), ("from", str), ("to", str)), "leaver": (("person", str), ("from", str)),
    "joiner": (("fte", int), ("from", str)), "oncall_weeks": (("weeks", int),), "drop_item": (("item", int),),
    "add_item": (("minutes", int), ("title", str)), "resize_item": (("item", int), ("minutes", int)),
    "pull_in": (("minutes", int),), "pipeline_added": (("tier", int),),
    "set_band": (("floor_bp", int), ("cap_bp", int)), "embed": (("person", str), ("team", str)),
}  # fmt: skip


def names_a_person(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a what-if is about somebody of the team: how much time a person gives is theirs and the lead's to see."""
    return any("person" in dict(WORDS.get(str(change.get("kind", "")), ())) for change in changes)


def teams_named(changes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The teams that changes name, each with its field."""
    shapes = [(n, change, dict(WORDS.get(str(change.get("kind", "")), ()))) for n, change in enumerate(changes)]
    return [(f"changes.{n}.team", str(change.get("team", ""))) for n, change, shape in shapes if "team" in shape]


def read_changes(text: str) -> list[dict[str, Any]]:
    """Changes written one a line, such as `leave ada 2027-02-01 2027-02-12`; the last word of a line takes the rest.

    Raises `DomainError` (`plan.bad_scenario`) naming the line.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [_read(n, line) for n, line in enumerate(lines)]


def write_changes(changes: Sequence[Mapping[str, Any]]) -> str:
    """Changes one a line, as `read_changes` takes them: to be kept, sent and pasted."""
    return "\n".join(write_change(change) for change in changes)


def write_change(change: Mapping[str, Any]) -> str:
    """A change as it is typed."""
    return " ".join([str(change["kind"]), *(str(change[name]) for name, _ in WORDS[str(change["kind"])])])


def _read(n: int, line: str) -> dict[str, Any]:
    kind, _, rest = line.partition(" ")
    shape = WORDS.get(kind)
    if shape is None:
        raise _wrong(n, "kind", f"Line {n + 1}: begin with one of {', '.join(CHANGES)}.")
    words = rest.split(maxsplit=len(shape) - 1)
    if len(words) != len(shape):
        names = " ".join(name for name, _ in shape)
        raise _wrong(n, "kind", f"Line {n + 1}: write {kind} {names}.")
    return {"kind": kind} | {
        name: _value(n, name, kind_of, word) for (name, kind_of), word in zip(shape, words, strict=True)
    }


def _value(n: int, name: str, kind: type, word: str) -> Any:
    if kind is str:
        return word
    try:
        return int(word)
    except ValueError:
        raise _wrong(n, name, f"Line {n + 1}: {word[:20]!r} is no whole number.") from None
