"""What lies downstream of many assets at once, the nearest first; the walk of the lineage page without its page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.queries.lineage import NEIGHBOURS, NODE_CAP, NODE_CAP_ON_REQUEST, REACH_FACTOR

if TYPE_CHECKING:
    from collections.abc import Collection

WALK = """
WITH RECURSIVE down(root, id, depth) AS (
    SELECT root, root, 0 FROM unnest(%(roots)s::bigint[]) AS root
    UNION
    SELECT down.root, next.id, down.depth + 1
    FROM down CROSS JOIN LATERAL (
        SELECT DISTINCT edge.dst_id AS id FROM ownership_edge AS edge
        WHERE edge.src_id = down.id AND edge.closed_at IS NULL ORDER BY edge.dst_id LIMIT %(neighbours)s
    ) AS next
    WHERE down.depth < %(hops)s
), near AS (
    SELECT root, id, min(depth) AS depth FROM (SELECT * FROM down LIMIT %(reach)s) AS reached GROUP BY root, id
), placed AS (
    SELECT near.root, near.id, near.depth, asset.tier,
           row_number() OVER (PARTITION BY near.root ORDER BY near.depth, near.id) AS place
    FROM near JOIN ownership_asset AS asset ON asset.id = near.id
    WHERE asset.retired_at IS NULL OR near.depth = 0
)
SELECT root, id, depth, tier FROM placed WHERE place <= %(cap)s ORDER BY root, place
"""


def downstream_of(asset_ids: Collection[int], hops: int) -> dict[int, dict[int, tuple[int, int | None]]]:
    """By root: the distance and tier of itself and of what lies below it, retired assets left out; one query.

    Of each root the nearest 500, and 50 neighbours of each asset, as its page of lineage shows them.
    """
    roots = sorted(set(asset_ids))
    reach = REACH_FACTOR * NODE_CAP_ON_REQUEST * max(1, len(roots))
    facts: dict[str, Any] = {"roots": roots, "hops": hops, "neighbours": NEIGHBOURS, "cap": NODE_CAP, "reach": reach}
    found: dict[int, dict[int, tuple[int, int | None]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(WALK, facts)
        for root, pk, depth, tier in cursor.fetchall():
            found[root][pk] = (depth, tier)
    return found
