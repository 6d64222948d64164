"""Whether anything was written since, and what may be remembered until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connection

from portal.core.context import once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SECONDS = 60
# Every page asks it, and building such a query costs more than asking it.
NEWEST = "SELECT COALESCE(max(id), 0) FROM core_auditentry"
Found = TypeVar("Found")


def newest_change() -> int:
    """The number of the newest audit row: as long as it stands, no page has changed but by the clock; one query."""
    return once("newest_change", _newest)


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return int(cursor.fetchone()[0])


class UntilChanged(Generic[Found]):
    """What each person is told: found again after any write and as each minute begins, else one query a request.

    A process remembers no more than was asked for since the last write.
    """

    made: list[UntilChanged[Any]] = []

    def __init__(self, find: Callable[[Any, datetime], Found]) -> None:
        self._find = find
        self._state = (0, 0)
        self._kept: dict[int, Found] = {}
        self.made.append(self)

    def __call__(self, viewer: Any, at: datetime) -> Found:
        """What `find(viewer, at)` answers, at most a minute old."""
        state = (newest_change(), int(at.timestamp()) // SECONDS)
        if state != self._state:
            self._state, self._kept = state, {}
        kept = self._kept
        if viewer.pk not in kept:
            kept[viewer.pk] = self._find(viewer, at)
        return kept[viewer.pk]

    @classmethod
    def forget(cls) -> None:
        """For tests: what a process remembers does not outlive one."""
        for each in cls.made:
            each._kept = {}  # noqa: SLF001 (its own)
