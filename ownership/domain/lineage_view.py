"""What a lineage page does with a neighbourhood: leave assets out, light a path, cut over a cap (spec ownership 15).

Plain ids; edges are (from, to) pairs in the direction of the data.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Pair = tuple[int, int]


def contracted(edges: Iterable[Pair], kept: Collection[int]) -> dict[Pair, bool]:
    """Edges among `kept`: one where data gets from the one to the other through left-out assets only.

    The value says whether the edge is direct. O(kept x left-out edges), on at most 2,000 assets.
    """
    keep = frozenset(kept)
    following: dict[int, list[int]] = defaultdict(list)
    for src, dst in edges:
        following[src].append(dst)
    found: dict[Pair, bool] = {}
    for start in sorted(keep):
        for end, is_direct in _ends(start, following, keep):
            found[start, end] = found.get((start, end), False) or is_direct
    return dict(sorted(found.items()))


def lit_path(edges: Iterable[Pair], focus: int) -> tuple[frozenset[int], frozenset[Pair]]:
    """The asset with all it needs and all it feeds, and the edges on the way; a cycle counts as both."""
    pairs = list(edges)
    onward, backward = defaultdict(list), defaultdict(list)
    for src, dst in pairs:
        onward[src].append(dst)
        backward[dst].append(src)
    below, above = _reached(focus, onward), _reached(focus, backward)
    lit = frozenset(
        (src, dst) for src, dst in pairs if (src in below and dst in below) or (src in above and dst in above)
    )
    return below | above, lit


def late_ways(edges: Iterable[Pair], late: Collection[int], root: int) -> frozenset[Pair]:
    """The edges on which lateness comes down to `root`: those on a way from a late asset to it."""
    if not late:
        return frozenset()
    pairs = list(edges)
    onward, backward = defaultdict(list), defaultdict(list)
    for src, dst in pairs:
        onward[src].append(dst)
        backward[dst].append(src)
    above = _reached(root, backward)
    touched = frozenset(node for start in late if start in above for node in _reached(start, onward))
    return frozenset((src, dst) for src, dst in pairs if src != root and src in touched and {src, dst} <= above)


def _ends(start: int, following: Mapping[int, list[int]], keep: frozenset[int]) -> Iterable[tuple[int, bool]]:
    """Each kept asset met from `start`, and whether by one step."""
    seen: set[int] = set()
    stack = [(next_, True) for next_ in following.get(start, ())]
    while stack:
        node, is_direct = stack.pop()
        if node in keep:
            if node != start:
                yield node, is_direct
        elif node not in seen:
            seen.add(node)
            stack += [(next_, False) for next_ in following.get(node, ())]


def _reached(start: int, following: Mapping[int, list[int]]) -> frozenset[int]:
    seen = {start}
    stack = [start]
    while stack:
        for node in following.get(stack.pop(), ()):
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return frozenset(seen)
