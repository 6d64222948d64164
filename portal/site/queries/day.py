"""What waits for one person, and the blocks of their day (spec site 2, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.panels import Panel, panels
from portal.core.queries.changes import UntilChanged
from portal.core.registries import Need, need_registry, panel_registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SLOT = "person.day"
ASIDE_FROM = 70
MOST_NEEDS = 12


@dataclass(frozen=True)
class Day:
    """The blocks of the main column and of the aside, and what the header says about them."""

    main: Sequence[Panel]
    aside: Sequence[Panel]
    headlines: Sequence[str]


def _find_needs(viewer: Any, at: datetime) -> list[Need]:
    rows = [row for rows in need_registry.values() for row in rows(viewer, at)]
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.since, row.since))


_needs = UntilChanged(_find_needs)


def needs_of(viewer: Any, at: datetime) -> list[Need]:
    """What only this person can move: due first, then the longest waiting; at most a minute old."""
    return _needs(viewer, at)


def _find_day(viewer: Any, at: datetime) -> Day:
    blocks = panels(SLOT, subject=viewer, viewer=viewer, at=at)
    aside = [block for block in blocks if _order(block) >= ASIDE_FROM]
    headlines = [getattr(block.model, "headline", "") for block in blocks]
    return Day([block for block in blocks if block not in aside], aside, [line for line in headlines if line])


_day = UntilChanged(_find_day)


def day_of(viewer: Any, at: datetime) -> Day:
    """The blocks of My day in order, at most a minute old; `headline` of a model is a clause for the header."""
    return _day(viewer, at)


def _order(block: Panel) -> int:
    entry = panel_registry.get(f"{SLOT}:{block.key}")
    return entry.order if entry else 0
