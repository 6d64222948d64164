"""Who may be meant by a foreign name: suggestions, never answers."""

from __future__ import annotations

import pytest

from ownership.domain.identities import Candidate, suggest, trigrams

ANA = Candidate(1, "Ana Lopes", "alopes", "ana.lopes@example.com")
BO = Candidate(2, "Bo Chen", "bchen", "bo@example.com")
TEAM = Candidate(-3, "Analytics", "analytics")
EVERYBODY = [ANA, BO, TEAM]


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        ("ana.lopes@old.example", [1]),
        ("12345+bchen@users.noreply.github.com", [2]),
        ("Ana Lopes", [1]),
        ("ana_lopes", [1]),
        ("@example/analytics-", [-3]),
        ("urn:li:corpuser:alopes", [1]),
        ("zzz", []),
        ("", []),
        ("noreply@example.com", []),
    ],
)
def test_what_looks_alike_is_suggested(raw: str, keys: list[int]) -> None:
    assert [each.candidate.key for each in suggest(raw, EVERYBODY)] == keys


def test_a_rejected_pair_never_comes_back() -> None:
    assert suggest("ana.lopes@old.example", EVERYBODY, rejected={1}) == []


def test_at_most_three_and_the_likeliest_first() -> None:
    many = [Candidate(n, "Ana Lopes", f"ana{n}", f"ana.lopes@{n}.example") for n in range(9)]
    found = suggest("ana.lopes@old.example", [BO, *many])
    assert [each.candidate.key for each in found] == [0, 1, 2]


def test_trigrams_are_those_of_postgresql() -> None:
    assert trigrams("Cat") == {"  c", " ca", "cat", "at "}
