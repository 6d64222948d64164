"""The bands learn from verdicts and are never made worse (spec faq 6, 14.14)."""

from __future__ import annotations

import random

from requests_queue.domain.fitting import Label, fitted, precision_of, refit
from requests_queue.domain.matching import HYBRID


def asks(count: int, seed: int) -> list[tuple[float, ...]]:
    """Features as the development sets spread them."""
    draw = random.Random(seed)  # noqa: S311 (a fixed draw)
    return [
        tuple(draw.gauss(mean, std) for mean, std in zip(HYBRID.means, HYBRID.stds, strict=True)) for _ in range(count)
    ]


def test_a_hundred_consistent_verdicts_are_kept() -> None:
    labels = [Label(features, HYBRID.probability(features) >= 0.5) for features in asks(100, 1)]
    fit = refit(HYBRID, HYBRID, labels)
    assert (fit.is_kept, fit.labels, fit.note) == (True, 100, "")
    assert fit.precision is not None
    assert fit.precision >= (fit.before or 0)


def test_verdicts_at_random_are_refused() -> None:
    draw = random.Random(2)  # noqa: S311 (a fixed draw)
    labels = [Label(features, draw.random() < 0.5) for features in asks(200, 3)]
    fit = refit(HYBRID, HYBRID, labels)
    assert not fit.is_kept
    assert fit.note


def test_fewer_than_fifty_are_too_few() -> None:
    fit = refit(HYBRID, HYBRID, [Label(features, solved=True) for features in asks(49, 4)])
    assert (fit.is_kept, fit.note) == (False, "49 verdicts are too few; 50 are needed")


def test_no_verdicts_leave_the_shipped_coefficients() -> None:
    assert fitted(HYBRID, []) == HYBRID


def test_a_few_verdicts_move_the_coefficients_little() -> None:
    moved = fitted(HYBRID, [Label(features, solved=False) for features in asks(3, 5)])
    assert max(abs(a - b) for a, b in zip(moved.weights, HYBRID.weights, strict=True)) < 0.5


def test_two_fits_to_the_same_verdicts_are_the_same() -> None:
    labels = [Label(features, HYBRID.probability(features) >= 0.4) for features in asks(80, 6)]
    assert fitted(HYBRID, labels) == fitted(HYBRID, labels)


def test_precision_counts_only_what_is_called_likely() -> None:
    assert precision_of([(0.9, True), (0.8, False), (0.79, False)]) == 0.5
    assert precision_of([(0.7, True)]) is None
