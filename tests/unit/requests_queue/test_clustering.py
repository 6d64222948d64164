"""Questions that ask for one thing find each other, and nothing else joins them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from requests_queue.domain.clustering import (
    Question,
    _linked,
    _similarity,
    grouped,
    is_same,
    name_of,
    standing_of,
    words_of,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def asked(key: int, text: str, *assets: int, team: int = 1, days_ago: int = 5, minutes: int = 30) -> Question:
    return Question(key, text, frozenset(assets), team, NOW - timedelta(days=days_ago), minutes)


COHORTS = [
    asked(1, "Seller cohorts by signup month", 10, team=1),
    asked(2, "Seller cohort retention by month", 10, team=2),
    asked(3, "Cohorts of sellers by month of signup", 10, team=1),
    asked(4, "Seller cohorts, signup month, DE", 10, team=2),
]
OTHERS = [asked(8, "Refund rate by carrier", 20), asked(9, "When does fct_orders land", 30)]


def test_four_wordings_of_one_question_are_one_group() -> None:
    groups = grouped([*OTHERS, *COHORTS])
    assert [[question.key for question in group] for group in groups] == [[1, 2, 3, 4]]


def test_the_group_is_named_by_its_most_central_wording() -> None:
    assert name_of(COHORTS) == "Seller cohorts by signup month"


def test_the_order_of_the_questions_changes_nothing() -> None:
    assert grouped([*reversed(COHORTS), *OTHERS]) == grouped([*OTHERS, *COHORTS])


def test_equal_words_about_different_assets_stay_apart_from_each_other_when_words_are_few() -> None:
    first, second = asked(1, "row count", 1), asked(2, "daily count of rows", 2)
    assert grouped([first, second]) == []


def test_plural_accent_and_case_do_not_matter() -> None:
    assert words_of("Éléments GMV, Orders as is") == ["element", "gmv", "order", "as", "is"]


def test_five_asks_of_two_teams_in_90_days_make_a_candidate_and_three_a_recurring_one() -> None:
    group = [*COHORTS, asked(5, "Seller cohorts", 10, team=1)]
    assert (standing_of(group, NOW).is_candidate, standing_of(group, NOW).minutes) == (True, 150)
    assert (standing_of(COHORTS, NOW).is_candidate, standing_of(COHORTS, NOW).is_recurring) == (False, True)
    one_team = [asked(n, "Seller cohorts", team=1) for n in range(5)]
    assert standing_of(one_team, NOW).is_candidate is False


def test_what_was_asked_more_than_90_days_ago_does_not_count() -> None:
    group = [*COHORTS, asked(5, "Seller cohorts", 10, days_ago=91)]
    assert (standing_of(group, NOW).asks, standing_of(group, NOW).teams) == (4, 2)


def test_a_group_is_remembered_while_half_of_its_members_stay() -> None:
    assert is_same(frozenset({1, 2, 3}), frozenset({2, 3, 4}))
    assert not is_same(frozenset({1, 2, 3}), frozenset({3, 4, 5}))
    assert not is_same(frozenset(), frozenset())


one_word = st.sampled_from(["seller", "cohort", "month", "refund", "carrier", "gmv", "late"])
texts = st.lists(st.lists(one_word, min_size=1, max_size=4), min_size=2, max_size=9)


@settings(max_examples=60)
@given(texts)
def test_no_two_groups_could_still_be_merged_and_each_merge_was_allowed(words: list[list[str]]) -> None:
    """The oracle: between any two groups the mean similarity is under the cut, inside a group of two it is not."""
    questions = [asked(n, " ".join(text)) for n, text in enumerate(words)]
    similarity = _similarity(questions)
    labels = _linked(similarity, 0.5)
    groups = [[n for n, label in enumerate(labels) if label == one] for one in sorted(set(labels))]
    for one, other in combinations(groups, 2):
        mean = sum(similarity[a, b] for a in one for b in other) / (len(one) * len(other))
        assert mean < 0.5 + 1e-6
    for group in groups:
        if len(group) == 2:
            assert similarity[group[0], group[1]] >= 0.5
