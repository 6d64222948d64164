"""Pages by the last row seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core.errors import BadRequest
from portal.core.models import BusinessCalendar
from portal.core.web.keyset import keyset

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db


def listed() -> QuerySet[BusinessCalendar]:
    """The rows of this test, without the seeded ones."""
    return BusinessCalendar.objects.filter(name__in=["a", "b", "c", "d", "e"])


@pytest.fixture
def names() -> list[str]:
    names = ["a", "b", "c", "d", "e"]
    BusinessCalendar.objects.bulk_create(BusinessCalendar(name=name) for name in reversed(names))
    return names


def test_pages_follow_each_other_without_gap_or_repeat(names: list[str]) -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = keyset(listed(), order=("name",), cursor=cursor, size=2)
        seen += [row.name for row in page.rows]
        cursor = page.next_cursor
    assert (seen, cursor) == (names, "")


def test_rows_that_are_equal_in_the_order_are_told_apart_by_key(names: list[str]) -> None:
    first = keyset(listed(), order=("is_archived",), size=3)
    rest = keyset(listed(), order=("is_archived",), cursor=first.next_cursor, size=3)
    assert [row.name for row in first.rows + rest.rows] == names[::-1]


def test_descending_pages_stop_at_the_end(names: list[str]) -> None:
    page = keyset(listed(), order=("-name",), size=5)
    assert ([row.name for row in page.rows], page.next_cursor) == (names[::-1], "")


@pytest.mark.parametrize("cursor", ["x", "1:2:3", "."])
def test_a_cursor_that_was_not_handed_out_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest) as caught:
        keyset(listed(), order=("name",), cursor=cursor)
    assert (caught.value.code, caught.value.field) == ("core.bad_cursor", "cursor")


def test_a_cursor_of_another_order_is_refused(names: list[str]) -> None:
    page = keyset(listed(), order=("name",), size=2)
    with pytest.raises(BadRequest):
        keyset(listed(), order=("-name",), cursor=page.next_cursor)
