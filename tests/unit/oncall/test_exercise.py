"""The exercise's year, exactly (spec exercise 3, 4, 5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from oncall.domain.balance import points_text
from oncall.domain.coverage import covered_spans, overlap, restrict
from oncall.domain.draft import draft_order, run_draft
from oncall.domain.fair import cost_of, plan_fairly
from oncall.domain.instants import local_date, wall_instant
from oncall.domain.plan_facts import Member, Problem
from oncall.domain.points import HOLIDAY, day_points
from oncall.domain.rotation import blocks
from oncall.domain.seconds import cascade_orders
from oncall.domain.target import explain_target, granularity_bound, judge, percent_text, verdict_words
from oncall.domain.turns import Turns, plan_turns
from oncall.domain.weighing import weigh
from portal.site.demo import duty
from tests.unit.oncall import exercise as ex

if TYPE_CHECKING:
    from collections.abc import Sequence


def served(handle: str, holders: Sequence[str | None]) -> list[tuple[date, int, int]]:
    problem, _, _ = ex.golden()
    person = ex.member(handle)
    return [
        (row.day, row.milli, row.tenths)
        for block, holder in zip(problem.blocks, holders, strict=True)
        if holder == handle
        for row in day_points(block.served, person.zone, person.holidays)
    ]


def test_the_printed_schedule_has_the_printed_digest() -> None:
    problem, _, _ = ex.golden()
    assert ex.digest(problem.blocks, ex.printed(0), ex.printed(1)) == ex.DIGEST


def test_the_planner_makes_exactly_the_printed_year() -> None:
    problem, plan, seconds = ex.golden()
    assert ex.digest(problem.blocks, plan.holders, seconds) == ex.DIGEST


def test_a_second_run_makes_the_same_year() -> None:
    problem, plan, _ = ex.golden()
    assert plan_fairly(ex.pipelines()).holders == plan.holders
    assert problem.blocks == ex.pipelines().blocks


def test_the_cost_and_the_way_to_it_are_the_printed_ones() -> None:
    _, plan, _ = ex.golden()
    assert plan.cost == (0, 0, 0, 0, 0, 0, 0, 1, 91072352)
    assert (plan.moves, plan.sweeps) == (14, 4)


def test_112_blocks_last_8736_hours_and_three_are_cut_by_the_clock_or_the_period() -> None:
    problem, _, _ = ex.golden()
    hours = {local_date(b.start, duty.ZONE): (b.end - b.start) / timedelta(hours=1) for b in problem.blocks}
    assert (len(hours), sum(hours.values())) == (112, 8736)
    assert [hours[date(2027, m, d)] for m, d in ((3, 26), (10, 29), (12, 20))] == [71, 73, 72]


FIGURES = {
    "ines": ("102.501", "56.375", "39.376", "6.750", "104.374", 5),
    "jonas": ("106.687", "62.625", "38.062", "6.000", "112.375", 5),
    "kofi": ("104.896", "62.708", "36.938", "5.250", "107.187", 5),
    "maeve": ("111.000", "71.000", "36.000", "4.000", "99.752", 3),
}


@pytest.mark.parametrize("handle", duty.ENGINEERS)
def test_the_points_are_those_of_the_report(handle: str) -> None:
    _, plan, seconds = ex.golden()
    rows = served(handle, plan.holders)
    by_weight: Counter[int] = Counter()
    for _, milli, tenths in rows:
        by_weight[tenths] += milli
    texts = [points_text(n) for n in (sum(by_weight.values()), by_weight[10], by_weight[15], by_weight[HOLIDAY])]
    second = points_text(sum(milli for _, milli, _ in served(handle, seconds)))
    own = len({day for day, _, tenths in rows if tenths == HOLIDAY})
    assert (*texts, second, own) == FIGURES[handle]


def test_the_balances_are_those_of_the_report_and_sum_to_nothing() -> None:
    _, plan, seconds = ex.golden()
    primary = {h: sum(row[1] for row in served(h, plan.holders)) for h in duty.ENGINEERS}
    behind = {h: sum(row[1] for row in served(h, seconds)) for h in duty.ENGINEERS}
    share = Fraction(sum(primary.values()), 4)
    balance = {h: duty.OPENINGS[h] + primary[h] - share for h in duty.ENGINEERS}
    assert {h: points_text(b, signed=True) for h, b in balance.items()} == {
        "ines": "+0.230", "jonas": "-1.584", "kofi": "-0.375", "maeve": "+1.729"
    }  # fmt: skip
    assert sum(balance.values()) == 0
    combined = {h: duty.OPENINGS[h] + primary[h] + Fraction(behind[h], 4) for h in duty.ENGINEERS}
    assert combined == {
        "ines": Fraction("132594.5"), "jonas": Fraction("132780.75"), "kofi": Fraction("132692.75"),
        "maeve": Fraction("132938"),
    }  # fmt: skip


def test_blocks_by_kind_are_those_of_the_report() -> None:
    problem, plan, _ = ex.golden()
    kinds = Counter((holder, block.kind.value) for block, holder in zip(problem.blocks, plan.holders, strict=True))
    assert {h: tuple(kinds[h, kind] for kind in ("week", "weekend", "special")) for h in duty.ENGINEERS} == {
        "ines": (11, 13, 4), "jonas": (12, 13, 4), "kofi": (13, 12, 2), "maeve": (15, 12, 1)
    }  # fmt: skip


QUARTERS = {
    "ines": ("25.000", "25.125", "24.000", "26.688"), "jonas": ("25.000", "26.750", "25.625", "26.875"),
    "kofi": ("27.250", "26.000", "27.625", "24.021"), "maeve": ("25.584", "28.416", "28.000", "29.000"),
}  # fmt: skip


def test_the_quarters_are_those_of_the_report() -> None:
    _, plan, _ = ex.golden()
    for handle, expected in QUARTERS.items():
        sums: Counter[tuple[int, int]] = Counter()
        for day, milli, _ in served(handle, plan.holders):
            sums[day.year, (day.month + 2) // 3] += milli
        assert tuple(points_text(sums[2027, quarter]) for quarter in (1, 2, 3, 4)) == expected


def test_the_largest_deviations_are_those_of_the_report() -> None:
    problem, plan, _ = ex.golden()
    verdict = judge(problem, plan.holders)
    assert [percent_text(d) for _, d in verdict.quarters] == ["6.0 %", "6.9 %", "8.8 %", "9.9 %"]
    assert verdict.is_met


def rotated(rotation: dict[str, Any]) -> Problem:
    """The same inputs under another rotation."""
    found = blocks(rotation, duty.ZONE, ex.START, ex.END, [ex.year_end()])
    return replace(ex.golden()[0], blocks=found)


def whole_weeks() -> Problem:
    return rotated(duty.WHOLE_WEEKS)


def by_position(problem: Problem) -> list[str | None]:
    return [problem.members[n % 4].handle for n in range(len(problem.blocks))]


def compared(problem: Problem, holders: Sequence[str | None]) -> tuple[list[str], list[int], tuple[int, ...]]:
    tables = weigh(problem)
    names = [member.handle for member in problem.members]
    own = [
        sum(tables.weighed[n][b].holidays for b, holder in enumerate(holders) if holder == name)
        for n, name in enumerate(names)
    ]
    return [percent_text(d) for _, d in judge(problem, holders).quarters], own, cost_of(problem, tuple(holders))


def test_whole_weeks_miss_the_target_in_two_quarters() -> None:
    problem = whole_weeks()
    quarters, own, cost = compared(problem, plan_fairly(problem).holders)
    assert quarters == ["6.1 %", "11.3 %", "11.8 %", "7.1 %"]
    assert (own, cost[0], cost[2]) == ([4, 3, 3, 3], 0, 0)


def test_turns_by_position_break_absences_and_majors() -> None:
    problem = whole_weeks()
    quarters, own, cost = compared(problem, by_position(problem))
    assert quarters == ["7.2 %", "15.9 %", "11.5 %", "5.9 %"]
    assert (own, cost[0], cost[2]) == ([8, 4, 6, 3], 4, 5)


def test_split_weeks_by_position_give_all_weekends_to_half_of_the_team() -> None:
    problem = ex.golden()[0]
    holders = by_position(problem)
    quarters, own, cost = compared(problem, holders)
    assert quarters == ["10.0 %", "8.9 %", "9.4 %", "2.8 %"]
    assert (own, cost[0], cost[2]) == ([5, 5, 6, 7], 7, 4)
    ends = Counter(h for block, h in zip(problem.blocks, holders, strict=True) if block.is_weekend)
    assert [ends[h] for h in duty.ENGINEERS] == [0, 25, 0, 25]


def test_the_target_page_names_the_split_week() -> None:
    problem = whole_weeks()
    changes = [("Mon-Thu/Fri-Sun blocks", lambda: rotated(duty.PIPELINES["rotation"]))]
    verdict = explain_target(problem, plan_fairly(problem).holders, changes)
    assert verdict_words(verdict) == (
        "10 % a quarter: not met (Q2 11.3 %, Q3 11.8 %); met with Mon-Thu/Fri-Sun blocks."
    )


def test_13_blocks_for_4_people_cannot_be_nearer_than_23_percent() -> None:
    bounds = [granularity_bound(blocks_, 4) for blocks_ in (13, 26, 52)]
    assert [percent_text(bound) for bound in bounds] == ["23.1 %", "7.7 %", "0.0 %"]


def test_the_draft_gives_everybody_two_days() -> None:
    wishes = {handle: [ex.at_three(day) for day in days] for handle, days in duty.WISHES.items()}
    order = draft_order(duty.OPENINGS)
    assert order == ["ines", "kofi", "jonas", "maeve"]
    granted = run_draft(order, wishes, 2, lambda _: 2)
    assert [(n, handle, local_date(block, duty.ZONE).day) for n, handle, block in granted] == [
        (1, "ines", 24), (1, "kofi", 25), (1, "jonas", 24), (1, "maeve", 25),
        (2, "ines", 31), (2, "kofi", 31), (2, "jonas", 26), (2, "maeve", 26),
    ]  # fmt: skip


def desk() -> tuple[Problem, Turns]:
    start, end = (wall_instant(day, time(9), duty.ZONE) for day in (duty.ANCHOR, duty.END))
    raw = blocks(duty.QUESTIONS["rotation"], duty.ZONE, start, end)
    found = restrict(raw, covered_spans(duty.QUESTIONS["coverage"], duty.ZONE, start, end))
    problem = Problem(duty.ZONE, found, ex.members(duty.DESK))
    pager, plan, _ = ex.golden()
    busy = []
    for block in found:
        hours = sum((end - start for start, end in block.served), timedelta())
        shifts = {h: [(b.start, b.end) for b, who in zip(pager.blocks, plan.holders, strict=True) if who == h]
                  for h in duty.ENGINEERS}  # fmt: skip
        busy.append({h for h, spans in shifts.items() if overlap(block.served, spans) * 2 > hours})
    return problem, plan_turns(problem, busy=busy)


def test_the_question_desk_is_the_printed_string() -> None:
    problem, turns = desk()
    assert "".join(str(holder)[0].upper() for holder in turns.holders) == (
        "AIJMAMIAMJIAMAJMIAJMIAJIMIJAMIAMJAIJAMIJAIMAIJAIMJAI"
    )
    assert [turns.holders.count(h) for h in duty.DESK] == [15, 14, 11, 12]
    assert len(turns.carried) == 18
    first = min(turns.carried)
    assert (local_date(problem.blocks[first].start, duty.ZONE), turns.holders[first]) == (date(2027, 2, 8), "maeve")


def test_partners_take_turns() -> None:
    problem, _ = desk()
    people = [Member(handle, duty.ZONE) for handle in duty.PARTNERS]
    turns = plan_turns(Problem(problem.zone, problem.blocks, people))
    assert [turns.holders.count(h) for h in duty.PARTNERS] == [18, 17, 17]


def test_the_cascade_of_mid_september_asks_kofi_before_jonas() -> None:
    problem, plan, seconds = ex.golden()
    orders = cascade_orders(problem, [(4, plan.holders), (1, seconds)])
    block = next(n for n, b in enumerate(problem.blocks) if local_date(b.start, duty.ZONE) == date(2027, 9, 13))
    assert [h for h in orders[block] if h not in ("maeve", "ines")] == ["kofi", "jonas"]
