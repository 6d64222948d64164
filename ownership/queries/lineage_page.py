"""What a lineage page shows: a neighbourhood, less what the filters leave out (spec ownership 15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ownership.domain.kinds import kind_named
from ownership.domain.lineage_view import contracted
from ownership.queries.lineage import MAX_DEPTH, NODE_CAP, NODE_CAP_ON_REQUEST, lineage_view
from ownership.queries.owners import current_owners
from portal.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ownership.domain.parties import Owners
    from ownership.models import Asset
    from ownership.queries.lineage import Lineage, Node

DEFAULT_UP, DEFAULT_DOWN = 1, 2
MOST_DIGITS = 4
MOST_IN_A_COLUMN = 4
TIERS = ("1", "2", "3", "4")
FLAGS = ("mine", "late", "boundary", "retired")


@dataclass(frozen=True)
class Ask:
    """The address of a lineage page, read; the same words filter the API."""

    up: int = DEFAULT_UP
    down: int = DEFAULT_DOWN
    limit: int = NODE_CAP
    kind: str = ""
    tier: str = ""
    mine: bool = False
    late: bool = False
    boundary: bool = False
    retired: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.kind or self.tier or self.mine or self.late or self.boundary)


@dataclass(frozen=True)
class Neighbourhood:
    """Root first, then nearest first; `edges` says of each whether it is direct or leads through what is left out."""

    lineage: Lineage
    edges: dict[tuple[int, int], bool]
    owners: Mapping[int, Owners]
    left_out: int = 0

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.lineage.nodes


def read_ask(given: Mapping[str, str]) -> Ask:
    """The filters of an address; raises `BadRequest` naming the first that fits nothing."""
    kind, tier = given.get("kind", ""), given.get("tier", "")
    if kind and kind_named(kind) is None:
        raise BadRequest("core.bad_filter", f"There is no kind {kind[:40]!r}.", "kind")
    if tier and tier not in TIERS:
        raise BadRequest("core.bad_filter", "tier is 1, 2, 3 or 4.", "tier")
    for name in FLAGS:
        if given.get(name, "") not in ("", "0", "1"):
            raise BadRequest("core.bad_filter", f"{name} is 1 or left out.", name)
    return Ask(
        up=_number(given, "up", DEFAULT_UP, MAX_DEPTH),
        down=_number(given, "down", DEFAULT_DOWN, MAX_DEPTH),
        limit=_number(given, "limit", NODE_CAP, NODE_CAP_ON_REQUEST) or 1,
        kind=kind,
        tier=tier,
        **{name: given.get(name) == "1" for name in FLAGS},
    )


def neighbourhood(asset: Asset, ask: Ask, parties: frozenset[int] = frozenset()) -> Neighbourhood:
    """The assets around `asset` that the filters let through, nearest first, at most `ask.limit`; 3 or 4 queries.

    `parties` are the keys that count as mine. A filter reads up to 2,000 assets around and keeps what fits; an edge
    through what it leaves out is drawn as one.
    """
    reach = NODE_CAP_ON_REQUEST if ask.is_filtered else ask.limit
    lineage = lineage_view(asset, up=ask.up, down=ask.down, limit=reach, retired=ask.retired)
    owners = current_owners([node.id for node in lineage.nodes])
    if not ask.is_filtered:
        return Neighbourhood(lineage, dict.fromkeys(lineage.edges, True), owners)
    fitting = [node for node in lineage.nodes if node.side == "here" or _fits(node, ask, owners[node.id], parties)]
    kept = tuple(fitting[: ask.limit])
    edges = contracted(lineage.edges, {node.id for node in kept})
    shown = replace(
        lineage,
        nodes=kept,
        edges=tuple(edges),
        more={},
        up_count=sum(node.side == "up" for node in kept),
        down_count=sum(node.side == "down" for node in kept),
        is_truncated=lineage.is_truncated or len(kept) < len(fitting),
    )
    return Neighbourhood(shown, edges, owners, left_out=len(lineage.nodes) - len(kept))


def miniature(lineage: Lineage, owners: Mapping[int, Owners]) -> Neighbourhood:
    """The nearest few of each column, for a corner of a page; what is folded away is one node a side."""
    shown: list[Node] = []
    for node in lineage.nodes:
        column = [other for other in shown if (other.side, other.distance) == (node.side, node.distance)]
        if len(column) < MOST_IN_A_COLUMN:
            shown.append(node)
    root, ids = lineage.nodes[0].id, {node.id for node in shown}
    hidden = {side: sum(node.side == side and node.id not in ids for node in lineage.nodes) for side in ("up", "down")}
    edges = tuple(pair for pair in lineage.edges if ids.issuperset(pair))
    more = {(root, side): count for side, count in hidden.items() if count}
    small = replace(lineage, nodes=tuple(shown), edges=edges, more=more)
    return Neighbourhood(small, dict.fromkeys(edges, True), owners)


def _fits(node: Node, ask: Ask, owners: Owners, parties: frozenset[int]) -> bool:
    """`boundary` keeps what crosses one, and what nobody owns."""
    kind = kind_named(ask.kind)
    held = owners.primary
    return (
        (kind is None or node.kind == kind.code)
        and (not ask.tier or str(node.tier or TIERS[-1]) == ask.tier)
        and (not ask.mine or (held is not None and held.party.key in parties))
        and (not ask.late or node.late_since is not None)
        and (not ask.boundary or held is None or node.crosses)
    )


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number of the address, 0 to `most`."""
    text = given.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text) <= most):
        raise BadRequest("core.bad_filter", f"{name} is a whole number from 0 to {most}.", name)
    return int(text)
