"""Which names are looked for when nobody knows the one that came."""

from __future__ import annotations

import pytest

from oncall.domain.naming_guess import likely_names


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("growth_daily", ["growth_daily"]),
        ("prod.growth.Growth-Daily_dag",
         ["prod.growth.growth_daily_dag", "growth.growth_daily_dag", "growth_daily_dag", "growth_daily"]),
        ("dag_load_orders_run", ["dag_load_orders_run", "orders"]),
        ("  ", []),
        ("...", ["..."]),
    ],
)  # fmt: skip
def test_a_place_before_and_a_jobs_word_around_are_left_out(name: str, likely: list[str]) -> None:
    assert likely_names(name) == likely


def test_at_most_six_are_looked_for() -> None:
    assert len(likely_names("a.b.c.d.e.f.g.h_dag")) == 6
