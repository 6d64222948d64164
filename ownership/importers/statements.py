"""The set-based SQL of imports: staged facts against the register, never one statement a row.

The planner has no statistics of rows that were staged a moment ago. Sets are compared by grouping or EXCEPT, which are
linear whatever it believes, and rows of the register are found by key: `source_id + 0` keeps an index of the whole
source out of it.
"""

from __future__ import annotations

MATCH_ALIAS = """
UPDATE ownership_stagedasset AS staged SET asset_id = alias.asset_id
FROM ownership_assetalias AS alias
WHERE staged.run_id = %(run)s AND alias.system = staged.system AND alias.key = staged.key
"""
# Keys that are row ids, and further names of one asset in other systems.
MATCH_KNOWN = """
UPDATE ownership_stagedasset AS staged SET asset_id = known.id
FROM ownership_asset AS known
WHERE staged.run_id = %(run)s AND staged.system = 'asset' AND staged.key = known.id::text
"""
MATCH_FURTHER = """
WITH found AS MATERIALIZED (
    SELECT wanted.id, alias.asset_id FROM ownership_stageddetail AS detail CROSS JOIN LATERAL (
        SELECT asset_id FROM ownership_assetalias WHERE system = detail.one AND key = detail.two OFFSET 0
    ) AS alias CROSS JOIN LATERAL (
        SELECT id FROM ownership_stagedasset
        WHERE run_id = detail.run_id AND key = detail.asset_key AND asset_id IS NULL OFFSET 0
    ) AS wanted
    WHERE detail.run_id = %(run)s AND detail.sort = 'alias'
)
UPDATE ownership_stagedasset AS staged SET asset_id = found.asset_id FROM found WHERE staged.id = found.id
"""
MATCH_SLUG = """
UPDATE ownership_stagedasset AS staged SET asset_id = known.id
FROM ownership_asset AS known
WHERE staged.run_id = %(run)s AND staged.asset_id IS NULL AND staged.system IN ('csv', 'slug')
  AND staged.key = known.slug
"""
# Two systems that name the same full relation speak of one asset; two that exist already are left to a person.
# What is asked of a row stands outside the look-up, lest a whole index of it is read for each.
MATCH_RELATION = """
WITH found AS MATERIALIZED (
    SELECT wanted.id, known.id AS asset_id FROM (
        SELECT relation, min(id) AS id FROM ownership_stagedasset
        WHERE run_id = %(run)s AND relation LIKE '%%.%%' GROUP BY relation
        HAVING count(*) = 1 AND bool_and(asset_id IS NULL)
    ) AS single CROSS JOIN LATERAL (
        SELECT min(live.id) AS id FROM (
            SELECT id, retired_at FROM ownership_asset WHERE relation = single.relation AND relation <> '' OFFSET 0
        ) AS live WHERE live.retired_at IS NULL HAVING count(*) = 1
    ) AS known CROSS JOIN LATERAL (
        SELECT id, system FROM ownership_stagedasset WHERE id = single.id OFFSET 0
    ) AS wanted
    WHERE NOT EXISTS (
        SELECT FROM (SELECT system FROM ownership_assetalias WHERE asset_id = known.id OFFSET 0) AS named
        WHERE named.system = wanted.system
    )
)
UPDATE ownership_stagedasset AS staged SET asset_id = found.asset_id FROM found WHERE staged.id = found.id
"""
# For `run_over_all`: rows of the register are looked up one by one, staged ones are joined with themselves.
DIFFER = """
UPDATE ownership_stagedasset AS staged SET changed = found.changed, is_home = found.is_home, change = found.change
FROM (SELECT diff.id, diff.changed, coalesce(diff.is_own, false) OR diff.asset_id IS NULL AS is_home,
    CASE WHEN diff.asset_id IS NULL AND diff.is_pointer THEN 'absent'
        WHEN diff.asset_id IS NULL THEN 'new' WHEN diff.changed = '{}' THEN 'same' ELSE 'changed' END AS change
FROM (
    SELECT wanted.id, wanted.asset_id, home.is_own, wanted.is_reference AND wanted.is_placeholder AS is_pointer, CASE
        WHEN wanted.asset_id IS NULL OR wanted.is_reference OR wanted.is_placeholder THEN '{}'::text[]
        ELSE array_remove(ARRAY[
            CASE WHEN home.is_own AND asset.name <> wanted.name THEN 'name' END,
            CASE WHEN wanted.relation <> '' AND asset.relation <> wanted.relation
                AND (home.is_own OR asset.relation = '') THEN 'relation' END,
            CASE WHEN wanted.repo <> '' AND asset.repo <> wanted.repo
                AND (home.is_own OR asset.repo = '') THEN 'repo' END,
            CASE WHEN wanted.file_path <> '' AND asset.file_path <> wanted.file_path
                AND (home.is_own OR asset.file_path = '') THEN 'file_path' END,
            CASE WHEN wanted.schema_hash <> '' AND asset.schema_hash <> wanted.schema_hash
                AND (home.is_own OR asset.schema_hash = '') THEN 'schema_hash' END,
            CASE WHEN wanted.definition_hash <> '' AND asset.definition_hash <> wanted.definition_hash
                AND (home.is_own OR asset.definition_hash = '') THEN 'definition_hash' END,
            CASE WHEN wanted.description <> '' AND asset.description <> wanted.description
                AND (home.is_own OR asset.description = '') THEN 'description' END,
            CASE WHEN wanted.grain <> '' AND asset.grain <> wanted.grain
                AND (home.is_own OR asset.grain = '') THEN 'grain' END,
            CASE WHEN wanted.pitfalls <> '' AND asset.pitfalls <> wanted.pitfalls
                AND (home.is_own OR asset.pitfalls = '') THEN 'pitfalls' END,
            CASE WHEN wanted.tier IS NOT NULL AND asset.tier IS DISTINCT FROM wanted.tier
                AND (home.is_own OR asset.tier IS NULL) THEN 'tier' END,
            CASE WHEN wanted.domain <> '' AND domain.name IS DISTINCT FROM wanted.domain
                AND domain.slug IS DISTINCT FROM wanted.domain
                AND (home.is_own OR asset.domain_id IS NULL) THEN 'domain' END,
            CASE WHEN asset.attrs || wanted.attrs <> asset.attrs THEN 'attrs' END,
            CASE WHEN asset.lifecycle IN ('draft', 'retired') AND asset.lifecycle <> wanted.lifecycle
                OR asset.lifecycle = 'active' AND wanted.lifecycle = 'deprecated' THEN 'lifecycle' END
        ], NULL) END AS changed
    FROM ownership_stagedasset AS wanted
    LEFT JOIN LATERAL (SELECT * FROM ownership_asset WHERE id = wanted.asset_id OFFSET 0) AS asset ON true
    LEFT JOIN ownership_domain AS domain ON domain.id = asset.domain_id
    -- The source that named the asset first keeps its texts up to date, and a sheet that a person edited; others
    -- only fill what is empty.
    CROSS JOIN LATERAL (
        SELECT wanted.system = 'csv' OR coalesce((
            SELECT alias.source_id IS NOT DISTINCT FROM %(source)s::bigint
                OR alias.source_id IS NULL AND alias.system = wanted.system
            FROM ownership_assetalias AS alias
            WHERE alias.asset_id = wanted.asset_id AND alias.system <> 'slug' ORDER BY alias.id + 0 LIMIT 1
        ), false) AS is_own OFFSET 0
    ) AS home
    WHERE wanted.run_id = %(run)s
) AS diff) AS found
WHERE staged.id = found.id
  AND (staged.change, staged.is_home, staged.changed) IS DISTINCT FROM (found.change, found.is_home, found.changed)
"""
COUNT_ASSETS = """
SELECT count(*) FILTER (WHERE change = 'new' AND NOT is_placeholder),
       count(*) FILTER (WHERE change = 'changed'),
       count(*) FILTER (WHERE change = 'same' AND NOT is_placeholder),
       count(*) FILTER (WHERE change = 'new' AND is_placeholder)
FROM ownership_stagedasset WHERE run_id = %(run)s
"""
# Live assets of this source that the file does not name any more.
MISSING = """
SELECT alias.asset_id FROM ownership_assetalias AS alias
JOIN ownership_asset AS asset ON asset.id = alias.asset_id AND asset.retired_at IS NULL
WHERE alias.source_id = %(source)s AND NOT EXISTS (
    SELECT FROM ownership_stagedasset AS staged
    WHERE staged.run_id = %(run)s AND staged.system = alias.system AND staged.key = alias.key
)
"""
COUNT_MISSING = f"""
SELECT count(*), (
    SELECT count(*) FROM ownership_assetalias AS alias
    JOIN ownership_asset AS asset ON asset.id = alias.asset_id AND asset.retired_at IS NULL
    WHERE alias.source_id = %(source)s
) FROM ({MISSING}) AS missing
"""  # noqa: S608 (two constants of this module)
# The ends are looked up by key, one by one: a planner who expects one row would read all of the run for each.
STAGED_EDGES = """
SELECT src.asset_id AS src_id, dst.asset_id AS dst_id, edge.kind
FROM ownership_stagededge AS edge CROSS JOIN LATERAL (
    SELECT asset_id, change FROM ownership_stagedasset WHERE run_id = edge.run_id AND key = edge.src_key OFFSET 0
) AS src CROSS JOIN LATERAL (
    SELECT asset_id, change FROM ownership_stagedasset WHERE run_id = edge.run_id AND key = edge.dst_key OFFSET 0
) AS dst
WHERE edge.run_id = %(run)s AND src.change <> 'absent' AND dst.change <> 'absent'
  AND (src.asset_id IS DISTINCT FROM dst.asset_id OR src.asset_id IS NULL)
"""
COUNT_EDGES = f"""
SELECT coalesce(sum(wanted) FILTER (WHERE known = 0), 0)::int, coalesce(sum(known) FILTER (WHERE wanted = 0), 0)::int,
       coalesce(sum(known), 0)::int, coalesce(sum(wanted), 0)::int
FROM (
    SELECT count(*) FILTER (WHERE is_wanted) AS wanted, count(*) FILTER (WHERE NOT is_wanted) AS known
    FROM (
        SELECT src_id, dst_id, kind, true AS is_wanted FROM ({STAGED_EDGES}) AS file
        UNION ALL
        SELECT src_id, dst_id, kind, false FROM ownership_edge WHERE source_id = %(source)s AND closed_at IS NULL
    ) AS said GROUP BY src_id, dst_id, kind
) AS compared
"""  # noqa: S608 (constants of this module)
STAGED_CLAIMS = """
SELECT asset.asset_id, claim.raw, claim.duty
FROM ownership_stagedclaim AS claim CROSS JOIN LATERAL (
    SELECT asset_id, change FROM ownership_stagedasset WHERE run_id = claim.run_id AND key = claim.asset_key OFFSET 0
) AS asset
WHERE claim.run_id = %(run)s AND claim.valid_to IS NULL AND asset.change <> 'absent'
"""
COUNT_CLAIMS = f"""
SELECT coalesce(sum(wanted) FILTER (WHERE known = 0), 0)::int, coalesce(sum(known) FILTER (WHERE wanted = 0), 0)::int,
       coalesce(sum(known), 0)::int, coalesce(sum(wanted), 0)::int
FROM (
    SELECT count(*) FILTER (WHERE is_wanted) AS wanted, count(*) FILTER (WHERE NOT is_wanted) AS known
    FROM (
        SELECT asset_id, raw, duty, true AS is_wanted FROM ({STAGED_CLAIMS}) AS file
        UNION ALL
        SELECT asset_id, raw, duty, false FROM ownership_claim WHERE source_id = %(source)s AND closed_at IS NULL
    ) AS said GROUP BY asset_id, raw, duty
) AS compared
"""  # noqa: S608 (constants of this module)
COUNT_OWNERS = """
WITH real AS (
    SELECT staged.key, staged.asset_id,
        EXISTS (SELECT FROM ownership_stagedclaim AS claim
            WHERE claim.run_id = staged.run_id AND claim.asset_key = staged.key AND claim.duty = 1
              AND (claim.person_id IS NOT NULL OR claim.team_id IS NOT NULL)) AS is_declared,
        EXISTS (SELECT FROM ownership_ownership AS held
            WHERE held.asset_id = staged.asset_id AND held.duty = 1 AND held.rank = 1 AND held.state = 'accepted'
              AND upper_inf(held.valid)) AS is_held
    FROM ownership_stagedasset AS staged
    WHERE staged.run_id = %(run)s AND NOT staged.is_placeholder AND NOT staged.is_reference
)
SELECT count(*) FILTER (WHERE is_declared AND NOT is_held), count(*) FILTER (WHERE NOT is_declared AND NOT is_held),
       (SELECT count(DISTINCT raw) FROM ownership_stagedclaim
        WHERE run_id = %(run)s AND person_id IS NULL AND team_id IS NULL),
       (SELECT count(*) FROM ownership_stagedclaim
        WHERE run_id = %(run)s AND person_id IS NULL AND team_id IS NULL)
FROM real
"""
# For `run_over_all`: staged rows against staged rows, many at once.
UPSERT_EDGES = """
INSERT INTO ownership_edge AS known (dst_id, src_id, kind, source_id, first_seen, last_seen, misses, attrs)
SELECT dst.asset_id, src.asset_id, edge.kind, %(source)s::bigint,
    coalesce(min(edge.seen_at), %(at)s::timestamptz), coalesce(max(edge.seen_at), %(at)s::timestamptz),
    0, '{}'::jsonb
FROM ownership_stagededge AS edge
JOIN ownership_stagedasset AS src ON src.run_id = edge.run_id AND src.key = edge.src_key
JOIN ownership_stagedasset AS dst ON dst.run_id = edge.run_id AND dst.key = edge.dst_key
WHERE edge.run_id = %(run)s AND edge.id > %(after)s AND edge.id <= %(upto)s AND src.asset_id <> dst.asset_id
  AND src.change <> 'absent' AND dst.change <> 'absent'
GROUP BY dst.asset_id, src.asset_id, edge.kind
ON CONFLICT (dst_id, src_id, kind, source_id)
DO UPDATE SET first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen), misses = 0,
    closed_at = CASE WHEN EXCLUDED.last_seen < known.closed_at THEN known.closed_at END
"""
# For `run_over_all`, as are the next one and `ADOPT_FURTHER`.
UPSERT_CLAIMS = """
INSERT INTO ownership_claim AS known (asset_id, source_id, scope, raw, id_system, person_id, team_id, duty, rank,
    rank_inferred, basis, confidence, evidence, valid_from, first_seen, last_seen, outcome)
SELECT asset.asset_id, %(source)s::bigint, %(scope)s, claim.raw, claim.id_system, claim.person_id, claim.team_id,
    claim.duty, claim.rank, claim.rank_inferred, claim.basis, claim.confidence, claim.evidence, claim.valid_from,
    %(at)s::timestamptz, %(at)s::timestamptz, 'unresolved'
FROM ownership_stagedclaim AS claim
JOIN ownership_stagedasset AS asset ON asset.run_id = claim.run_id AND asset.key = claim.asset_key
WHERE claim.run_id = %(run)s AND claim.id > %(after)s AND claim.id <= %(upto)s AND claim.valid_to IS NULL
  AND asset.asset_id IS NOT NULL
ON CONFLICT (asset_id, source_id, scope, raw, duty) WHERE closed_at IS NULL
DO UPDATE SET last_seen = EXCLUDED.last_seen, rank = EXCLUDED.rank, confidence = EXCLUDED.confidence,
    evidence = EXCLUDED.evidence, valid_from = EXCLUDED.valid_from,
    person_id = EXCLUDED.person_id, team_id = EXCLUDED.team_id
"""
UPSERT_COLUMNS = """
INSERT INTO ownership_column AS known (asset_id, n, name, type, description)
SELECT asset.asset_id, staged.n, staged.name, staged.type, staged.description
FROM ownership_stagedcolumn AS staged
JOIN ownership_stagedasset AS asset ON asset.run_id = staged.run_id AND asset.key = staged.asset_key
WHERE staged.run_id = %(run)s AND NOT asset.is_reference AND asset.asset_id IS NOT NULL
  AND (asset.changed @> '{schema_hash}' OR asset.is_home)
ON CONFLICT (asset_id, name) DO UPDATE SET n = EXCLUDED.n, type = EXCLUDED.type, description = EXCLUDED.description
WHERE (known.n, known.type, known.description) IS DISTINCT FROM (EXCLUDED.n, EXCLUDED.type, EXCLUDED.description)
"""
DROP_COLUMNS = """
DELETE FROM ownership_column WHERE id = ANY (ARRAY(
    SELECT known.id FROM ownership_stagedasset AS asset CROSS JOIN LATERAL (
        SELECT id, name FROM ownership_column WHERE asset_id = asset.asset_id OFFSET 0
    ) AS known
    WHERE asset.run_id = %(run)s AND NOT asset.is_reference AND NOT asset.is_placeholder AND asset.is_home
      AND asset.change <> 'new' AND jsonb_exists(asset.says, 'columns') AND (
        SELECT true FROM ownership_stagedcolumn AS staged
        WHERE staged.run_id = asset.run_id AND staged.asset_key = asset.key AND staged.name = known.name LIMIT 1
      ) IS NULL
))
"""
# Search finds an asset by its columns, too.
TELL_COLUMNS = """
UPDATE ownership_asset AS known SET column_text = told.names
FROM (
    SELECT staged.asset_id, left(coalesce(string_agg(held.name, ' ' ORDER BY held.n), ''), 20000) AS names
    FROM ownership_stagedasset AS staged LEFT JOIN ownership_column AS held ON held.asset_id = staged.asset_id
    WHERE staged.run_id = %(run)s AND NOT staged.is_reference AND NOT staged.is_placeholder AND staged.change <> 'new'
    GROUP BY staged.asset_id
) AS told
WHERE known.id = told.asset_id AND known.column_text <> told.names
"""
CLOSE_EDGES = f"""
UPDATE ownership_edge AS known SET closed_at = %(at)s
FROM (
    SELECT src_id, dst_id, kind FROM ownership_edge WHERE source_id = %(source)s AND closed_at IS NULL
    EXCEPT
    SELECT src_id, dst_id, kind FROM ({STAGED_EDGES}) AS wanted
) AS gone
WHERE known.source_id + 0 = %(source)s AND known.closed_at IS NULL
  AND (known.dst_id, known.src_id, known.kind) = (gone.dst_id, gone.src_id, gone.kind)
"""  # noqa: S608 (constants of this module)
CLOSE_CLAIMS = f"""
UPDATE ownership_claim AS known SET closed_at = %(at)s
FROM (
    SELECT asset_id, raw, duty FROM ownership_claim WHERE source_id = %(source)s AND closed_at IS NULL
    EXCEPT
    SELECT asset_id, raw, duty FROM ({STAGED_CLAIMS}) AS wanted
) AS gone
WHERE known.source_id + 0 = %(source)s AND known.closed_at IS NULL
  AND (known.asset_id, known.raw, known.duty) = (gone.asset_id, gone.raw, gone.duty)
"""  # noqa: S608 (constants of this module)
ADOPT_ALIASES = """
INSERT INTO ownership_assetalias (asset_id, system, key, source_id, first_seen, last_seen, misses)
SELECT staged.asset_id, staged.system, staged.key, %(source)s::bigint, %(at)s::timestamptz, %(at)s::timestamptz, 0
FROM ownership_stagedasset AS staged
WHERE staged.run_id = %(run)s AND staged.asset_id IS NOT NULL AND staged.system NOT IN ('asset', 'slug')
  AND staged.change <> 'new' AND NOT (staged.is_reference AND staged.is_placeholder)
ON CONFLICT (system, key) DO NOTHING
"""
ADOPT_FURTHER = """
INSERT INTO ownership_assetalias (asset_id, system, key, source_id, first_seen, last_seen, misses)
SELECT DISTINCT ON (detail.one, detail.two) staged.asset_id, detail.one, detail.two, NULL::bigint,
    %(at)s::timestamptz, %(at)s::timestamptz, 0
FROM ownership_stageddetail AS detail
JOIN ownership_stagedasset AS staged ON staged.run_id = detail.run_id AND staged.key = detail.asset_key
WHERE detail.run_id = %(run)s AND detail.sort = 'alias' AND staged.asset_id IS NOT NULL
ORDER BY detail.one, detail.two, detail.id
ON CONFLICT (system, key) DO NOTHING
"""
# A name that a file only pointed at belongs to the source that describes it.
ADOPT_PLACEHOLDERS = """
UPDATE ownership_assetalias AS alias SET source_id = %(source)s
FROM ownership_stagedasset AS staged
WHERE staged.run_id = %(run)s AND NOT staged.is_reference AND NOT staged.is_placeholder AND staged.change <> 'new'
  AND alias.system = staged.system AND alias.key = staged.key AND alias.source_id IS NULL
"""
SEE_ALIASES = """
UPDATE ownership_assetalias AS alias SET last_seen = %(at)s, misses = 0
FROM ownership_stagedasset AS staged
WHERE staged.run_id = %(run)s AND alias.system = staged.system AND alias.key = staged.key AND staged.change <> 'new'
  AND alias.source_id = %(source)s AND (alias.last_seen <> %(at)s OR alias.misses <> 0)
"""
MISS_ALIASES = """
UPDATE ownership_assetalias AS alias SET misses = alias.misses + 1
WHERE alias.source_id = %(source)s AND NOT EXISTS (
    SELECT FROM ownership_stagedasset AS staged
    WHERE staged.run_id = %(run)s AND staged.system = alias.system AND staged.key = alias.key
)
"""
# Gone from two complete files, and no other source still names it.
GONE = """
SELECT asset.id FROM ownership_asset AS asset
WHERE asset.retired_at IS NULL
  AND asset.id = ANY (ARRAY(
      SELECT asset_id FROM ownership_assetalias WHERE source_id = %(source)s AND misses >= %(misses)s))
  AND NOT EXISTS (SELECT FROM ownership_assetalias AS alias
      WHERE alias.asset_id = asset.id AND alias.misses < %(misses)s
        AND (alias.source_id IS NOT NULL OR alias.system = 'manual'))
"""
# How many assets stand one or two steps downstream, for those an edge of this source may have changed.
COUNT_DOWNSTREAM = """
WITH mine AS (
    SELECT edge.src_id FROM ownership_stagedasset AS staged CROSS JOIN LATERAL (
        SELECT src_id FROM ownership_edge WHERE dst_id = staged.asset_id AND source_id + 0 = %(source)s OFFSET 0
    ) AS edge
    WHERE staged.run_id = %(run)s
    UNION
    SELECT src_id FROM ownership_edge WHERE source_id = %(source)s AND closed_at = %(at)s AND %(complete)s
), affected AS (
    SELECT src_id AS id FROM mine
    UNION
    SELECT above.src_id FROM mine JOIN ownership_edge AS above ON above.dst_id = mine.src_id AND above.closed_at IS NULL
), direct AS (
    SELECT affected.id, edge.dst_id FROM affected
    JOIN ownership_edge AS edge ON edge.src_id = affected.id AND edge.closed_at IS NULL
), reached AS (
    SELECT id, dst_id FROM direct
    UNION
    SELECT direct.id, edge.dst_id FROM direct
    JOIN ownership_edge AS edge ON edge.src_id = direct.dst_id AND edge.closed_at IS NULL
), counted AS (
    SELECT id, count(dst_id) FILTER (WHERE dst_id <> id) AS n
    FROM (SELECT id, NULL::bigint AS dst_id FROM affected UNION ALL SELECT id, dst_id FROM reached) AS told GROUP BY id
)
UPDATE ownership_asset AS asset SET downstream_count = counted.n
FROM counted WHERE asset.id = counted.id AND asset.downstream_count <> counted.n
"""
