"""Work that nobody has to wish for: the portal sees it in crossings, incidents and loans (spec additions, "input").

Plain values in, candidates out; one candidate a source and plan, so that what lasts is proposed once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

OLD_CROSSING = SEEN = timedelta(days=90)
REMEMBERED_LOANS = timedelta(days=366)
REFUSED_FOR = timedelta(days=184)
OFTEN = 3
OFTEN_UPSTREAM = 2
SHOWN_NAMES = 3
Source = tuple[str, int]


@dataclass(frozen=True)
class Found:
    """A candidate as the portal words it; `assets` are those it is about."""

    source: Source
    title: str
    why: str
    assets: tuple[int, ...]


@dataclass(frozen=True)
class Broke:
    """An incident of one asset; `is_upstream` when a look before the run would have seen it."""

    asset: int
    name: str
    kind: str
    opened_at: datetime
    pages: int = 0
    is_upstream: bool = False


@dataclass(frozen=True)
class Crossed:
    """A crossing that lasts; `towards` is the team that should have it, 0 and "" where nobody is named."""

    asset: int
    name: str
    towards: int
    towards_name: str
    since: datetime
    is_agreed: bool = False


@dataclass(frozen=True)
class Loan:
    """A stopgap of a runbook that worked, such as more memory."""

    asset: int
    name: str
    step: str
    incident: int
    at: datetime


@dataclass(frozen=True)
class Moving:
    """A table on its way to another version."""

    plan: int
    asset: int
    name: str
    successor: str
    references: int
    moved: int


@dataclass(frozen=True)
class Answered:
    """What earlier plans said to a source: still in work, refused until, shipped at."""

    is_in_work: bool = False
    refused_on: datetime | None = None
    shipped_at: datetime | None = None


def from_crossings(
    crossed: Iterable[Crossed], at: datetime, shipped: Callable[[Source], datetime | None], team: int
) -> list[Found]:
    """One candidate for each team to hand over to: what has crossed for 90 days, or what a talk put into the plan.

    After a line about it shipped, the 90 days begin anew. `team` stands for nobody named.
    """
    pairs: dict[tuple[int, str], list[Crossed]] = defaultdict(list)
    for one in crossed:
        since = max(one.since, shipped(("boundary", one.towards or team)) or one.since)
        if one.is_agreed or at - since > OLD_CROSSING:
            pairs[one.towards, one.towards_name].append(one)
    found = []
    for (key, name), rows in sorted(pairs.items()):
        oldest = (at - min(row.since for row in rows)).days
        title = f"Hand over to {name} what is theirs" if key else "Find who should own what crosses"
        why = f"{_count(len(rows), 'boundary crossed', 'boundaries crossed')}, the oldest for {oldest} days: "
        found.append(Found(("boundary", key or team), title, why + _names(rows), _assets(rows)))
    return found


def from_incidents(broke: Iterable[Broke], shipped: Callable[[Source], datetime | None]) -> list[Found]:
    """One candidate for each asset that broke in one way at least three times; the way it broke most often."""
    by_asset: dict[int, list[Broke]] = defaultdict(list)
    for one in broke:
        if one.opened_at > (shipped(("incident", one.asset)) or one.opened_at - SEEN):
            by_asset[one.asset].append(one)
    found = []
    for asset, rows in sorted(by_asset.items()):
        kind, times = Counter(row.kind for row in rows).most_common(1)[0]
        if times >= OFTEN:
            pages = sum(row.pages for row in rows if row.kind == kind)
            why = f"{times} incidents in 90 days{_pages(pages)}."
            found.append(Found(("incident", asset), f"No more {kind}: {rows[0].name}", why, (asset,)))
    return found


def from_upstream(
    broke: Iterable[Broke], checked: Collection[int], shipped: Callable[[Source], datetime | None], team: int
) -> list[Found]:
    """One candidate for all assets that upstream broke at least twice and that look at nothing before they run."""
    rows = [
        one
        for one in broke
        if one.is_upstream and one.asset not in checked
        and one.opened_at > (shipped(("precheck", team)) or one.opened_at - SEEN)
    ]  # fmt: skip
    often = {asset for asset, times in Counter(row.asset for row in rows).items() if times >= OFTEN_UPSTREAM}
    chosen = [row for row in rows if row.asset in often]
    if not chosen:
        return []
    pages = _pages(sum(row.pages for row in chosen))
    why = f"Would have seen {_count(len(chosen), 'incident')}{pages} in 90 days: {_names(chosen)}"
    return [Found(("precheck", team), "Look before the run where upstream fails", why, _assets(chosen))]


def from_loans(loans: Iterable[Loan], shipped: Callable[[Source], datetime | None]) -> list[Found]:
    """One candidate for each asset that lives on a stopgap; the newest is named, due within a quarter."""
    newest: dict[int, Loan] = {}
    for one in loans:
        if one.at > (shipped(("runbook_loan", one.asset)) or one.at - SEEN):
            newest[one.asset] = max(one, newest.get(one.asset, one), key=lambda loan: loan.at)
    return [
        Found(("runbook_loan", asset), f"Pay back a stopgap: {one.name}",
              f"Since INC-{one.incident} of {one.at:%-d %B %Y}: {one.step}", (asset,))
        for asset, one in sorted(newest.items())
    ]  # fmt: skip


def from_migrations(moving: Iterable[Moving]) -> list[Found]:
    """One candidate for each running migration."""
    return [
        Found(("migration", one.plan), f"Move {one.name} to {one.successor}" if one.successor else f"Move {one.name}",
              f"{_count(one.references, 'consumer')}, {one.moved} moved.", (one.asset,))
        for one in moving
    ]  # fmt: skip


def worth_proposing(found: Sequence[Found], answered: Mapping[Source, Answered], at: datetime) -> list[Found]:
    """Without what is in work already, and without what a plan refused in the last half year."""
    kept = []
    for one in found:
        known = answered.get(one.source, Answered())
        refused = known.refused_on is not None and at - known.refused_on < REFUSED_FOR
        if not known.is_in_work and not refused:
            kept.append(one)
    return kept


def _assets(rows: Sequence[Broke] | Sequence[Crossed]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row.asset for row in rows))


def _names(rows: Sequence[Broke] | Sequence[Crossed]) -> str:
    names = sorted({row.name for row in rows})
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more + "."


def _pages(number: int) -> str:
    return f" with {_count(number, 'page')}" if number else ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
