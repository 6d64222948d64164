"""What other terms would have decided about the same work (spec budget 3)."""

from __future__ import annotations

from requests_queue.domain.budget import Ruling, Terms, Work
from requests_queue.domain.desk import rulings

WORKS = [Work(90), Work(90), Work(300), Work(30, is_structural=True), Work(600)]


def test_each_work_is_judged_in_turn_against_what_the_ones_before_took() -> None:
    assert rulings(WORKS, 2000, Terms()) == {
        Ruling.ACCEPT: 1, Ruling.ACCEPT_AMBER: 1, Ruling.DEFER: 3,
    }  # fmt: skip


def test_a_wider_band_takes_more_in() -> None:
    assert rulings(WORKS, 2000, Terms(floor_bp=1000, cap_bp=3000)) == {
        Ruling.ACCEPT: 2, Ruling.LEAD_APPROVAL: 1, Ruling.DEFER: 2,
    }  # fmt: skip


def test_smaller_sizes_defer_what_was_medium() -> None:
    assert rulings([Work(300)], 20_000, Terms())[Ruling.ACCEPT] == 1
    assert rulings([Work(300)], 20_000, Terms(small_max=60, medium_max=240))[Ruling.DEFER] == 1
