"""The verdict on a rota's target of fairness, and what would change it (spec oncall 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.fair import cost_of, plan_fairly
from oncall.domain.instants import local_date
from oncall.domain.plan_facts import Member, Problem
from oncall.domain.rotation import DOWS, blocks
from oncall.domain.target import Verdict, explain_target, judge
from oncall.domain.words import DutyRole
from oncall.queries.facts import cast_from, in_order, majors_of, picks_of, rules_of, specials_of
from oncall.queries.planned import HISTORY, Piece, blocks_of
from oncall.queries.rota_book import open_book, openings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from oncall.domain.plan_facts import Major
    from oncall.models import Rota
    from oncall.queries.rota_book import RotaBook

ONE_MORE = "one more"
FAR = timedelta(days=800)  # beyond any plan
NOTHING = Verdict(0, 0, Fraction(0), (), 10)


def primary_problem(rota: Rota, at: datetime, since: datetime | None = None) -> tuple[Problem, list[str | None]] | None:
    """The primary's blocks of the last twelve months and of all that is ahead, as a problem with its holders."""
    since = since or at - HISTORY
    book = open_book(rota, min(at, since + HISTORY), at)
    return problem_in(book, majors_of(rota, since, at + FAR), at, since)


def problem_in(
    book: RotaBook, majors: Sequence[Major], at: datetime, since: datetime
) -> tuple[Problem, list[str | None]] | None:
    """The same from a book; a read for the picks of special periods."""
    rota, roster, people = book.rota, book.roster_at(at), book.people
    rows = [row for row in book.worked.planned if row.start >= since and (row.role, row.slot) == (DutyRole.PRIMARY, 0)]
    if roster is None or not rows:
        return None
    held = blocks_of(
        Piece(row.start, row.end, row.kind, book.worked.blocks.get(row.ref, ""), people[row.person].handle if row.person
              else "") for row in rows
    )  # fmt: skip
    members = in_order(roster.members, DutyRole.PRIMARY)
    free = {row.person_id: people[row.person_id].free_days for row in members}
    away = {row.person_id: people[row.person_id].absences for row in members}
    first, last = local_date(rows[0].start, rota.zone), local_date(rows[-1].end, rota.zone)
    cast = cast_from(members, free, away, openings_in(book, first))
    protected = frozenset((handle, when) for handle, when, kind in picks_of(rota) if kind == "protect")
    near = [major for major in majors if major.first < last and first <= major.last]
    turns = [block for block, _ in held]
    problem = Problem(rota.zone, turns, cast.members, near, protected, rules=rules_of(roster.version))
    return problem, [handle if handle in cast.ids else None for _, handle in held]


def verdict_of(rota: Rota, at: datetime) -> Verdict:
    """How the plan stands against the tolerance; plans nothing."""
    return _judged(primary_problem(rota, at))


def verdict_in(book: RotaBook, majors: Sequence[Major], at: datetime) -> Verdict:
    """The same from a book."""
    return _judged(problem_in(book, majors, at, at - HISTORY))


def _judged(found: tuple[Problem, list[str | None]] | None) -> Verdict:
    return judge(*found) if found is not None else NOTHING


def explained_target(rota: Rota, at: datetime) -> Verdict:
    """The verdict, and for a missed target the first change that meets it; at most one planner run a change."""
    found = primary_problem(rota, at)
    if found is None:
        return NOTHING
    problem, holders = found
    return explain_target(problem, holders, _changes(rota, problem))


def rotated(rota: Rota, problem: Problem, rotation: dict[str, Any]) -> Problem:
    """The same facts under another rotation."""
    start, end = problem.blocks[0].start, problem.blocks[-1].end
    return replace(problem, blocks=blocks(rotation, rota.zone, start, end, specials_of(rota, start, end)))


def _changes(rota: Rota, problem: Problem) -> list[tuple[str, Callable[[], Problem | None]]]:
    day = local_date(problem.blocks[0].start, rota.zone)
    split: dict[str, Any] = {
        "kind": "weekly",
        "start": day.isoformat(),
        "handoffs": [{"dow": "mon", "time": "15:00"}, {"dow": "fri", "time": "15:00"}],
    }
    return [
        ("Mon-Thu/Fri-Sun blocks", lambda: rotated(rota, problem, split)),
        (
            "the rule on major holidays dropped",
            lambda: replace(problem, rules=replace(problem.rules, use_majors=False)),
        ),
        ("the rule on rest dropped", lambda: replace(problem, rules=replace(problem.rules, use_rest=False))),
        ("one more member", lambda: replace(problem, members=[*problem.members, Member(ONE_MORE, rota.zone)])),
    ]


def compared_plans(
    rota: Rota, problem: Problem, holders: Sequence[str | None]
) -> list[tuple[str, Verdict, tuple[int, ...]]]:
    """This plan beside others for the same people and dates: whole weeks, and plain turns by position.

    One planner run, for the whole weeks.
    """
    whole = rotated(rota, problem, whole_weeks(rota, problem))
    fair = plan_fairly(whole).holders
    rows: list[tuple[str, Problem, Sequence[str | None]]] = [
        ("this plan", problem, holders),
        ("fair-1, whole weeks", whole, fair),
        ("turns by position, whole weeks", whole, by_position(whole)),
        ("turns by position, the same blocks", problem, by_position(problem)),
    ]
    return [(name, judge(facts, held), cost_of(facts, tuple(held))) for name, facts, held in rows]


def whole_weeks(rota: Rota, problem: Problem) -> dict[str, Any]:
    """One handoff a week, at the first of the rota's."""
    zone = ZoneInfo(rota.zone)
    begins = problem.blocks[0].start.astimezone(zone)
    handoff = {"dow": DOWS[begins.weekday()], "time": f"{begins:%H:%M}"}
    return {"kind": "weekly", "start": begins.date().isoformat(), "handoffs": [handoff]}


def by_position(problem: Problem) -> list[str | None]:
    """Person i mod n, whoever is away."""
    count = len(problem.members)
    return [problem.members[n % count].handle for n in range(len(problem.blocks))]
