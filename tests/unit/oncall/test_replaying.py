"""A replay: what a proposal would have made of an incident, by exact values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.agreements import NightClass
from oncall.domain.decision import Decision, Verdict
from oncall.domain.escalation import DEFAULT_STEPS, Step, Target
from oncall.domain.escalation_text import Rung, climb, parse_who, to_rungs, to_steps
from oncall.domain.replaying import Ladder, Past, outcome_of, summed

NIGHT = (time(22), time(7))
BROKE = datetime(2027, 2, 3, 2, 5, tzinfo=UTC)
HOUSE = Ladder(DEFAULT_STEPS)
JONAS, MAEVE = 1, 2


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def went(*, calls: tuple[float, ...] = (0,), answered: float | None = 20, ended: float | None = 60) -> Past:
    """It broke at 03:05 in Madrid; minutes after that."""
    return Past(
        BROKE, tuple(BROKE + minutes(n) for n in calls), JONAS if calls else None,
        None if answered is None else BROKE + minutes(answered), None if ended is None else BROKE + minutes(ended),
        "Europe/Madrid", ("harm",),
    )  # fmt: skip


def decided(after: float | None) -> Decision:
    """The proposal pages so many minutes after it broke; None is a task."""
    act_at = BROKE + minutes(after or 0)
    verdict = Verdict(1, "growth_daily", "readers", 0, NightClass.WAKE, act_at, None, after is not None, is_agreed=True)
    return Decision(BROKE, verdict, (verdict,), act_at if after is not None else None)


@pytest.mark.parametrize(
    ("past", "after", "words", "steps"),
    [
        (went(calls=(0, 15)), 0, "wakes", 2),
        (went(calls=(0, 15), ended=400), 205, "waits, over before the call", 0),
        (went(answered=None, ended=400), 205, "waits", 5),
        (went(answered=None, ended=60), 205, "waits, over before the call", 0),
        (went(), None, "waits", 0),
        (went(calls=(), answered=None, ended=600), 0, "wakes", 1),
    ],
    ids=["as it was", "taken before the call", "nobody ever took it", "mended before the call", "a task",
         "woken where it was quiet"],
)  # fmt: skip
def test_each_way_it_could_have_gone(past: Past, after: float | None, words: str, steps: int) -> None:
    found = outcome_of(past, decided(after), HOUSE, NIGHT, MAEVE)
    said = ["waits"] * found.would_wait + ["wakes"] * found.would_wake + ["over before the call"] * found.mended
    assert (", ".join(said), found.steps_now) == (words, steps)


def test_a_slower_ladder_rings_fewer_phones_before_the_same_answer() -> None:
    fast = Ladder((Step(0, (Target("primary"),)), Step(300, (Target("secondary"),)), Step(300, (Target("lead"),))))
    slow = Ladder((Step(0, (Target("primary"),)), Step(1800, (Target("secondary"),))))
    past = went(calls=(0, 5, 10), answered=20)
    assert outcome_of(past, decided(0), fast, NIGHT, JONAS).steps_now == 3
    assert outcome_of(past, decided(0), slow, NIGHT, JONAS).steps_now == 1


def test_a_first_step_that_waits_counts_from_the_first_page() -> None:
    patient = Ladder((Step(600, (Target("primary"),)), Step(900, (Target("secondary"),))))
    assert outcome_of(went(answered=10), decided(0), patient, NIGHT, JONAS).steps_now == 1
    assert outcome_of(went(answered=16), decided(0), patient, NIGHT, JONAS).steps_now == 2


def test_by_day_nothing_is_a_night() -> None:
    noon = replace(went(), opened_at=BROKE + timedelta(hours=9), calls=(BROKE + timedelta(hours=9),))
    found = outcome_of(noon, decided(540), HOUSE, NIGHT, JONAS)
    assert (found.woke, found.would_wake) == (False, False)


def test_the_counts_name_nobody() -> None:
    quiet = outcome_of(went(answered=None, ended=400), decided(205), HOUSE, NIGHT, MAEVE)
    loud = outcome_of(went(), decided(0), HOUSE, NIGHT, MAEVE)
    done = summed([quiet, quiet, loud])
    assert done.sentence == "2 of 3 night pages would have waited"
    assert (done.most_then, done.most_now, done.said) == (3, 1, {"harm": 2})


@given(
    calls=st.lists(st.integers(0, 300), max_size=5).map(lambda found: tuple(sorted(found))),
    answered=st.none() | st.integers(0, 500), after=st.none() | st.integers(0, 800),
)  # fmt: skip
def test_a_night_is_woken_or_waits_and_nothing_fires_without_a_call(
    calls: tuple[int, ...], answered: int | None, after: int | None
) -> None:
    found = outcome_of(went(calls=calls, answered=answered), decided(after), HOUSE, NIGHT, MAEVE)
    assert not (found.would_wait and found.would_wake)
    assert (found.steps_now == 0) == (found.would_call_at is None)
    assert found.steps_now <= len(climb(DEFAULT_STEPS, 0))
    assert not (found.mended and found.would_wake)


def test_a_line_of_the_form_is_what_the_policy_stores_and_back() -> None:
    rungs = [Rung(0, "primary, @maeve", "page"), Rung(15, "next in line, endpoint ops-phone", "page"),
             Rung(30, "lead", "warn")]  # fmt: skip
    assert to_steps(rungs)[1]["targets"] == [
        {"kind": "next_in_cascade", "ref": ""}, {"kind": "endpoint", "ref": "ops-phone"}
    ]  # fmt: skip
    steps = [Step(each["delay_seconds"], tuple(Target(**t) for t in each["targets"]), each["severity"])
             for each in to_steps(rungs)]  # fmt: skip
    assert to_rungs(steps) == rungs
    assert parse_who("somebody, ") == [{"kind": "somebody", "ref": ""}]


def test_repeats_are_part_of_the_climb() -> None:
    assert [passed // 60 for passed, _ in climb(DEFAULT_STEPS, 1)] == [0, 15, 30, 60, 120, 135, 150, 165, 195, 255]
