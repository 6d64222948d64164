"""Who in fact takes care of an asset (spec ownership 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ownership.domain.shadow import ACTS, Event, effective_owner, shadow_owner, shares, weight

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANA, BO = 1, 2


def acts(party: int, *ages: float, kind: str = "commit") -> list[Event]:
    return [Event(party, kind, AT - timedelta(days=age), f"{party}-{age}") for age in ages]


def test_an_event_halves_in_ninety_days_and_a_declaration_stands() -> None:
    assert weight("commit", timedelta(days=90)) == pytest.approx(0.3)
    assert weight("page_acked", timedelta(days=180)) == pytest.approx(0.2)
    assert weight("declared", timedelta(days=900)) == 1.0


def test_what_files_say_is_no_act() -> None:
    assert not ACTS & {"declared", "codeowners", "pipeline_owner"}
    assert {"commit", "review", "page_acked", "question_answered"} <= ACTS


def test_the_effective_owner_has_the_largest_sum_of_at_least_a_half() -> None:
    found = effective_owner([*acts(ANA, 0), *acts(BO, 0, 10)], AT)
    assert found is not None
    assert (found.party, found.events) == (BO, 2)
    assert effective_owner(acts(ANA, 30), AT) is None
    assert effective_owner(acts(ANA, -1), AT) is None
    assert [share.party for share in shares([*acts(BO, 0), *acts(ANA, 0)], AT)] == [ANA, BO]


def test_shadow_ownership_needs_thirty_days_and_three_events() -> None:
    since = acts(BO, 31, 20, 10)
    assert shadow_owner(since, BO, AT) is None
    assert shadow_owner(since, None, AT) is None
    found = shadow_owner(since, ANA, AT)
    assert found is not None
    assert found.party == BO
    assert shadow_owner(acts(BO, 29, 20, 10), ANA, AT) is None
    assert shadow_owner(acts(BO, 31, 10), ANA, AT) is None


def test_a_stretch_of_the_accountable_party_within_the_thirty_days_begins_it_anew() -> None:
    assert shadow_owner([*acts(BO, 40, 35, 5), *acts(ANA, 25, 25, 25)], ANA, AT) is None
