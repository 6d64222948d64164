"""The plan as the rules give it, without writing it: preview, diff and planning share this (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from oncall.domain.coverage import covered_spans, overlap, restrict
from oncall.domain.fair import plan_fairly
from oncall.domain.instants import local_date
from oncall.domain.plan_facts import Problem
from oncall.domain.rotation import Block, Special, blocks
from oncall.domain.seconds import cascade_orders, plan_seconds
from oncall.domain.turns import plan_turns
from oncall.domain.words import BlockKind, DutyRole
from oncall.models import PlannedShift, RotaMember
from oncall.models.spans import ends
from oncall.queries.facts import Cast, cast_of, majors_of, openings_at, picks_of, rules_of, specials_of
from portal.accounts.queries.teams import team_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oncall.models import Rota, RotaVersion

HISTORY = timedelta(days=365)
LONGEST_BLOCK = timedelta(days=400)  # a turn of a year, and a day for each clock
FAIR = "fair-1"
FULL_FACTOR = 4


@dataclass(frozen=True)
class Row:
    """A shift to be: one covered piece of a block in one slot."""

    role: str
    slot: int
    person_id: int | None
    handle: str
    start: datetime
    end: datetime
    kind: BlockKind
    planner: str
    order: tuple[int, ...]
    why: dict[str, Any]


@dataclass(frozen=True)
class Span:
    """What is planned: `[start, end)`, with the plan before it as constants."""

    start: datetime
    end: datetime
    specials: tuple[Special, ...] = ()


def plan_of(rota: Rota, version: RotaVersion, places: Sequence[RotaMember], span: Span) -> list[Row]:
    """Every shift of every slot whose block begins in the span, whole; none without coverage. Writes nothing."""
    span = _with_specials(rota, span)
    found = _turns_of(rota, version, span)
    if not found:
        return []
    rows: list[Row] = []
    plans: dict[str, list[Sequence[str | None]]] = {}
    for role in version.roles:
        made = _plan_role(rota, version, places, role, found, plans, span)
        plans[role["role"]] = made.holders
        rows += made.rows
    return _with_orders(rows, rota, version, places, found, plans, span)


@dataclass(frozen=True)
class _Made:
    holders: list[Sequence[str | None]]
    rows: list[Row]


def covered_blocks(rota: Rota, version: RotaVersion, span: Span) -> list[Block]:
    """The turns that the rules give in the span today, special periods, calendars and clocks included; whole."""
    return _turns_of(rota, version, _with_specials(rota, span))


def _with_specials(rota: Rota, span: Span) -> Span:
    return replace(span, specials=tuple(specials_of(rota, span.start, span.end + LONGEST_BLOCK)))


def _turns_of(rota: Rota, version: RotaVersion, span: Span) -> list[Block]:
    """Whole blocks: the last may end after the span, but not after the rules; the next plan goes on from there."""
    until = min([span.end + LONGEST_BLOCK, *([version.valid.upper] if version.valid.upper is not None else [])])
    far = blocks(version.rotation, rota.zone, span.start, until, span.specials)
    raw = [block for block in far if block.start < span.end]
    until = max((block.end for block in raw), default=span.end)
    closed: set[Any] = set()
    if version.coverage.get("holidays") == "closed":
        days = team_calendar(rota.team).exceptions
        closed = {datetime.fromisoformat(day).date() for day, facts in days.items() if facts.get("is_public_holiday")}
    return restrict(raw, covered_spans(version.coverage, rota.zone, span.start, until, closed))


def _plan_role(
    rota: Rota, version: RotaVersion, places: Sequence[RotaMember], role: dict[str, Any], found: list[Block],
    plans: dict[str, list[Sequence[str | None]]], span: Span,
) -> _Made:  # fmt: skip
    problem, cast, old = _problem(rota, version, places, role["role"], found, span)
    taken = [_padded(holders, old) for made in plans.values() for holders in made]
    base, name = role.get("slots", 1), role["role"]
    wanted = [0] * old + _slots_wanted(name, base, found, span.specials)
    holders: list[Sequence[str | None]] = []
    why: Sequence[dict[str, Any]] = ()
    for slot in range(max([base, *wanted])):
        if slot == 0 and not taken and role.get("planner", FAIR) == FAIR:
            plan = plan_fairly(problem)
            holders.append(list(plan.holders))
            why = plan.why
        else:
            chosen = [n for n in range(len(wanted)) if slot < base or wanted[n] > slot]
            holders.append(_behind(problem, role.get("planner", FAIR), chosen, [*taken, *holders]))
    rows = [
        row
        for slot, line in enumerate(holders)
        for row in _rows(name, slot, line[old:], found, cast, role.get("planner", FAIR), why[old:] if slot == 0 else ())
        if slot < base or row.start in {block.start for n, block in enumerate(found) if wanted[old + n] > slot}
    ]
    return _Made([line[old:] for line in holders], rows)


def _slots_wanted(name: str, base: int, found: Sequence[Block], specials: Sequence[Special]) -> list[int]:
    """How many hold the role in each block: a special period may ask for more."""
    return [
        max([base, *(special.slots.get(name, 0) for special in specials
                     if block.kind == BlockKind.SPECIAL and special.start <= block.start < special.end)])
        for block in found
    ]  # fmt: skip


def _behind(
    problem: Problem, planner: str, chosen: Sequence[int], lines: Sequence[Sequence[str | None]]
) -> list[str | None]:
    """A further line of holders for the chosen blocks, none of whom holds one of `lines` then."""
    some = problem
    if len(chosen) < len(problem.blocks):
        some = replace(problem, blocks=[problem.blocks[n] for n in chosen], fixed={})
    others = [[line[n] for n in chosen] for line in lines]
    if planner == FAIR:
        found = plan_seconds(some, others[0], others[1:])
    else:
        found = list(plan_turns(some, busy=[{line[n] or "" for line in others} for n in range(len(chosen))]).holders)
    whole: list[str | None] = [None] * len(problem.blocks)
    for n, handle in zip(chosen, found, strict=True):
        whole[n] = handle
    return whole


def _padded(holders: Sequence[str | None], old: int) -> list[str | None]:
    return [*[None] * old, *holders]


def _problem(
    rota: Rota, version: RotaVersion, places: Sequence[RotaMember], role: str, found: list[Block], span: Span
) -> tuple[Problem, Cast, int]:
    """The role's problem with what was planned before as constants; how many of its blocks those are."""
    past = planned_before(rota, role, span.start) if role == DutyRole.PRIMARY else []
    begins = past[0][0].start if past else span.start
    openings = openings_at(rota, local_date(begins, rota.zone))
    cast = cast_of([*places, *_gone(version, places, past, rota, span)], role, begins, span.end, openings)
    all_blocks = [*(block for block, _ in past), *found]
    members = _without_busy(rota, cast, all_blocks)
    fixed = {n: handle for n, (_, handle) in enumerate(past)}
    picks = picks_of(rota)
    fixed |= {
        n: handle
        for n, block in enumerate(all_blocks)
        for handle, start, kind in picks
        if kind == "volunteer" and start == block.start and role == DutyRole.PRIMARY and n >= len(past)
    }
    fixed |= {n: block.fixed for n, block in enumerate(all_blocks) if block.fixed in cast.ids and n >= len(past)}
    protected = frozenset((handle, start) for handle, start, kind in picks if kind == "protect")
    majors = majors_of(rota, begins, span.end)
    problem = Problem(rota.zone, all_blocks, members, majors, protected, fixed, rules=rules_of(version))
    return problem, replace(cast, members=tuple(members)), len(past)


def planned_before(rota: Rota, role: str, start: datetime, since: datetime | None = None) -> list[tuple[Block, str]]:
    """The blocks of the twelve months before `start`, or from `since`, with their holders; "" is nobody."""
    first = since or start - HISTORY
    rows = PlannedShift.objects.filter(
        rota=rota, role=role, slot=0, during__endswith__lte=start, during__startswith__gte=first
    ).order_by("during")
    lines = rows.values_list("during", "block_kind", "why__block", "person__handle")
    return blocks_of(Piece(*ends(during), kind, key or "", handle or "") for during, kind, key, handle in lines)


class Piece(NamedTuple):
    """A stretch of a block as it is planned: `key` is where the block begins, `handle` its holder or ""."""

    start: datetime
    end: datetime
    kind: str
    key: str
    handle: str


def blocks_of(pieces: Iterable[Piece]) -> list[tuple[Block, str]]:
    """The blocks of pieces in their order, each with its holder."""
    found: dict[str, tuple[Block, str]] = {}
    for low, high, kind, given, handle in pieces:
        key, piece = given or str(low), (low, high)
        if key in found:
            block, holder = found[key]
            found[key] = (replace(block, end=high, pieces=(*block.pieces, piece)), holder)
        else:
            is_weekend = kind == BlockKind.WEEKEND
            found[key] = (Block(low, high, BlockKind(kind), is_weekend, pieces=(piece,)), handle)
    return list(found.values())


def _gone(
    version: RotaVersion, places: Sequence[RotaMember], past: list[tuple[Block, str]], rota: Rota, span: Span
) -> list[RotaMember]:
    """Holders of the past who are no members any more: they count until the new plan begins."""
    here = {place.person.handle for place in places}
    handles = {handle for _, handle in past if handle and handle not in here}
    if not handles:
        return []
    rows = RotaMember.objects.filter(version__rota=rota, person__handle__in=handles).select_related("person")
    last = {row.person.handle: row for row in rows.order_by("version__number")}
    day = local_date(span.start, rota.zone)
    for row in last.values():
        row.version, row.active = version, type(row.active)(row.active.lower, day)
    return [row for row in last.values() if row.active.lower is None or row.active.lower < day]


def _without_busy(rota: Rota, cast: Cast, found: list[Block]) -> list[Any]:
    """Who holds an exclusive rota's primary for more than half of a block's covered time counts as absent for it."""
    others = [other.pk for other in rota.exclusive_with.all()] if rota.pk else []
    if not others or not found:
        return list(cast.members)
    window = (min(block.start for block in found), max(block.end for block in found))
    rows = PlannedShift.objects.filter(
        rota__in=others, role=DutyRole.PRIMARY, person_id__in=list(cast.ids.values()), during__overlap=window
    )
    held: dict[int, list[tuple[datetime, datetime]]] = {}
    for person_id, during in rows.values_list("person_id", "during"):
        held.setdefault(person_id or 0, []).append(ends(during))
    return [
        replace(member, absent=(*member.absent, *_mostly(found, held.get(cast.ids[member.handle], []))))
        for member in cast.members
    ]


def _mostly(found: list[Block], spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    busy = []
    for block in found:
        near = [span for span in spans if span[0] < block.end and block.start < span[1]]
        length = sum((end - start for start, end in block.served), timedelta(0))
        if near and overlap(block.served, near) * 2 > length:
            busy.append((block.start, block.end))
    return busy


def _rows(
    role: str, slot: int, holders: Sequence[str | None], found: list[Block], cast: Cast, planner: str,
    why: Sequence[dict[str, Any]],
) -> list[Row]:  # fmt: skip
    rows = []
    for n, (block, handle) in enumerate(zip(found, holders, strict=True)):
        facts = {"block": block.start.isoformat()} | (dict(why[n]) if n < len(why) else {})
        for start, end in block.served:
            person = cast.ids.get(handle or "")
            rows.append(Row(role, slot, person, handle or "", start, end, block.kind, planner, (), facts))
    return rows


def _with_orders(
    rows: list[Row], rota: Rota, version: RotaVersion, places: Sequence[RotaMember], found: list[Block],
    plans: dict[str, list[Sequence[str | None]]], span: Span,
) -> list[Row]:  # fmt: skip
    """Who comes next, best first, for each role's own members: by combined balance as the block begins."""
    factors = {row["role"]: int(float(row.get("factor", 1)) * FULL_FACTOR) for row in version.roles}
    done = {}
    for role in version.roles:
        name = role["role"]
        problem, cast, old = _problem(rota, version, places, name, found, span)
        past = _fixed_line(problem, old)
        counted = [(factors[other], line) for other, lines in plans.items() for line in lines]
        merged = [(factor, [*(past if n == 0 else [None] * old), *line]) for n, (factor, line) in enumerate(counted)]
        orders = cascade_orders(problem, merged)[old:]
        starts = [block.start.isoformat() for block in found]
        done[name] = {start: tuple(cast.ids[h] for h in order) for start, order in zip(starts, orders, strict=True)}
    return [replace(row, order=done[row.role][row.why["block"]]) for row in rows]


def _fixed_line(problem: Problem, old: int) -> list[str | None]:
    return [problem.fixed.get(n) or None for n in range(old)]
