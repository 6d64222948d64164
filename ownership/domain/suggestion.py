"""Who could own what in a team: the fairest matrix by load and familiarity (spec exercise 2). Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_EXACT = 6
LEAST_PRIMARY, LEAST_BACKUP = 2, 1
# In quarters of a point, so that loads are whole numbers: a primary weighs 4, a backup 1.
WHOLE, QUARTER = 4, 1
# Tier points, 4 / 2 / 1 / 0.5, doubled so that they are whole.
DOUBLED = {1: 8, 2: 4, 3: 2}
# Somebody whose sum makes an effective owner knows it; three fresh acts are much.
KNOWS, KNOWS_WELL = 0.5, 1.5
Cost = tuple[int, int, int, int, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """An asset with its points and how well each person knows it (0 to 3, by handle)."""

    name: str
    points: int
    familiarity: Mapping[str, int]


@dataclass(frozen=True)
class Suggested:
    """One line of the matrix; "" where nobody knows enough."""

    name: str
    primary: str
    backup: str


@dataclass(frozen=True)
class Matrix:
    """The lines with the points and the load of each person, and the familiarity they add up to."""

    lines: tuple[Suggested, ...]
    primary_points: Mapping[str, int]
    load: Mapping[str, float]
    familiarity: int


def tier_points(tier: int | None) -> int:
    """Twice the points of a tier; no tier counts as 4."""
    return DOUBLED.get(tier or 0, 1)


def familiarity_of(total: float) -> int:
    """0 to 3 from the decayed sum of what somebody did: something, enough to be the effective owner, much."""
    return 0 if total <= 0 else 1 if total < KNOWS else 2 if total < KNOWS_WELL else 3


def suggest(people: Sequence[str], assets: Sequence[Wanted]) -> Matrix:
    """Least maximum of primary points, then of load; most familiarity; most even load; handles in asset order.

    Exact up to 6 people and 6 assets. Beyond that the heaviest assets choose first, then pairs are swapped while that
    makes the matrix better.
    """
    ordered = sorted(assets, key=lambda asset: asset.name)
    handles = sorted(people)
    options = {asset.name: _options(asset, handles) for asset in ordered}
    exact = len(handles) <= MOST_EXACT and len(ordered) <= MOST_EXACT
    chosen = _exact(ordered, options) if exact else _greedy(ordered, options)
    return _matrix(handles, ordered, chosen)


def _options(asset: Wanted, handles: Sequence[str]) -> list[tuple[str, str]]:
    """Every pair that knows enough, never the same person; a primary alone, or nobody, where no pair is left."""
    known = asset.familiarity
    primaries = [handle for handle in handles if known.get(handle, 0) >= LEAST_PRIMARY]
    pairs = [
        (primary, backup)
        for primary in primaries
        for backup in handles
        if backup != primary and known.get(backup, 0) >= LEAST_BACKUP
    ]
    return pairs or [(primary, "") for primary in primaries] or [("", "")]


def _exact(assets: Sequence[Wanted], options: Mapping[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Depth first, the heaviest assets first, cut where the best so far cannot be reached any more."""
    order = sorted(assets, key=lambda asset: (-asset.points, asset.name))
    best: list[tuple[Cost, dict[str, tuple[str, str]]]] = []

    def walk(index: int, picked: dict[str, tuple[str, str]]) -> None:
        if best and _bound(order[:index], picked) > best[0][0][:2]:
            return
        if index == len(order):
            cost = _cost(assets, picked)
            if not best or cost < best[0][0]:
                best[:] = [(cost, dict(picked))]
            return
        for pair in options[order[index].name]:
            picked[order[index].name] = pair
            walk(index + 1, picked)
            del picked[order[index].name]

    walk(0, {})
    return [best[0][1][asset.name] for asset in assets]


def _greedy(assets: Sequence[Wanted], options: Mapping[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    picked: dict[str, tuple[str, str]] = {}
    for asset in sorted(assets, key=lambda asset: (-asset.points, asset.name)):
        known = [each for each in assets if each.name in picked or each.name == asset.name]
        picked[asset.name] = min(options[asset.name], key=lambda pair: _cost(known, picked | {asset.name: pair}))
    improved = True
    while improved:
        improved = False
        for better in _moves(assets, options, picked):
            if _cost(assets, better) < _cost(assets, picked):
                picked, improved = better, True
                break
    return [picked[asset.name] for asset in assets]


def _moves(
    assets: Sequence[Wanted], options: Mapping[str, list[tuple[str, str]]], picked: dict[str, tuple[str, str]]
) -> Iterator[dict[str, tuple[str, str]]]:
    """One line chosen anew."""
    for asset in assets:
        for pair in options[asset.name]:
            if pair != picked[asset.name]:
                yield picked | {asset.name: pair}


def _bound(assets: Sequence[Wanted], picked: Mapping[str, tuple[str, str]]) -> tuple[int, int]:
    """What is certain already: points and load only grow."""
    points, load = _totals(assets, picked)
    return max(points.values(), default=0), max(load.values(), default=0)


def _cost(assets: Sequence[Wanted], picked: Mapping[str, tuple[str, str]]) -> Cost:
    points, load = _totals(assets, picked)
    order = tuple(handle for asset in assets for handle in picked[asset.name])
    return (
        max(points.values(), default=0), max(load.values(), default=0), -_familiarity(assets, picked),
        sum(value * value for value in load.values()), order,
    )  # fmt: skip


def _totals(assets: Sequence[Wanted], picked: Mapping[str, tuple[str, str]]) -> tuple[dict[str, int], dict[str, int]]:
    points: dict[str, int] = {}
    load: dict[str, int] = {}
    for asset in assets:
        primary, backup = picked[asset.name]
        if primary:
            points[primary] = points.get(primary, 0) + asset.points
            load[primary] = load.get(primary, 0) + WHOLE * asset.points
        if backup:
            load[backup] = load.get(backup, 0) + QUARTER * asset.points
    return points, load


def _familiarity(assets: Sequence[Wanted], picked: Mapping[str, tuple[str, str]]) -> int:
    return sum(
        2 * asset.familiarity.get(picked[asset.name][0], 0) + asset.familiarity.get(picked[asset.name][1], 0)
        for asset in assets
    )


def _matrix(handles: Sequence[str], assets: Sequence[Wanted], chosen: Sequence[tuple[str, str]]) -> Matrix:
    picked = {asset.name: pair for asset, pair in zip(assets, chosen, strict=True)}
    points, load = _totals(assets, picked)
    return Matrix(
        lines=tuple(Suggested(asset.name, *picked[asset.name]) for asset in assets),
        primary_points={handle: points.get(handle, 0) for handle in handles},
        load={handle: load.get(handle, 0) / WHOLE for handle in handles},
        familiarity=_familiarity(assets, picked),
    )
