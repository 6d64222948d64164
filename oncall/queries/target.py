"""The verdict on a rota's target of fairness, and what would change it (spec oncall 4)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.fair import cost_of, plan_fairly
from oncall.domain.instants import local_date
from oncall.domain.plan_facts import Member, Problem
from oncall.domain.rotation import DOWS, blocks
from oncall.domain.target import Verdict, explain_target, judge
from oncall.domain.words import DutyRole
from oncall.models import PlannedShift
from oncall.models.spans import ends
from oncall.queries.facts import cast_of, majors_of, openings_at, picks_of, rules_of, specials_of, version_at
from oncall.queries.planned import HISTORY, planned_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from oncall.models import Rota

ONE_MORE = "one more"
NOTHING = Verdict(0, 0, Fraction(0), (), 10)


def primary_problem(rota: Rota, at: datetime, since: datetime | None = None) -> tuple[Problem, list[str | None]] | None:
    """The primary's blocks of the last twelve months and of all that is ahead, as a problem with its holders."""
    version = version_at(rota, at)
    last = PlannedShift.objects.filter(rota=rota, role=DutyRole.PRIMARY, slot=0).order_by("-during__endswith")
    newest = last.values_list("during", flat=True).first()
    if version is None or newest is None:
        return None
    end = ends(newest)[1]
    first = (
        PlannedShift.objects.filter(rota=rota, during__startswith__gte=since or at - HISTORY).order_by("during").first()
    )
    if first is None:
        return None
    held = planned_before(rota, DutyRole.PRIMARY, end, since=ends(first.during)[0])
    start = held[0][0].start
    places = list(version.members.select_related("person"))
    cast = cast_of(places, DutyRole.PRIMARY, start, end, openings_at(rota, local_date(start, rota.zone)))
    protected = frozenset((handle, when) for handle, when, kind in picks_of(rota) if kind == "protect")
    problem = Problem(
        rota.zone,
        [block for block, _ in held],
        cast.members,
        majors_of(rota, start, end),
        protected,
        rules=rules_of(version),
    )
    return problem, [handle if handle in cast.ids else None for _, handle in held]


def verdict_of(rota: Rota, at: datetime) -> Verdict:
    """How the plan stands against the tolerance; plans nothing."""
    found = primary_problem(rota, at)
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
