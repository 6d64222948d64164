"""A lineage as the drawing and the list of one page: the same ids in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ownership.domain.kinds import kind_of
from ownership.domain.lineage_layout import NODE_HEIGHT, NODE_WIDTH, lay_out, path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ownership.domain.parties import Owners
    from ownership.queries.lineage import Lineage, Node

# What fits into 139 px beside the mark in the widest system font (DejaVu Sans); the full name is the title.
LABEL, SUB_LABEL = 19, 21
MARGIN = 8
NO_SECOND_LINE_ABOVE = 800


@dataclass(frozen=True)
class DrawnNode:
    """A box: a link with two lines of text and the colour of a craft."""

    url: str
    css: str
    title: str
    label: str
    sub: str
    craft: str
    x: int
    y: int

    @property
    def text_x(self) -> int:
        return self.x + 19

    @property
    def mark_x(self) -> int:
        return self.x + 7

    @property
    def mark_y(self) -> int:
        return self.y + 8

    @property
    def label_y(self) -> int:
        return self.y + 17

    @property
    def sub_y(self) -> int:
        return self.y + 32


@dataclass(frozen=True)
class DrawnEdge:
    path: str
    css: str


@dataclass(frozen=True)
class Drawing:
    """Everything the SVG template prints."""

    width: int
    height: int
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    label: str
    focus_x: int = 0
    focus_y: int = 0


def draw(lineage: Lineage, owners: Mapping[int, Owners], name: str) -> Drawing:
    """Lay the lineage out; deterministic, nodes and edges in the order of ids."""
    nodes = {node.id: node for node in sorted(lineage.nodes, key=lambda node: node.id)}
    extra = {-index: (id_, side, n) for index, ((id_, side), n) in enumerate(sorted(lineage.more.items()), start=1)}
    edges = list(lineage.edges) + [
        (id_, key) if side == "down" else (key, id_) for key, (id_, side, _) in extra.items()
    ]
    layout = lay_out([*nodes, *extra], edges)
    root = lineage.nodes[0]
    two_lines = len(nodes) <= NO_SECOND_LINE_ABOVE
    drawn = [
        _node(node, layout.position[node.id], owners.get(node.id), two_lines=two_lines) for node in nodes.values()
    ] + [_more(n, side, root.slug, layout.position[key]) for key, (_, side, n) in extra.items()]
    lines = [
        DrawnEdge(path([(x + MARGIN, y + MARGIN) for x, y in points]), _edge_css(edge, root.id, layout.turned))
        for edge, points in layout.route.items()
    ]
    return Drawing(
        width=round(layout.width) + 2 * MARGIN,
        height=round(layout.height) + 2 * MARGIN,
        nodes=tuple(drawn),
        edges=tuple(sorted(lines, key=lambda line: line.css.endswith("lit"))),
        label=f"Lineage of {name}: {lineage.up_count} upstream, {lineage.down_count} downstream",
        focus_x=round(layout.position[root.id][0] + NODE_WIDTH / 2) + MARGIN,
        focus_y=round(layout.position[root.id][1] + NODE_HEIGHT / 2) + MARGIN,
    )


def _node(node: Node, at: tuple[float, float], owners: Owners | None, *, two_lines: bool) -> DrawnNode:
    kind = kind_of(node.kind)
    held = owners.primary if owners else None
    owner = f"{held.party.craft_word} · {held.party.name}".removeprefix(" · ") if held else "nobody owns it"
    return DrawnNode(
        url=f"/assets/{node.slug}",
        css="here" if node.side == "here" else "",
        title=f"{node.name}, {kind.label.lower()}, {owner}",
        label=shortened(node.name, LABEL),
        sub=shortened(owner, SUB_LABEL) if two_lines else "",
        craft=(held.party.craft if held else "") or kind.craft,
        x=round(at[0]) + MARGIN,
        y=round(at[1]) + MARGIN,
    )


def _more(count: int, side: str, slug: str, at: tuple[float, float]) -> DrawnNode:
    words = f"{count} more {'below' if side == 'down' else 'above'}"
    url = f"/lineage/{slug}?{side}=5#list"
    return DrawnNode(url, "more", words, words, "list them", "ae", round(at[0]) + MARGIN, round(at[1]) + MARGIN)


def _edge_css(edge: tuple[object, object], root: int, turned: frozenset[tuple[object, object]]) -> str:
    if edge in turned:
        return "edge back"
    return "edge lit" if root in edge else "edge"


def shortened(text: str, size: int) -> str:
    """At most `size` characters; the full text stands in the title."""
    return text if len(text) <= size else f"{text[: size - 1]}…"
