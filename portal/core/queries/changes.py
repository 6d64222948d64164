"""Whether anything was written since, and what may be remembered until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from django.db import connection

from portal.core.context import once

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

MINUTE, SHORT_WHILE = 60, 20
# Who takes a list out of the house leaves a row and changes nothing that a page says.
DOWNLOADED = "core.downloaded"
# Every page asks it, and building such a query costs more than asking it.
NEWEST = """
SELECT COALESCE(max(id), 0),
       COALESCE((SELECT max(id) FROM core_auditentry WHERE actor_id = %(viewer)s AND verb <> %(looked)s), 0)
FROM core_auditentry WHERE verb <> %(looked)s
"""
Found = TypeVar("Found")


class Newest(NamedTuple):
    """The numbers of the newest audit rows: as long as they stand, no page has changed but by the clock."""

    by_anyone: int
    by_viewer: int


def newest_change(viewer: Any) -> Newest:
    """One query a request."""
    return once(f"newest_change:{viewer.pk}", lambda: _newest(viewer.pk))


def _newest(person_id: int) -> Newest:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, {"viewer": person_id, "looked": DOWNLOADED})
        return Newest(*cursor.fetchone())


class UntilChanged(Generic[Found]):
    """What each person is told: found again after any write and as each minute begins.

    With `beside` it is a count beside a page, not the page itself: only the viewer's own write, else 20 s, end it.
    A process remembers no more than was asked for since.
    """

    made: list[UntilChanged[Any]] = []

    def __init__(self, find: Callable[[Any, datetime], Found], *, beside: bool = False) -> None:
        self._find = find
        self._beside = beside
        self._age: Hashable = None
        self._kept: dict[Hashable, Found] = {}
        self.made.append(self)

    def __call__(self, viewer: Any, at: datetime) -> Found:
        """What `find(viewer, at)` answers now, or answered since the last change that counts."""
        newest, seconds = newest_change(viewer), int(at.timestamp())
        age, key = (newest.by_anyone, seconds // MINUTE), (viewer.pk, 0)
        if self._beside:
            age, key = (0, seconds // SHORT_WHILE), (viewer.pk, newest.by_viewer)
        if age != self._age:
            self._age, self._kept = age, {}
        kept = self._kept
        if key not in kept:
            kept[key] = self._find(viewer, at)
        return kept[key]

    @classmethod
    def forget(cls) -> None:
        """For tests: what a process remembers does not outlive one."""
        for each in cls.made:
            each._kept = {}  # noqa: SLF001 (its own)
