"""How long a check holds, what makes an answer stale, and who may check it (spec faq 3, 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from requests_queue.domain.answering import (
    Snapshot,
    Stale,
    changes_between,
    may_verify,
    reminders_for,
    slug_of,
    snapshot_from,
    valid_until,
)
from requests_queue.domain.deflection import Deflection

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
THEN = Snapshot("active", "aa", "d1", 7, {"id": "int", "amount": "numeric"}, ("amount",), "fct_orders")


def reasons(now: Snapshot) -> list[Stale | None]:
    return [change.reason for change in changes_between(THEN, now)]


def test_nothing_changed_means_nothing_stale() -> None:
    assert changes_between(THEN, THEN) == []


def test_a_lost_or_retyped_column_that_is_used_makes_it_stale() -> None:
    assert reasons(replace(THEN, schema_hash="bb", columns={"id": "int"})) == [Stale.SCHEMA]
    assert reasons(replace(THEN, schema_hash="bb", columns={"id": "int", "amount": "text"})) == [Stale.SCHEMA]


def test_a_column_that_is_not_used_or_only_added_is_a_note() -> None:
    assert reasons(replace(THEN, schema_hash="bb", columns={"id": "text", "amount": "numeric"})) == [None]
    grown = replace(THEN, schema_hash="bb", columns={**THEN.columns, "vat": "numeric"})
    assert [(change.reason, change.line) for change in changes_between(THEN, grown)] == [
        (None, "the schema of fct_orders grew")
    ]


def test_without_known_columns_any_schema_change_counts() -> None:
    blind = replace(THEN, columns={}, used=())
    changed = changes_between(blind, replace(blind, schema_hash="bb"))
    assert [change.reason for change in changed] == [Stale.SCHEMA]


def test_a_definition_a_lifecycle_a_name_and_an_owner_are_told_apart() -> None:
    assert reasons(replace(THEN, definition_hash="d2")) == [Stale.DEFINITION]
    assert reasons(replace(THEN, lifecycle="deprecated")) == [Stale.RETIRED]
    assert reasons(replace(THEN, name="fct_orders_v2")) == [Stale.RETIRED]
    assert reasons(replace(THEN, owner=8)) == [Stale.OWNER]


def test_a_snapshot_comes_back_as_it_was_stored() -> None:
    assert snapshot_from(THEN.as_json()) == THEN


@pytest.mark.parametrize(("tier", "days"), [(1, 30), (2, 90), (3, 180)])
def test_a_check_holds_by_tier(tier: int, days: int) -> None:
    assert valid_until(tier, AT) == AT + timedelta(days=days)


def test_reminders_come_14_and_3_days_before_the_end() -> None:
    until = AT + timedelta(days=30)
    assert reminders_for(until, AT) == [(1, AT + timedelta(days=16)), (2, AT + timedelta(days=27)), (3, until)]
    assert reminders_for(until, AT + timedelta(days=28)) == [(3, until)]


def test_the_author_alone_does_not_check_tier_1() -> None:
    assert may_verify(person=1, tier=1, author=1, judges=[1, 2]) == (False, "faq.verify_self")
    assert may_verify(person=2, tier=1, author=1, judges=[1, 2]) == (True, "")
    assert may_verify(person=1, tier=2, author=1, judges=[1]) == (True, "")
    assert may_verify(person=3, tier=2, author=1, judges=[1, 2]) == (False, "faq.not_judge")


def test_an_address_is_made_of_words_and_never_taken_twice() -> None:
    assert slug_of("Why is net GMV lower?") == "why-is-net-gmv-lower"
    assert slug_of("Why is net GMV lower?", ["why-is-net-gmv-lower"]) == "why-is-net-gmv-lower-2"
    assert slug_of("Review") == "review-2"
    assert slug_of("何?") == "answer"


def test_the_example_of_deflection_gives_23_5_percent() -> None:
    """Of 400 asks 60 pressed, 6 of them asked after all, 40 read and left; 306 requests in all."""
    figures = Deflection(explicit=60, recontacted=6, implicit=40, filed=306)
    assert round(figures.rate or 0, 3) == 0.235
    assert figures.recontact_share == 0.1
    assert figures.minutes_avoided(30) == 94 * 30
    assert Deflection(0, 0, 0, 0).rate is None
