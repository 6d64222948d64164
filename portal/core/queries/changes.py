"""Whether anything was written since, and what may be remembered until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Max

from portal.core.context import once
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SECONDS = 60
MOST_REMEMBERED = 5000
Found = TypeVar("Found")


def newest_change() -> int:
    """The number of the newest audit row: as long as it stands, no page has changed but by the clock; one query."""
    return once("newest_change", lambda: AuditEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0)


class UntilChanged(Generic[Found]):
    """What one person is told: found again after any write and as each minute begins, else one query.

    A process remembers it for the `MOST_REMEMBERED` newest people.
    """

    made: list[UntilChanged[Any]] = []

    def __init__(self, find: Callable[[Any, datetime], Found]) -> None:
        self._find = find
        self._kept: dict[int, tuple[tuple[int, int], Found]] = {}
        self.made.append(self)

    def __call__(self, viewer: Any, at: datetime) -> Found:
        """What `find(viewer, at)` answers, at most a minute old."""
        state = (newest_change(), int(at.timestamp()) // SECONDS)
        kept = self._kept.get(viewer.pk)
        if kept is not None and kept[0] == state:
            return kept[1]
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        found = self._find(viewer, at)
        self._kept[viewer.pk] = (state, found)
        return found

    @classmethod
    def forget(cls) -> None:
        """For tests: what a process remembers does not outlive one."""
        for each in cls.made:
            each._kept.clear()  # noqa: SLF001 (its own)
