"""What stands around an asset, up and down, with caps in SQL (spec ownership 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from ownership.models import Asset

MAX_DEPTH = 5
NEIGHBOURS = 50
NODE_CAP, NODE_CAP_ON_REQUEST = 500, 2000

# Steps are kept once per (asset, distance): a cycle ends at the depth, a diamond does not multiply.
WALK = """
WITH RECURSIVE down(id, depth) AS (
    SELECT %(root)s::bigint, 0
    UNION
    SELECT next.id, down.depth + 1
    FROM down CROSS JOIN LATERAL (
        SELECT DISTINCT edge.dst_id AS id FROM ownership_edge AS edge
        WHERE edge.src_id = down.id AND edge.closed_at IS NULL ORDER BY edge.dst_id LIMIT %(neighbours)s
    ) AS next
    WHERE down.depth < %(down)s
), up(id, depth) AS (
    SELECT %(root)s::bigint, 0
    UNION
    SELECT next.id, up.depth + 1
    FROM up CROSS JOIN LATERAL (
        SELECT DISTINCT edge.src_id AS id FROM ownership_edge AS edge
        WHERE edge.dst_id = up.id AND edge.closed_at IS NULL ORDER BY edge.src_id LIMIT %(neighbours)s
    ) AS next
    WHERE up.depth < %(up)s
), near AS (
    SELECT id, min(depth) AS depth, 'down' AS side FROM down WHERE depth > 0 GROUP BY id
    UNION ALL
    SELECT id, min(depth), 'up' FROM up WHERE depth > 0 GROUP BY id
), once AS (
    SELECT DISTINCT ON (id) id, depth, side FROM near WHERE id <> %(root)s ORDER BY id, depth, side
)
SELECT asset.id, once.depth, once.side, asset.slug, asset.name, asset.kind, asset.tier, asset.lifecycle,
       count(*) OVER () AS total
FROM once JOIN ownership_asset AS asset ON asset.id = once.id
WHERE asset.retired_at IS NULL OR %(retired)s
ORDER BY once.depth, asset.id
LIMIT %(cap)s
"""
EDGES = """
SELECT DISTINCT src_id, dst_id FROM ownership_edge
WHERE closed_at IS NULL AND src_id = ANY(%(ids)s) AND dst_id = ANY(%(ids)s) ORDER BY 1, 2
"""
FAN = """
SELECT 'down', src_id, count(DISTINCT dst_id) FROM ownership_edge
WHERE closed_at IS NULL AND src_id = ANY(%(down)s) GROUP BY src_id
UNION ALL
SELECT 'up', dst_id, count(DISTINCT src_id) FROM ownership_edge
WHERE closed_at IS NULL AND dst_id = ANY(%(up)s) GROUP BY dst_id
"""


@dataclass(frozen=True)
class Node:
    """An asset near the root; `side` is here, up or down, `distance` in steps."""

    id: int
    slug: str
    name: str
    kind: int
    tier: int | None
    lifecycle: str
    side: str
    distance: int


@dataclass(frozen=True)
class Lineage:
    """`more` counts neighbours that are not shown, by (asset, side); `is_truncated` says that a cap was reached."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    more: dict[tuple[int, str], int]
    up_count: int
    down_count: int
    is_truncated: bool


def lineage_view(asset: Asset, *, up: int = 1, down: int = 2, limit: int = NODE_CAP, retired: bool = False) -> Lineage:
    """The neighbourhood of an asset: at most `limit` nodes, 50 neighbours each, in 2 or 3 queries."""
    here = Node(asset.pk, asset.slug, asset.name, asset.kind, asset.tier, asset.lifecycle, "here", 0)
    facts = {
        "root": asset.pk,
        "up": min(max(up, 0), MAX_DEPTH),
        "down": min(max(down, 0), MAX_DEPTH),
        "neighbours": NEIGHBOURS,
        "cap": min(limit, NODE_CAP_ON_REQUEST) - 1,
        "retired": retired,
    }
    with connection.cursor() as cursor:
        cursor.execute(WALK, facts)
        rows = cursor.fetchall()
    near = [Node(row[0], row[3], row[4], row[5], row[6], row[7], row[2], row[1]) for row in rows]
    nodes = (here, *near)
    edges = _edges([node.id for node in nodes])
    more = _more(nodes, edges, facts)
    return Lineage(
        nodes=nodes,
        edges=edges,
        more=more,
        up_count=sum(node.side == "up" for node in nodes),
        down_count=sum(node.side == "down" for node in nodes),
        is_truncated=bool(more) or bool(rows and rows[0][8] > len(rows)),
    )


def _edges(ids: list[int]) -> tuple[tuple[int, int], ...]:
    if len(ids) == 1:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(EDGES, {"ids": ids})
        return tuple((row[0], row[1]) for row in cursor.fetchall())


def _more(
    nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], facts: dict[str, int | bool]
) -> dict[tuple[int, str], int]:
    """Counts only where the cap of neighbours was met, so that most pages pay nothing."""
    shown = {"down": _fan(edges, 0), "up": _fan(edges, 1)}
    full = {
        side: [node.id for node in nodes if shown[side].get(node.id, 0) >= NEIGHBOURS and node.distance < facts[side]]
        for side in ("down", "up")
    }
    if not (full["down"] or full["up"]):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FAN, full)
        totals = cursor.fetchall()
    return {(id_, side): total - shown[side][id_] for side, id_, total in totals if total > shown[side][id_]}


def _fan(edges: tuple[tuple[int, int], ...], end: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for edge in edges:
        counts[edge[end]] = counts.get(edge[end], 0) + 1
    return counts
