"""Whose word counts (spec ownership 4)."""

from __future__ import annotations

from dataclasses import replace

from ownership.domain.precedence import ClaimView, RowView, settle

ANA, BO, TEAM = (1, 0), (2, 0), (0, 5)
DBT = ClaimView(id=1, source_id=10, precedence=70, basis="declared", confidence=0.9, rank=1, party=ANA)


def test_the_first_owner_of_the_highest_source_is_primary() -> None:
    second = replace(DBT, id=2, rank=2, party=TEAM)
    lower = replace(DBT, id=3, source_id=11, precedence=40, party=BO)
    result = settle([DBT, second, lower], [])
    assert [(start.party, start.rank) for start in result.start] == [(ANA, 1), (TEAM, 2)]
    assert result.outcomes == {1: "applied", 2: "applied", 3: "shadowed"}


def test_a_row_of_a_person_stands_and_the_claim_is_a_conflict() -> None:
    result = settle([DBT], [RowView(id=7, party=BO, rank=1, origin="portal")])
    assert (result.start, result.end, result.outcomes) == ([], [], {1: "conflict"})


def test_at_equal_rank_the_source_already_applied_stays() -> None:
    rival = replace(DBT, id=2, source_id=9, party=BO)
    row = RowView(id=7, party=ANA, rank=1, origin="import", source_id=10, claim_id=1)
    result = settle([DBT, rival], [row])
    assert (result.start, result.end, result.outcomes) == ([], [], {1: "applied", 2: "conflict"})


def test_the_next_source_takes_over_when_a_claim_is_gone() -> None:
    lower = replace(DBT, id=3, source_id=11, precedence=40, party=BO)
    row = RowView(id=7, party=ANA, rank=1, origin="import", source_id=10, claim_id=1)
    result = settle([lower], [row])
    assert (result.end, [start.party for start in result.start]) == ([7], [BO])


def test_an_unknown_or_muted_claim_makes_nobody_an_owner() -> None:
    result = settle([replace(DBT, party=None), replace(DBT, id=2, outcome="muted")], [])
    assert (result.start, result.outcomes) == ([], {1: "unresolved", 2: "muted"})
