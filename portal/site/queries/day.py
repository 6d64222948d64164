"""What waits for one person, and the blocks of their day (spec site 2, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from portal.core.errors import NotVisible
from portal.core.models import Later
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


@dataclass(frozen=True)
class PutOff:
    """What waits for a person on another day."""

    key: str
    need: Need
    until_at: datetime


def _find_needs(viewer: Any, at: datetime) -> tuple[list[Need], list[PutOff]]:
    rows = [row for rows in need_registry.values() for row in rows(viewer, at)]
    rows.sort(key=lambda row: (row.due_at is None, row.due_at or row.since, row.since))
    said = {row.key: row for row in Later.objects.filter(person=viewer, until_at__gt=at)} if rows else {}
    waiting, off = [], []
    for row in rows:
        later = said.get(need_key(row))
        if later is None or later.until_at is None or row.since > later.said_at:
            waiting.append(row)
        else:
            off.append(PutOff(later.key, row, later.until_at))
    return waiting, sorted(off, key=lambda one: one.until_at)


_needs = UntilChanged(_find_needs)


def needs_of(viewer: Any, at: datetime) -> list[Need]:
    """What only this person can move now: due first, then the longest waiting; at most a minute old."""
    return _needs(viewer, at)[0]


def put_off_by(viewer: Any, at: datetime) -> list[PutOff]:
    """What this person put off and what has not gone by itself meanwhile, soonest first; at most a minute old."""
    return _needs(viewer, at)[1]


def need_key(need: Need) -> str:
    """The name of a row as long as it says the same."""
    return sha256(f"{need.url}\n{need.verb}\n{need.subject}".encode()).hexdigest()[:32]


def need_called(viewer: Any, key: str, at: datetime) -> Need:
    """A row of the person by its name, put off or not; raises `NotVisible`."""
    waiting, off = _needs(viewer, at)
    for need in [*waiting, *(one.need for one in off)]:
        if need_key(need) == key:
            return need
    raise NotVisible


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
