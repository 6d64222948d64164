"""What stands around an asset, up and down, with caps in SQL (spec ownership 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.crossing_states import HANDOVER, OPEN, TALKING
from ownership.domain.freshness import FAILURES, FRESHNESS, RUN

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset

MAX_DEPTH = 5
NEIGHBOURS = 50
NODE_CAP, NODE_CAP_ON_REQUEST = 500, 2000
# How much of the walk is read at most, in nodes a side: an asset may be met once a distance.
REACH_FACTOR = 4
# Words of `AssetStatus` that mean: it ought to be newer, or its last run failed.
UNSETTLED = [OPEN, TALKING, HANDOVER]
LATE = [f"{what} {value}" for what in (RUN, FRESHNESS) for value in sorted(FAILURES)]

# Steps are kept once per (asset, distance): a cycle ends at the depth, a diamond does not multiply. The walk is read
# breadth first and stops as soon as enough is read, so a hub five steps deep costs no more than the cap.
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
    SELECT id, min(depth) AS depth, 'down' AS side FROM (SELECT * FROM down LIMIT %(reach)s) AS below
    WHERE depth > 0 GROUP BY id
    UNION ALL
    SELECT id, min(depth), 'up' FROM (SELECT * FROM up LIMIT %(reach)s) AS above WHERE depth > 0 GROUP BY id
), once AS (
    SELECT DISTINCT ON (id) id, depth, side FROM near WHERE id <> %(root)s ORDER BY id, depth, side
), all_of_it AS (
    SELECT id, depth, side FROM once
    UNION ALL
    SELECT %(root)s::bigint, 0, 'here'
)
SELECT asset.id, near.depth, near.side, asset.slug, asset.name, asset.kind, asset.tier, asset.lifecycle,
       late.at, count(*) OVER () - 1,
       EXISTS (
           SELECT FROM ownership_crossing AS crossing
           WHERE crossing.asset_id = near.id AND upper_inf(crossing.valid) AND crossing.state = ANY(%(unsettled)s)
       )
FROM all_of_it AS near JOIN ownership_asset AS asset ON asset.id = near.id
LEFT JOIN LATERAL (
    SELECT min(status.at) AS at FROM ownership_assetstatus AS status
    WHERE status.asset_id = near.id AND status.what || ' ' || lower(status.value) = ANY(%(late)s)
) AS late ON true
WHERE asset.retired_at IS NULL OR near.side = 'here' OR %(retired)s
ORDER BY near.depth, asset.id
LIMIT %(cap)s
"""
# Edges that differ only in who saw them are one edge; it is old when every witness is.
EDGES = """
SELECT src_id, dst_id, CASE WHEN bool_and(coalesce(stale_since >= last_seen, false)) THEN max(last_seen) END
FROM ownership_edge
WHERE closed_at IS NULL AND src_id = ANY(%(ids)s) AND dst_id = ANY(%(ids)s) GROUP BY 1, 2 ORDER BY 1, 2
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
    """An asset near the root; `side` is here, up or down, `distance` in steps, `late_since` since when it is late.

    `crosses` says that somebody does another craft's work on it, which nobody has settled or accepted.
    """

    id: int
    slug: str
    name: str
    kind: int
    tier: int | None
    lifecycle: str
    side: str
    distance: int
    late_since: datetime | None = None
    crosses: bool = False


@dataclass(frozen=True)
class Lineage:
    """`more` counts neighbours that are not shown, by (asset, side); `is_truncated` says that a cap was reached.

    `stale` names edges that no event has shown for long, with the last sight of each.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    more: dict[tuple[int, str], int]
    stale: dict[tuple[int, int], datetime]
    up_count: int
    down_count: int
    is_truncated: bool


def lineage_view(asset: Asset, *, up: int = 1, down: int = 2, limit: int = NODE_CAP, retired: bool = False) -> Lineage:
    """The neighbourhood of an asset: at most `limit` nodes, 50 neighbours each, in 2 or 3 queries.

    The root is the first node; the nearest are kept when the limit cuts.
    """
    facts: dict[str, Any] = {
        "root": asset.pk,
        "up": min(max(up, 0), MAX_DEPTH),
        "down": min(max(down, 0), MAX_DEPTH),
        "neighbours": NEIGHBOURS,
        "reach": REACH_FACTOR * NODE_CAP_ON_REQUEST,
        "cap": max(1, min(limit, NODE_CAP_ON_REQUEST)),
        "retired": retired,
        "late": LATE,
        "unsettled": UNSETTLED,
    }
    rows = _rows(WALK, facts)
    nodes = tuple(Node(row[0], row[3], row[4], row[5], row[6], row[7], row[2], row[1], row[8], row[10]) for row in rows)
    edges, stale = _edges([node.id for node in nodes])
    more = _more(nodes, edges, facts)
    return Lineage(
        nodes=nodes,
        edges=edges,
        more=more,
        stale=stale,
        up_count=sum(node.side == "up" for node in nodes),
        down_count=sum(node.side == "down" for node in nodes),
        is_truncated=bool(more) or rows[0][9] >= len(rows),
    )


def _rows(statement: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _edges(ids: list[int]) -> tuple[tuple[tuple[int, int], ...], dict[tuple[int, int], datetime]]:
    if len(ids) == 1:
        return (), {}
    rows = _rows(EDGES, {"ids": ids})
    return tuple((src, dst) for src, dst, _ in rows), {(src, dst): seen for src, dst, seen in rows if seen is not None}


def _more(
    nodes: tuple[Node, ...], edges: tuple[tuple[int, int], ...], facts: dict[str, Any]
) -> dict[tuple[int, str], int]:
    """Counts only where the cap of neighbours was met, so that most pages pay nothing."""
    shown = {"down": _fan(edges, 0), "up": _fan(edges, 1)}
    full = {
        side: [node.id for node in nodes if shown[side].get(node.id, 0) >= NEIGHBOURS and node.distance < facts[side]]
        for side in ("down", "up")
    }
    if not (full["down"] or full["up"]):
        return {}
    totals = _rows(FAN, full)
    return {(id_, side): total - shown[side][id_] for side, id_, total in totals if total > shown[side][id_]}


def _fan(edges: tuple[tuple[int, int], ...], end: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for edge in edges:
        counts[edge[end]] = counts.get(edge[end], 0) + 1
    return counts
