"""Average linkage against a plain one, and what it makes of questions (spec faq 9)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_queue.domain.linkage import (
    b_cubed_precision,
    groups_at,
    linkage,
    middle_of,
    similarities,
    word_similarities,
)


def plain_groups(matrix: Any, cut: float) -> list[list[int]]:
    """Join the two groups with the highest average similarity until it is below the cut: the definition."""
    groups = [[place] for place in range(len(matrix))]
    while len(groups) > 1:
        pairs = [
            (float(np.mean([matrix[a, b] for a in one for b in other])), n, m)
            for n, one in enumerate(groups)
            for m, other in enumerate(groups)
            if n < m
        ]
        best, n, m = max(pairs, key=lambda pair: (pair[0], -pair[1], -pair[2]))
        if best < cut:
            break
        groups[n] += groups.pop(m)
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group[0]))


@given(st.integers(2, 9), st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_the_chain_gives_the_groups_of_the_definition(count: int, seed: int, cut: float) -> None:
    half = np.random.default_rng(seed).random((count, count))
    matrix = (half + half.T) / 2
    np.fill_diagonal(matrix, 1)
    assert groups_at(count, linkage(matrix), cut) == plain_groups(matrix, cut)


def test_words_are_alike_both_ways_and_one_with_themselves() -> None:
    bags = [{"refund": 1, "rate": 1}, {"refund": 1, "rate": 1, "carrier": 1}, {"churn": 2}]
    found = word_similarities(bags)
    assert found[0, 0] == pytest.approx(1)
    assert found[0, 1] == found[1, 0] > 0.5
    assert found[0, 2] == 0


def test_a_chain_of_pairs_does_not_join_its_ends() -> None:
    """0-1 and 1-2 are alike, 0-2 are not: connected components would take all three."""
    matrix = np.array([[1, 0.7, 0.0], [0.7, 1, 0.69], [0.0, 0.69, 1]])
    assert groups_at(3, linkage(matrix), 0.5) == [[0, 1], [2]]


def test_vectors_weigh_six_tenths() -> None:
    bags = [{"a": 1}, {"b": 1}]
    assert similarities(bags, [[1.0, 0.0], [1.0, 0.0]])[0, 1] == pytest.approx(0.6)


def test_the_middle_question_names_the_group() -> None:
    matrix = np.array([[1, 0.9, 0.1], [0.9, 1, 0.8], [0.1, 0.8, 1]])
    assert middle_of([0, 1, 2], matrix) == 1


def test_b_cubed_precision_counts_companions() -> None:
    assert b_cubed_precision([[0, 1], [2]], ["a", "a", "b"]) == 1
    assert b_cubed_precision([[0, 1, 2]], ["a", "a", "b"]) == pytest.approx((2 / 3 * 2 + 1 / 3) / 3)
