"""A neighbourhood as an SVG: a link a node, classes only; ready markup, since a template costs ten times the layout."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from ownership.domain.kinds import kind_of
from ownership.domain.lineage_layout import NODE_HEIGHT, NODE_WIDTH, lay_out, path
from ownership.domain.lineage_view import late_ways, lit_path
from portal.core.web.presentation import when

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from django.utils.safestring import SafeString

    from ownership.domain.lineage_layout import Layout
    from ownership.domain.parties import Owners
    from ownership.queries.lineage import Node
    from ownership.queries.lineage_page import Neighbourhood

# What fits into 139 px beside the mark in the widest system font (DejaVu Sans); the full name is the title.
LABEL, SUB_LABEL = 19, 21
MARGIN = 8
NO_SECOND_LINE_ABOVE = 800
OWNER, FRESHNESS, BOUNDARIES = "owner", "freshness", "boundaries"
Pair = tuple[Hashable, Hashable]

EDGE = '<path class="edge{}" d="{}"/>'
NODE = (
    '<a href="{}" class="{}" transform="translate({} {})"><title>{}</title>'
    '<rect class="node" width="164" height="40" rx="8"/>'
    '<rect class="role is-{}" x="7" y="8" width="4" height="24" rx="2"/>'
    '<text x="19" y="{}">{}</text>{}</a>'
)
SUB = '<text class="sub" x="19" y="32">{}</text>'
# Where the name stands with a second line below it, and alone.
ABOVE, ALONE = 17, 24


@dataclass(frozen=True)
class Look:
    """How a drawing is shown: what the second line says, which node is lit, where a node leads."""

    zone: str
    at: datetime
    show: str = OWNER
    focus: int | None = None
    # "" leads to the asset's page; else an address that the slug is added to
    select: str = ""
    more: str = ""


@dataclass(frozen=True)
class Drawing:
    """Everything the SVG template prints; a dense one has fainter edges and names without a second line."""

    css: str
    width: int
    height: int
    edges: SafeString
    nodes: SafeString
    label: str
    focus_x: int
    focus_y: int


def draw(found: Neighbourhood, look: Look) -> Drawing:
    """Lay it out; deterministic, nodes and edges in the order of ids."""
    nodes = {node.id: node for node in sorted(found.nodes, key=lambda node: node.id)}
    extra = {-n: (*key, count) for n, (key, count) in enumerate(sorted(found.lineage.more.items()), start=1)}
    pairs = list(found.edges) + [(id_, key) if side == "down" else (key, id_) for key, (id_, side, _) in extra.items()]
    root = found.nodes[0]
    layout = lay_out([*nodes, *extra], pairs, root.id)
    lit, ways = lit_path(found.edges, look.focus if look.focus is not None else root.id)
    shown = [_node(nodes[key], layout.position[key], found, look, lit) for key in nodes]
    shown += [_more(look, *what, layout.position[key]) for key, what in extra.items()]
    middle = layout.position[look.focus if look.focus in nodes else root.id]
    return Drawing(
        css="dense" if len(nodes) > NO_SECOND_LINE_ABOVE else "",
        width=round(layout.width) + 2 * MARGIN,
        height=round(layout.height) + 2 * MARGIN,
        edges=format_html_join("", EDGE, _edges(layout, _edge_words(found, look, ways))),
        nodes=format_html_join("", NODE, shown),
        label=f"Lineage of {root.name}: {found.lineage.up_count} upstream, {found.lineage.down_count} downstream",
        focus_x=round(middle[0] + NODE_WIDTH / 2) + MARGIN,
        focus_y=round(middle[1] + NODE_HEIGHT / 2) + MARGIN,
    )


def second_line(node: Node, owners: Owners | None, look: Look) -> str:
    """What the list and the drawing say of a node beside its name, in the chosen view."""
    held = owners.primary if owners else None
    if look.show == FRESHNESS:
        return f"late since {when(node.late_since, look.zone, look.at).text}" if node.late_since else "on time"
    if held is None:
        return "nobody owns it"
    if node.crosses:
        return f"{held.party.craft_word} · crosses".removeprefix(" · ")
    if look.show == BOUNDARIES:
        return f"{held.party.craft_word} · in its place".removeprefix(" · ")
    late = " · late" if node.late_since else ""
    return f"{held.party.craft_word} · {held.party.name}{late}".removeprefix(" · ")


def craft_of(node: Node, owners: Owners | None) -> str:
    """The class of a node's colour: of who holds it, else of whose work it usually is."""
    held = owners.primary if owners else None
    return (held.party.craft if held else "") or kind_of(node.kind).craft


def shortened(text: str, size: int) -> str:
    """At most `size` characters; the full text stands in the title."""
    return text if len(text) <= size else f"{text[: size - 1]}…"


def _node(
    node: Node, at: tuple[float, float], found: Neighbourhood, look: Look, lit: frozenset[int]
) -> tuple[str | int, ...]:
    owners = found.owners.get(node.id)
    line = second_line(node, owners, look)
    here = look.focus if look.focus is not None else found.nodes[0].id
    css = "here" if node.id == here else "" if look.focus is None or node.id in lit else "dim"
    url = f"{look.select}{node.slug}" if look.select else f"/assets/{node.slug}"
    title = f"{node.name}, {kind_of(node.kind).label.lower()}, {line}"
    place = (round(at[0]) + MARGIN, round(at[1]) + MARGIN)
    name, craft = shortened(node.name, LABEL), craft_of(node, owners)
    if len(found.nodes) > NO_SECOND_LINE_ABOVE:
        return (url, css, *place, title, craft, ALONE, name, "")
    return (url, css, *place, title, craft, ABOVE, name, format_html(SUB, shortened(line, SUB_LABEL)))


def _more(look: Look, id_: int, side: str, count: int, at: tuple[float, float]) -> tuple[str | int, ...]:
    del id_
    words = f"{count:,} more {'below' if side == 'down' else 'above'}"
    place = (round(at[0]) + MARGIN, round(at[1]) + MARGIN)
    return (look.more, "more", *place, words, "ae", ABOVE, words, format_html(SUB, "list them"))


def _edge_words(found: Neighbourhood, look: Look, ways: frozenset[tuple[int, int]]) -> dict[Pair, str]:
    """The class of each edge: late on the way from a late asset to the root, dashed where nobody saw it for long."""
    root = found.nodes[0].id
    late = late_ways(found.edges, {node.id for node in found.nodes if node.late_since is not None}, root)
    words: dict[Pair, str] = {}
    for pair, is_direct in found.edges.items():
        css = "" if is_direct and pair not in found.lineage.stale else " back"
        if pair in late:
            css = " late"
        elif look.focus is not None:
            css += " lit" if pair in ways else " dim"
        elif root in pair:
            css += " lit"
        words[pair] = css
    return words


def _edges(layout: Layout, words: Mapping[Pair, str]) -> Iterator[tuple[str, str]]:
    """Lit edges last, so that they lie on top."""
    ordered = sorted(layout.route.items(), key=lambda item: words.get(item[0], "").endswith(" lit"))
    for pair, points in ordered:
        css = words.get(pair, "")
        if pair in layout.turned and "back" not in css:
            css = f" back{css}"
        yield css, path([(x + MARGIN, y + MARGIN) for x, y in points])
