"""The set-based SQL of what is said beside assets, edges and claims: words, columns, statuses."""

from __future__ import annotations

# A source that said something newer is not overruled by an older event.
_OLDER = """
SELECT asset.key FROM ownership_stagedasset AS asset CROSS JOIN LATERAL (
    SELECT at FROM ownership_assetword
    WHERE asset_id = asset.asset_id AND source_id = %(source)s AND what = %(what)s OFFSET 0
) AS word
WHERE asset.run_id = %(run)s AND word.at > (asset.says ->> %(what)s)::timestamptz
"""
STALE_CLAIMS = f"""
DELETE FROM ownership_stagedclaim WHERE run_id = %(run)s AND asset_key = ANY (ARRAY({_OLDER}))
"""  # noqa: S608 (a constant of this module)
STALE_COLUMNS = f"""
DELETE FROM ownership_stagedcolumn WHERE run_id = %(run)s AND asset_key = ANY (ARRAY({_OLDER}))
"""  # noqa: S608 (a constant of this module)
STALE_WORDS = f"""
UPDATE ownership_stagedasset SET says = says - %(what)s,
    schema_hash = CASE WHEN %(what)s = 'columns' THEN '' ELSE schema_hash END
WHERE run_id = %(run)s AND key = ANY (ARRAY({_OLDER}))
"""  # noqa: S608 (a constant of this module)
HEAR_WORDS = """
INSERT INTO ownership_assetword AS known (asset_id, source_id, what, at)
SELECT asset.asset_id, %(source)s::bigint, said.key, max(said.value::timestamptz)
FROM ownership_stagedasset AS asset, jsonb_each_text(asset.says) AS said
WHERE asset.run_id = %(run)s AND asset.asset_id IS NOT NULL AND said.value IS NOT NULL
GROUP BY asset.asset_id, said.key
ON CONFLICT (asset_id, source_id, what) DO UPDATE SET at = greatest(known.at, EXCLUDED.at)
"""
CLOSE_SAID_CLAIMS = """
UPDATE ownership_claim AS known SET closed_at = %(at)s
FROM ownership_stagedasset AS asset CROSS JOIN LATERAL (
    SELECT id, raw, duty FROM ownership_claim
    WHERE asset_id = asset.asset_id AND source_id + 0 = %(source)s AND closed_at IS NULL OFFSET 0
) AS gone
WHERE asset.run_id = %(run)s AND jsonb_exists(asset.says, 'owners') AND known.id = gone.id AND NOT EXISTS (
    SELECT FROM ownership_stagedclaim AS said
    JOIN ownership_stagedasset AS other ON other.run_id = said.run_id AND other.key = said.asset_key
    WHERE said.run_id = asset.run_id AND other.asset_id = asset.asset_id AND said.raw = gone.raw
      AND said.duty = gone.duty AND said.valid_to IS NULL
  )
"""
CLOSE_SAID_EDGES = """
UPDATE ownership_edge AS known SET closed_at = %(at)s
FROM ownership_stagedasset AS asset CROSS JOIN LATERAL (
    SELECT dst_id, src_id, kind FROM ownership_edge
    WHERE dst_id = asset.asset_id AND source_id + 0 = %(source)s AND closed_at IS NULL OFFSET 0
) AS gone
WHERE asset.run_id = %(run)s AND jsonb_exists(asset.says, 'inputs') AND known.source_id + 0 = %(source)s
  AND (known.dst_id, known.src_id, known.kind) = (gone.dst_id, gone.src_id, gone.kind) AND NOT EXISTS (
    SELECT FROM ownership_stagededge AS edge
    JOIN ownership_stagedasset AS src ON src.run_id = edge.run_id AND src.key = edge.src_key
    WHERE edge.run_id = asset.run_id AND edge.dst_key = asset.key AND src.asset_id = gone.src_id
      AND edge.kind = gone.kind
  )
"""
_STAGED_COLUMN_EDGES = """
SELECT DISTINCT dst.asset_id AS dst_id, left(detail.one, 255) AS dst_column, src.asset_id AS src_id,
    left(detail.three, 255) AS src_column
FROM ownership_stageddetail AS detail
JOIN ownership_stagedasset AS dst ON dst.run_id = detail.run_id AND dst.key = detail.asset_key
JOIN ownership_stagedasset AS src ON src.run_id = detail.run_id AND src.key = detail.two
WHERE detail.run_id = %(run)s AND detail.sort = 'column' AND dst.asset_id IS NOT NULL AND src.asset_id IS NOT NULL
"""
UPSERT_COLUMN_EDGES = f"""
INSERT INTO ownership_columnedge (dst_id, dst_column, src_id, src_column, source_id, last_seen)
SELECT dst_id, dst_column, src_id, src_column, %(source)s::bigint, %(at)s::timestamptz
FROM ({_STAGED_COLUMN_EDGES}) AS wanted
ON CONFLICT (dst_id, dst_column, src_id, src_column, source_id) DO UPDATE SET last_seen = EXCLUDED.last_seen
"""  # noqa: S608 (constants of this module)
# The columns of an asset that this file speaks of are made of nothing but what it says.
DROP_COLUMN_EDGES = f"""
DELETE FROM ownership_columnedge AS known USING ({_STAGED_COLUMN_EDGES}) AS wanted
WHERE known.source_id = %(source)s AND known.dst_id = wanted.dst_id AND NOT EXISTS (
    SELECT FROM ({_STAGED_COLUMN_EDGES}) AS kept
    WHERE (kept.dst_id, kept.dst_column, kept.src_id, kept.src_column)
        = (known.dst_id, known.dst_column, known.src_id, known.src_column)
)
"""  # noqa: S608 (constants of this module)
DETAILS = """
SELECT detail.id, asset.asset_id, detail.one, detail.two, detail.three, detail.at
FROM ownership_stageddetail AS detail
LEFT JOIN ownership_stagedasset AS asset ON asset.run_id = detail.run_id AND asset.key = detail.asset_key
WHERE detail.run_id = %(run)s AND detail.sort = %(sort)s AND detail.id > %(after)s
ORDER BY detail.id LIMIT %(limit)s
"""
TENURES = """
SELECT asset.asset_id, claim.duty, claim.rank, claim.rank_inferred, claim.person_id, claim.team_id, claim.raw,
    claim.valid_from, claim.valid_to, claim.confidence
FROM ownership_stagedclaim AS claim
JOIN ownership_stagedasset AS asset ON asset.run_id = claim.run_id AND asset.key = claim.asset_key
WHERE claim.run_id = %(run)s AND claim.valid_to IS NOT NULL AND asset.asset_id > %(after)s
ORDER BY asset.asset_id
"""
