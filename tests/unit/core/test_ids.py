"""Identifiers that sort by their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.core.ids import new_id

AT = datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_that_tells_its_millisecond() -> None:
    made = new_id(AT)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == 1_772_442_000_123


def test_what_is_made_a_millisecond_later_sorts_later() -> None:
    assert all(new_id(AT) < new_id(AT + timedelta(milliseconds=1)) for _ in range(1000))


def test_no_two_of_one_millisecond_are_alike() -> None:
    assert len({new_id(AT) for _ in range(10_000)}) == 10_000
