"""Two rotas as one, one as two: nights and points by the planner's own functions (spec oncall 5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oncall.domain.plan_facts import Member, Problem
from oncall.domain.reshaping import MOST_PEOPLE, Part, ended_at, merged, outlook, parted, uncovered
from oncall.domain.rotation import blocks
from portal.core.errors import DomainError
from tests.unit.oncall.test_rotations import utc

ZONE = "Europe/Madrid"
WEEKLY = {"kind": "weekly", "start": "2027-02-01", "handoffs": [{"dow": "mon", "time": "09:00"}]}
START, END = utc("2027-02-01 08:00"), utc("2027-03-01 08:00")  # four weeks without a change of clocks
WEEK = 5 * 1000 + 2 * 1500


def part(name: str, *handles: str) -> Part:
    members = [Member(handle, ZONE) for handle in handles]
    return Part(name, Problem(ZONE, blocks(WEEKLY, ZONE, START, END), members))


def said(*parts: Part) -> dict[str, tuple[int, int]]:
    return {each.handle: (each.nights, each.milli) for each in outlook(parts).people}


def test_merging_two_rotas_of_two_halves_what_each_has() -> None:
    data, growth = part("Data", "ann", "ben"), part("Growth", "cleo", "dan")
    assert said(data, growth) == dict.fromkeys(("ann", "ben", "cleo", "dan"), (14, 2 * WEEK))
    one = merged(data, growth)
    assert (one.name, said(one)) == ("Data and Growth", dict.fromkeys(("ann", "ben", "cleo", "dan"), (7, WEEK)))


def test_who_sits_in_both_has_the_sum_and_stands_once_in_the_merged_one() -> None:
    data, growth = part("Data", "ann", "ben"), part("Growth", "ann")
    assert said(data, growth)["ann"] == (14 + 28, 6 * WEEK)
    assert said(merged(data, growth)) == {"ann": (14, 2 * WEEK), "ben": (14, 2 * WEEK)}


def test_a_split_doubles_the_points_and_says_who_is_alone() -> None:
    whole = part("Data", "ann", "ben", "cleo", "dan")
    halves = parted(whole, {"dan"})
    assert outlook([whole]).milli * 2 == outlook(halves).milli == 8 * WEEK
    assert (outlook([whole]).islands, outlook(halves).islands) == ((), ("Data, the other half",))
    assert said(*halves)["dan"] == (28, 4 * WEEK)


def test_a_split_leaves_somebody_on_each_side_and_knows_its_people() -> None:
    whole = part("Data", "ann", "ben")
    for leaving in ({"ann", "ben"}, set[str]()):
        with pytest.raises(DomainError, match="somebody on each side") as refused:
            parted(whole, leaving)
        assert (refused.value.code, refused.value.field) == ("oncall.bad_what_if", "split")
    with pytest.raises(DomainError, match="zoe takes no turns in Data"):
        parted(whole, {"zoe"})


def test_a_turn_that_nobody_can_take_is_a_gap_and_costs_nobody() -> None:
    away = Member("ann", ZONE, absent=((START, START + timedelta(days=8)),))
    alone = Part("Data", Problem(ZONE, blocks(WEEKLY, ZONE, START, END), [away]))
    found = outlook([alone])
    assert (found.gaps, [(each.nights, each.milli) for each in found.people]) == (2, [(14, 2 * WEEK)])
    assert outlook([Part("Empty", Problem(ZONE, blocks(WEEKLY, ZONE, START, END), []))]).gaps == 4


def test_an_own_holiday_counts_twice_for_whoever_has_it() -> None:
    own = Member("ann", ZONE, holidays=frozenset({date(2027, 2, 3)}))
    assert outlook([Part("Data", Problem(ZONE, blocks(WEEKLY, ZONE, START, END), [own]))]).milli == 4 * WEEK + 1000


def test_hours_that_only_the_other_rota_covers_are_counted() -> None:
    always = blocks(WEEKLY, ZONE, START, END)
    short = list(ended_at(always, START + timedelta(days=10)))
    assert [(block.start, block.end) for block in short] == [
        (START, START + timedelta(days=7)), (START + timedelta(days=7), START + timedelta(days=10)),
    ]  # fmt: skip
    assert uncovered(always, short) == timedelta(days=18)
    assert uncovered(short, always) == timedelta(0)


def test_more_than_forty_people_are_too_many_for_one_rota() -> None:
    many = [part(name, *(f"{name}{n}" for n in range(21))) for name in ("data", "growth")]
    with pytest.raises(DomainError, match=f"At most {MOST_PEOPLE} people"):
        merged(*many)
