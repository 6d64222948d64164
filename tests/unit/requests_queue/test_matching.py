"""Ranking, boost, bands and the features of the logistic (spec faq 5, 6)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_queue.domain.matching import (
    HYBRID,
    LEXICAL,
    Candidate,
    band_of,
    best_wordings,
    clean_query,
    features_of,
    fused,
    is_long_enough,
    judge,
    logistic_from,
    marked,
    normal_form,
    says_something,
    sigmoid,
)

SHARES = st.floats(0, 1)


def candidates(*pairs: tuple[float, float]) -> list[Candidate]:
    return [Candidate(n, n, cosine, words, best_cosine=cosine) for n, (cosine, words) in enumerate(pairs, 1)]


def test_the_score_is_six_tenths_cosine_and_four_tenths_words_up_to_one_and_a_half() -> None:
    assert fused(0.5, 0.5) == pytest.approx(0.5)
    assert fused(1, 9) == pytest.approx(0.6 + 0.4 * 1.5)


def test_an_entry_counts_by_its_best_wording_and_never_by_their_sum() -> None:
    rows = [Candidate(1, 1, 0.2, 0.2), Candidate(1, 2, 0.6, 0.5), Candidate(2, 3, 0.55, 0.5)]
    found = {one.id: one for one in best_wordings(rows)}
    assert (found[1].phrase, found[1].score, found[1].best_cosine) == (2, fused(0.6, 0.5), 0.6)
    assert len(found) == 2


def test_the_boost_reorders_and_hides_nothing() -> None:
    rows = [Candidate(1, 1, 0.70, 0.5), Candidate(2, 2, 0.60, 0.5, is_about=True)]
    judged = judge(rows, entries=2, is_semantic=True)
    assert [one.id for one in judged.entries] == [2, 1]
    assert judged.features == judge([Candidate(1, 1, 0.70, 0.5), Candidate(2, 2, 0.60, 0.5)], entries=2,
                                    is_semantic=True).features  # fmt: skip


def test_margins_are_taken_among_the_entries_of_the_asset_from_six_on() -> None:
    others = [Candidate(n, n, 0.9, 0.9, 0.9) for n in range(1, 4)]
    about = [Candidate(n, n, 0.5 - n / 100, 0.5, 0.5 - n / 100, is_about=True) for n in range(10, 16)]
    judged = judge([*others, *about], entries=9, is_semantic=True)
    assert judged.features == features_of(about, 6, is_semantic=True)


def test_ties_go_by_the_id_of_the_entry() -> None:
    judged = judge(candidates((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)), entries=3, is_semantic=True)
    assert [one.id for one in judged.entries] == [1, 2, 3]


def test_with_fewer_than_six_entries_the_sixth_is_the_last_and_a_missing_one_scores_nothing() -> None:
    three = candidates((0.9, 0.9), (0.5, 0.5), (0.3, 0.3))
    assert features_of(three, 3, is_semantic=True)[3] == pytest.approx(0.6)
    assert features_of(three, 6, is_semantic=True)[3] == pytest.approx(0.9)
    assert features_of(three[:1], 1, is_semantic=False) == (0.9, 0.0, 0.0)


def test_the_shipped_logistic_is_the_formula_written_out() -> None:
    features = (0.8, 0.6, 0.2, 0.3, 0.3)
    means, stds = (0.7102, 0.4807, 0.1152, 0.2366, 0.2361), (0.1589, 0.2450, 0.1146, 0.1415, 0.1411)
    weights = (1.288, -0.435, 0.713, 0.353, 0.391)
    z = -0.011 + sum(w * (x - m) / s for w, x, m, s in zip(weights, features, means, stds, strict=True))
    assert HYBRID.probability(features) == pytest.approx(1 / (1 + math.exp(-z)), abs=1e-12)
    assert logistic_from(LEXICAL.as_json()) == LEXICAL


@given(st.floats(-800, 800))
def test_the_sigmoid_never_overflows(x: float) -> None:
    assert 0 <= sigmoid(x) <= 1


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=20), st.integers(0, 30))
def test_the_best_score_stands_first_and_p_is_a_share(pairs: list[tuple[float, float]], more: int) -> None:
    rows = candidates(*pairs)
    judged = judge(rows, entries=len(rows) + more, is_semantic=True)
    assert judged.entries[0].score == max(one.score for one in rows)
    assert 0 <= judged.p <= 1


@pytest.mark.parametrize(
    ("p", "semantic", "stale", "band"),
    [(0.8, True, False, "upper"), (0.8, False, False, "lower"), (0.8, True, True, "lower"),
     (0.5, True, False, "lower"), (0.49, True, False, "none")],
)  # fmt: skip
def test_the_bands(p: float, semantic: bool, stale: bool, band: str) -> None:  # noqa: FBT001 (pytest gives them)
    assert band_of(p, is_semantic=semantic, is_stale=stale) == band


def test_four_words_are_too_few_and_five_are_enough() -> None:
    assert not is_long_enough("why is gmv lower")
    assert is_long_enough("why is net gmv lower")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("  a\x00b\tc\n", "a b c"), ("word " * 600, "word " * 399 + "word"), ("x" * 3000, "x" * 2000)],
)
def test_a_query_is_one_line_cut_at_a_word(raw: str, clean: str) -> None:
    assert clean_query(raw) == clean


@pytest.mark.parametrize("text", ["", "???", "😀 😀", "why why why why why"])
def test_signs_and_one_word_over_and_over_say_nothing(text: str) -> None:
    assert not says_something(text)


def test_case_accents_and_signs_make_no_new_wording() -> None:
    assert normal_form("Who owns the Café, data?") == normal_form("who OWNS the cafe data")


def test_the_words_of_the_asker_are_marked() -> None:
    assert marked("Net GMV is lower", "why lower net gmv") == [("Net GMV", True), (" is ", False), ("lower", True)]
