"""The set-based SQL that makes new assets: numbered, written once with all that is known of them, named."""

from __future__ import annotations

# Nothing of this source or this file is known yet: nothing can end, and all that is said stays within the file.
IS_FIRST = """
SELECT (NOT EXISTS (SELECT FROM ownership_assetalias WHERE source_id = %(source)s)
    AND NOT EXISTS (SELECT FROM ownership_edge WHERE source_id = %(source)s)
    AND NOT EXISTS (SELECT FROM ownership_claim WHERE source_id = %(source)s)
    AND NOT EXISTS (SELECT FROM ownership_stagedasset WHERE run_id = %(run)s AND asset_id IS NOT NULL))::int
"""
# The ids of the new assets, in the order of the file.
NUMBER_ASSETS = """
UPDATE ownership_stagedasset AS staged SET asset_id = numbered.asset_id
FROM (
    SELECT id, nextval(pg_get_serial_sequence('ownership_asset', 'id')) AS asset_id
    FROM (SELECT id FROM ownership_stagedasset WHERE run_id = %(run)s AND change = 'new' ORDER BY id) AS ordered
) AS numbered
WHERE staged.id = numbered.id
"""
# The same where all edges stand in the file: how many assets will stand one or two steps downstream is known, too.
NUMBER_AND_COUNT = """
WITH edge AS MATERIALIZED (
    SELECT DISTINCT src.id AS src, dst.id AS dst FROM ownership_stagededge AS said
    JOIN ownership_stagedasset AS src ON src.run_id = said.run_id AND src.key = said.src_key
    JOIN ownership_stagedasset AS dst ON dst.run_id = said.run_id AND dst.key = said.dst_key
    WHERE said.run_id = %(run)s AND src.change = 'new' AND dst.change = 'new' AND src.id <> dst.id
), reached AS (
    SELECT src, dst FROM edge
    UNION
    SELECT near.src, far.dst FROM edge AS near JOIN edge AS far ON far.src = near.dst
), counted AS MATERIALIZED (
    SELECT src, count(*) FILTER (WHERE dst <> src) AS reach FROM reached GROUP BY src
), numbered AS MATERIALIZED (
    SELECT id, nextval(pg_get_serial_sequence('ownership_asset', 'id')) AS asset_id
    FROM (SELECT id FROM ownership_stagedasset WHERE run_id = %(run)s AND change = 'new' ORDER BY id) AS ordered
)
UPDATE ownership_stagedasset AS staged SET asset_id = numbered.asset_id, reach = coalesce(counted.reach, 0)
FROM numbered LEFT JOIN counted ON counted.src = numbered.id
WHERE staged.id = numbered.id
"""
# New assets in the order of the file; what they are found by is written once, their columns with them.
MAKE_ASSETS = """
INSERT INTO ownership_asset (id, slug, kind, name, domain_id, tier, lifecycle, relation, repo, file_path, description,
    grain, pitfalls, schema_hash, definition_hash, attrs, downstream_count, alias_text, column_text, created_at,
    updated_at)
SELECT staged.asset_id, named.slug, staged.kind, staged.name, domain.id, staged.tier,
    CASE WHEN staged.is_reference THEN 'draft' ELSE staged.lifecycle END, staged.relation, staged.repo,
    staged.file_path, staged.description, staged.grain, staged.pitfalls, staged.schema_hash,
    staged.definition_hash, staged.attrs, staged.reach,
    array_to_string(staged.key || staged.aliases, ' '),
    CASE WHEN staged.is_reference OR staged.is_placeholder THEN '' ELSE coalesce(left((
        SELECT string_agg(held.name, ' ' ORDER BY held.n) FROM ownership_stagedcolumn AS held
        WHERE held.run_id = staged.run_id AND held.asset_key = staged.key), 20000), '') END,
    %(at)s::timestamptz, %(at)s::timestamptz
FROM unnest(%(ids)s::bigint[], %(slugs)s::text[]) AS named(id, slug)
JOIN ownership_stagedasset AS staged ON staged.id = named.id AND staged.id BETWEEN %(low)s AND %(high)s
LEFT JOIN LATERAL (
    SELECT id FROM ownership_domain WHERE staged.domain <> '' AND staged.domain IN (name, slug) ORDER BY id LIMIT 1
) AS domain ON true
ORDER BY staged.id
"""
NAME_ASSETS = """
INSERT INTO ownership_assetalias (asset_id, system, key, source_id, first_seen, last_seen)
SELECT asset_id, system, key, CASE WHEN NOT (is_reference OR is_placeholder) THEN %(source)s::bigint END,
    %(at)s::timestamptz, %(at)s::timestamptz
FROM ownership_stagedasset WHERE id BETWEEN %(low)s AND %(high)s AND id = ANY (%(ids)s::bigint[]) ORDER BY asset_id
"""
