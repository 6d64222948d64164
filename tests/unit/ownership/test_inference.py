"""Weak signs add up to one guess, and never to more than a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.inference import Hint, guesses, of_commits, of_neighbours, of_readers, of_writers

AT = datetime(2026, 6, 1, tzinfo=UTC)
ANA, BO = 1, 2


def commits(party: int, *ages: int) -> list[tuple[int, datetime]]:
    return [(party, AT - timedelta(days=age)) for age in ages]


def test_agreeing_signs_leave_the_product_of_their_doubts() -> None:
    signs = [Hint(ANA, "codeowners", 0.7, "line 3"), Hint(ANA, "commits", 0.6, "3 of 4"), Hint(BO, "commits", 0.5, "")]
    found = guesses(signs)
    assert [(guess.party, guess.confidence) for guess in found] == [(ANA, 0.88), (BO, 0.5)]
    assert found[0].evidence == [{"kind": "codeowners", "ref": "line 3"}, {"kind": "commits", "ref": "3 of 4"}]


def test_two_signs_of_one_kind_count_once() -> None:
    assert guesses(of_writers([(ANA, "daily"), (ANA, "hourly")]))[0].confidence == 0.6


def test_half_of_the_commits_of_half_a_year_is_a_sign() -> None:
    assert of_commits([*commits(ANA, 1, 2), *commits(BO, 1)], AT) == [Hint(ANA, "commits", 0.6, "2 of 3 in 180 days")]
    assert [hint.party for hint in of_commits([*commits(ANA, 3), *commits(BO, 3)], AT)] == [ANA, BO]
    assert of_commits(commits(ANA, 181), AT) == []
    assert [hint.party for hint in of_commits([*commits(ANA, 170, 171), *commits(BO, 1)], AT)] == [BO]


def test_the_only_one_that_shows_it_is_a_sign_and_two_are_none() -> None:
    assert [hint.confidence for hint in of_readers([(ANA, "board")])] == [0.5]
    assert of_readers([(ANA, "board"), (None, "other")]) == []
    assert of_readers([(None, "board")]) == []


def test_two_neighbours_of_one_owner_are_a_sign() -> None:
    assert of_neighbours([(ANA, "b"), (BO, "c"), (ANA, "a")]) == [Hint(ANA, "its neighbours", 0.5, "a, b")]
    assert of_neighbours([(ANA, "a"), (BO, "b")]) == []


@given(st.lists(st.sampled_from([0.5, 0.6, 0.7]), min_size=1, max_size=4))
def test_more_signs_never_make_a_guess_less_sure(confidences: list[float]) -> None:
    signs = [Hint(ANA, str(n), confidence, "") for n, confidence in enumerate(confidences)]
    (guess,) = guesses(signs)
    assert max(confidences) <= guess.confidence <= 1.0
    assert guess.confidence == pytest.approx(guesses([*signs, signs[0]])[0].confidence)
