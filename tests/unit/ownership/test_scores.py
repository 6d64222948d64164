"""The arithmetic of a crossing (spec ownership 7), with the example of the page to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.scores import acceptance_ends, age_days, persists, step_instants, weigh

OPENED = datetime(2026, 4, 6, tzinfo=UTC)


def test_a_data_engineer_who_owns_and_works_on_a_metric_of_tier_1_is_critical() -> None:
    weight = weigh(base=3, tier=1, is_owned=True, is_done=True, downstream=12)
    assert (weight.exact, weight.score, weight.level) == (Decimal("6.0480"), Decimal("6.05"), "critical")
    assert weight.words == "3 × tier 1.5 × evidence 1.2 × reach 1.12"  # noqa: RUF001 (the sign of the page)


@pytest.mark.parametrize(
    ("base", "tier", "downstream", "level"),
    [
        (2, 3, 24, "low"), (2, 3, 25, "medium"), (3, 2, 11, "medium"), (4, 3, 0, "high"), (4, 3, 49, "high"),
        (4, 3, 50, "critical"), (4, None, 500, "high"), (2, 4, 0, "low"),
    ],
)  # fmt: skip
def test_a_level_begins_exactly_at_its_limit(base: int, tier: int | None, downstream: int, level: str) -> None:
    assert weigh(base=base, tier=tier, is_owned=True, is_done=False, downstream=downstream).level == level


@given(
    base=st.integers(1, 4), tier=st.sampled_from([None, 1, 2, 3, 4]), kind=st.sampled_from(["owned", "done", "both"]),
    downstream=st.integers(0, 10_000),
)  # fmt: skip
def test_the_score_is_the_product_of_four_factors(base: int, tier: int | None, kind: str, downstream: int) -> None:
    weight = weigh(
        base=base, tier=tier, is_owned=kind != "done", is_done=kind != "owned", downstream=downstream
    )  # fmt: skip
    tiers = {1: Fraction(3, 2), 2: Fraction(6, 5), 3: Fraction(1), 4: Fraction(4, 5), None: Fraction(4, 5)}
    kinds = {"owned": Fraction(1), "done": Fraction(7, 10), "both": Fraction(6, 5)}
    told = base * tiers[tier] * kinds[kind] * (1 + Fraction(min(downstream, 50), 100))
    assert Fraction(weight.exact) == told
    assert abs(Fraction(weight.score) - told) <= Fraction(1, 200)


def test_the_steps_fall_on_the_days_of_the_example() -> None:
    days = {n: instant.date() for n, instant in step_instants(OPENED).items()}
    assert days == {30: date(2026, 5, 6), 90: date(2026, 7, 5), 180: date(2026, 10, 3)}


def test_an_acceptance_ends_with_its_last_day_and_the_age_stays() -> None:
    ends = acceptance_ends(date(2026, 10, 1), "UTC")
    assert ends == datetime(2026, 10, 2, tzinfo=UTC)
    assert age_days(OPENED, ends) == 179
    assert acceptance_ends(date(2026, 10, 1), "Europe/Madrid") == datetime(2026, 10, 1, 22, tzinfo=UTC)


def test_it_persists_while_owned_or_worked_on_within_thirty_days() -> None:
    at = OPENED + timedelta(days=60)
    old, new = at - timedelta(days=30, seconds=1), at - timedelta(days=30)
    assert [persists(state="open", is_owned=False, last_evidence_at=each, at=at) for each in (None, old, new)] == [
        False, False, True,
    ]  # fmt: skip
    states = {
        state: persists(state=state, is_owned=True, last_evidence_at=None, at=at)
        for state in ("open", "talking", "handover", "accepted", "dismissed", "resolved")
    }
    assert [state for state, does in states.items() if does] == ["open", "talking", "handover"]
