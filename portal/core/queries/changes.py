"""Whether anything was written since, and what may be remembered until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from django.db import connection

from portal.core.context import once

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

# Every page asks it, and building such a query costs more than asking it.
NEWEST = """
SELECT COALESCE(max(id), 0), COALESCE((SELECT max(id) FROM core_auditentry WHERE actor_id = %s), 0)
FROM core_auditentry
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
        cursor.execute(NEWEST, [person_id])
        return Newest(*cursor.fetchone())


class _Remembered(Generic[Found]):
    """What each person is told, found again when it may have changed; nothing outlives its `seconds`.

    A process remembers no more than was asked for since.
    """

    made: list[_Remembered[Any]] = []
    seconds = 60

    def __init__(self, find: Callable[[Any, datetime], Found]) -> None:
        self._find = find
        self._age: Hashable = None
        self._kept: dict[Hashable, Found] = {}
        self.made.append(self)

    def __call__(self, viewer: Any, at: datetime) -> Found:
        """What `find(viewer, at)` answers now, or answered since the last change that counts."""
        newest, slot = newest_change(viewer), int(at.timestamp()) // self.seconds
        age, key = self._place(newest, slot, viewer.pk)
        if age != self._age:
            self._age, self._kept = age, {}
        kept = self._kept
        if key not in kept:
            kept[key] = self._find(viewer, at)
        return kept[key]

    def _place(self, newest: Newest, slot: int, person_id: int) -> tuple[Hashable, Hashable]:
        """What ends the memory of everybody, and the name of what is remembered for one."""
        raise NotImplementedError

    @classmethod
    def forget(cls) -> None:
        """For tests: what a process remembers does not outlive one."""
        for each in cls.made:
            each._kept = {}  # noqa: SLF001 (its own)


class UntilChanged(_Remembered[Found]):
    """Found again after anybody's write and as each minute begins."""

    def _place(self, newest: Newest, slot: int, person_id: int) -> tuple[Hashable, Hashable]:
        return (newest.by_anyone, slot), person_id


class UntilOwnChange(_Remembered[Found]):
    """Found again after the viewer's own write, else every 20 s: for counts beside a page, not for the page itself."""

    seconds = 20

    def _place(self, newest: Newest, slot: int, person_id: int) -> tuple[Hashable, Hashable]:
        return slot, (person_id, newest.by_viewer)
