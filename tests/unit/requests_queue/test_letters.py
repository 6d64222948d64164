"""Push-back letters and urgency tokens."""

from __future__ import annotations

import pytest

from requests_queue.domain.letters import rule_of, share_words, work_words, write_letter
from requests_queue.domain.urgency import UrgentRequest, free_slot, honesty

NUMBERS = {
    "requester": "Bob", "estimate": "15 h", "team": "Data Platform", "used": "8.1 %", "cap": "10.0 %",
    "medium_max": "8 h", "next_quarter": "Q2 2027", "decided_on": "18 March",
    "candidate_url": "/plan/x", "candidate": "C-41",
    "lead": "Alice", "meanwhile": "", "reason": "R", "alternative": "A", "place": "2", "quarter_ends_on": "31 March",
}  # fmt: skip


def test_a_large_request_in_a_green_quarter_hears_that_size_decides() -> None:
    rule = rule_of("DEFER", is_large=True, is_green=True)
    letter = write_letter("DEFER", rule, NUMBERS)
    assert "it is the size that decides and not the budget" in letter.body
    assert "15 h" in letter.body
    assert "candidate C-41 of the plan of Q2 2027, decided by 18 March" in letter.body
    assert letter.body.endswith("Ask Alice, who leads the team.")


def test_a_medium_one_above_the_cap_hears_that_it_does_not_fit() -> None:
    assert rule_of("DEFER", is_large=False, is_green=False) == "over_cap"


def test_what_is_put_in_is_never_read_as_a_template() -> None:
    letter = write_letter("DECLINE", "declined", NUMBERS | {"reason": "{lead.__class__} {0}"})
    assert "{lead.__class__} {0}" in letter.body


def test_a_missing_number_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        write_letter("QUEUE", "queue", {"requester": "Bob"})


def test_minutes_and_shares_as_people_say_them() -> None:
    assert [work_words(minutes) for minutes in (45, 60, 90, 900)] == ["45 min", "1 h", "1 h 30 min", "15 h"]
    assert share_words(810, 10_000) == "8.1 %"


def test_the_lowest_free_token_is_taken_and_the_fourth_is_none() -> None:
    assert [free_slot({1, 3}, 3), free_slot({1, 2, 3}, 3), free_slot({1, 2, 3}, 4)] == [2, None, 4]


def test_honesty_needs_five_and_gives_the_hand_computed_median() -> None:
    opened = [UrgentRequest(seconds) for seconds in (60, 600, 7200, 86_400, 345_600)]
    assert honesty(opened[:4]).median_seconds is None
    told = honesty([*opened, UrgentRequest(None)])
    assert (told.median_seconds, told.p85_seconds, told.n) == (7200, 345_600, 5)
