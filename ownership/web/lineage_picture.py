"""The picture of a lineage page: drawing and list of one neighbourhood, remembered by the version of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.html import format_html_join

from ownership.domain.kinds import kind_of
from ownership.domain.lineage_view import lit_path
from ownership.queries.lineage import NODE_CAP
from ownership.queries.lineage_page import DEFAULT_DOWN, DEFAULT_UP, Ask, neighbourhood
from ownership.queries.snapshot import graph_version
from ownership.web.drawing import Drawing, Look, craft_of, draw, second_line
from ownership.web.remembering import Remembered
from portal.core.web.presentation import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.utils.safestring import SafeString

    from ownership.domain.parties import Holder
    from ownership.models import Asset
    from ownership.queries.lineage import Node
    from ownership.queries.lineage_page import Neighbourhood

ROLE_WORDS = {"se": "SE", "de": "DE", "ae": "AE", "an": "Analyst"}
ROW = (
    '<li><span class="dot {}"></span><div class="grow"><a class="title mono" href="/assets/{}">{}</a>'
    '<div class="meta"><span class="badge {}">{}</span>{} · {}</div></div>'
    '<span class="small muted nowrap">{}</span></li>'
)
DEFAULTS = {"up": str(DEFAULT_UP), "down": str(DEFAULT_DOWN), "limit": str(NODE_CAP)}


@dataclass(frozen=True)
class Focus:
    """The node whose path is lit."""

    slug: str
    name: str


@dataclass(frozen=True)
class Picture:
    """What the page prints; `rows` hold the same assets as the drawing, nearest first."""

    drawing: Drawing | None
    rows: SafeString
    count: int
    sentence: str
    affected: tuple[str, ...]
    focus: Focus | None
    is_truncated: bool
    left_out: int


_pictures: Remembered[Picture] = Remembered(most=24, seconds=300)


def picture_of(asset: Asset, ask: Ask, look: Look, focus: str, parties: frozenset[int]) -> Picture:
    """The picture of an asset's lineage; one query when it is remembered, four or five when not.

    `look.at` only chooses words such as "today", so it is no part of the key; pieces live five minutes, and so
    long a crossing that opens or ends may be missing: those are worked out once a minute at most.
    """
    mine = parties if ask.mine else frozenset()
    key = (graph_version(), asset.pk, ask, look.show, look.zone, look.select, focus, mine)
    return _pictures.get(key, lambda: _make(asset, ask, look, focus, parties))


def address(ask: Ask, **changes: str) -> str:
    """The filters as a query string, less the defaults; `changes` win, "" takes one out."""
    given = {name: "1" if value is True else str(value or "") for name, value in vars(ask).items()}
    wanted = {**given, **changes}
    return urlencode({name: value for name, value in wanted.items() if value and DEFAULTS.get(name) != value})


def _make(asset: Asset, ask: Ask, look: Look, focus: str, parties: frozenset[int]) -> Picture:
    found = neighbourhood(asset, ask, parties)
    chosen = next((node for node in found.nodes if node.slug == focus and node.side != "here"), None)
    seen = Look(look.zone, look.at, look.show, chosen.id if chosen else None, look.select, look.more)
    rows = format_html_join("", ROW, _rows(found, seen))
    return Picture(
        drawing=draw(found, seen) if len(found.nodes) > 1 else None,
        rows=rows,
        count=len(found.nodes) - 1,
        sentence=_sentence(found, seen),
        affected=_affected(found, chosen),
        focus=Focus(chosen.slug, chosen.name) if chosen else None,
        is_truncated=found.lineage.is_truncated,
        left_out=found.left_out,
    )


def _rows(found: Neighbourhood, look: Look) -> Iterator[tuple[str, ...]]:
    nodes = sorted(found.nodes[1:], key=lambda node: (node.side != "down", node.distance, node.name, node.id))
    for node in nodes:
        owners = found.owners.get(node.id)
        held = owners.primary if owners else None
        kind = kind_of(node.kind)
        craft = craft_of(node, owners)
        steps = "1 step" if node.distance == 1 else f"{node.distance} steps"
        fresh = second_line(node, owners, Look(look.zone, look.at, "freshness"))
        yield (
            "warn" if node.late_since else "ok", node.slug, node.name, craft, ROLE_WORDS[craft],
            _owner_words(held, crosses=node.crosses), kind.label + (f" · tier {node.tier}" if node.tier else ""),
            f"{steps} {'below' if node.side == 'down' else 'above'} · {fresh}",
        )  # fmt: skip


def _owner_words(held: Holder | None, *, crosses: bool) -> str:
    """Who holds it, and whether that is another craft's work."""
    if held is None:
        return "nobody owns it"
    return f"{held.party.name}, across a boundary" if crosses else held.party.name


def _sentence(found: Neighbourhood, look: Look) -> str:
    """How many are above and below what is lit, who owns them, and what became of the rest."""
    if look.focus is None:
        above, below, lit = found.lineage.up_count, found.lineage.down_count, {node.id for node in found.nodes}
    else:
        lit_ids, ways = lit_path(found.edges, look.focus)
        below = len(_ends(ways, look.focus, 0))
        above, lit = len(lit_ids) - 1 - below, set(lit_ids)
    held = (found.owners[node.id].primary for node in found.nodes if node.id in lit)
    owners = {holder.party.key for holder in held if holder is not None}
    words = f"{count_words(above, 'asset')} above and {below:,} below".capitalize()
    words += f", held by {count_words(len(owners), 'owner')}." if owners else ", held by nobody yet."
    return words if look.focus is None else f"{words} The rest of the {len(found.nodes):,} is dimmed."


def _ends(ways: Iterable[tuple[int, int]], start: int, end: int) -> set[int]:
    """What is met from `start` along these edges, onward for end 0."""
    following: dict[int, set[int]] = {}
    for pair in ways:
        following.setdefault(pair[end], set()).add(pair[1 - end])
    seen, stack = {start}, [start]
    while stack:
        fresh = following.get(stack.pop(), set()) - seen
        seen |= fresh
        stack += fresh
    return seen - {start}


def _affected(found: Neighbourhood, chosen: Node | None) -> tuple[str, ...]:
    """The primaries of what is below the root, or below the lit asset, each once."""
    below: Mapping[int, object] | set[int] = {node.id for node in found.nodes if node.side == "down"}
    if chosen is not None:
        below = _ends(found.edges, chosen.id, 0)
    held = (found.owners[node.id].primary for node in found.nodes if node.id in below)
    return tuple(sorted({holder.party.name for holder in held if holder is not None}))
