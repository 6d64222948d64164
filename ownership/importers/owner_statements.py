"""The set-based SQL of who is settled anew after an import: those about whom something is left to say."""

from __future__ import annotations

# Of a file that speaks of a part of its source: what is said or held of the assets it names.
NAMED = """
INSERT INTO ownership_stagedowned (run_id, asset_id)
SELECT DISTINCT %(run)s::bigint, staged.asset_id FROM ownership_stagedasset AS staged
WHERE staged.run_id = %(run)s AND staged.asset_id IS NOT NULL AND (
    EXISTS (SELECT FROM (
        SELECT source_id, closed_at FROM ownership_claim WHERE asset_id = staged.asset_id OFFSET 0
    ) AS said WHERE said.source_id = %(source)s AND said.closed_at IS NULL)
    OR EXISTS (SELECT FROM (
        SELECT source_id, state, valid FROM ownership_ownership WHERE asset_id = staged.asset_id OFFSET 0
    ) AS held WHERE held.source_id = %(source)s
        AND (held.state = 'accepted' AND upper_inf(held.valid) OR held.state = 'proposed'))
)
ON CONFLICT (run_id, asset_id) DO NOTHING
"""
# Of a whole file: all but those of whom only this source speaks, and whose holders are the very ones it names, in
# that order. For them settling would say what stands already.
UNSETTLED = """
WITH said AS MATERIALIZED (
    SELECT id, asset_id, duty, coalesce(person_id, -team_id) AS party, rank, confidence, basis, outcome
    FROM ownership_claim WHERE source_id = %(source)s AND closed_at IS NULL
), held AS MATERIALIZED (
    SELECT asset_id, duty, party_key AS party, rank, state FROM ownership_ownership
    WHERE source_id = %(source)s AND (state = 'accepted' AND upper_inf(valid) OR state = 'proposed')
), wanted AS (
    SELECT asset_id, duty, party,
        row_number() OVER (PARTITION BY asset_id, duty ORDER BY rank, confidence DESC, id) AS rank
    FROM said WHERE outcome = 'applied'
), differing AS (
    SELECT asset_id FROM said
    WHERE NOT (outcome = 'applied' AND basis = 'declared' AND party IS NOT NULL
        OR outcome = 'unresolved' AND party IS NULL OR outcome = 'muted')
    UNION
    SELECT asset_id FROM held WHERE state = 'proposed'
    UNION
    SELECT asset_id FROM (
        SELECT asset_id, duty, party, rank, 1 AS claims, 0 AS holders FROM wanted
        UNION ALL
        SELECT asset_id, duty, party, rank, 0, 1 FROM held WHERE state = 'accepted'
    ) AS compared GROUP BY asset_id, duty, party, rank HAVING sum(claims) <> sum(holders)
    UNION
    SELECT mine.asset_id FROM (SELECT DISTINCT asset_id FROM said UNION SELECT asset_id FROM held) AS mine
    JOIN ownership_claim AS other ON other.asset_id = mine.asset_id
    WHERE other.source_id <> %(source)s AND other.closed_at IS NULL
    UNION
    SELECT mine.asset_id FROM (SELECT DISTINCT asset_id FROM said UNION SELECT asset_id FROM held) AS mine
    JOIN ownership_ownership AS other ON other.asset_id = mine.asset_id
    WHERE other.source_id IS DISTINCT FROM %(source)s AND other.state = 'accepted' AND upper_inf(other.valid)
)
INSERT INTO ownership_stagedowned (run_id, asset_id) SELECT %(run)s::bigint, asset_id FROM differing
ON CONFLICT (run_id, asset_id) DO NOTHING
"""
NEXT = """
SELECT asset_id FROM ownership_stagedowned WHERE run_id = %(run)s AND asset_id > %(after)s
ORDER BY asset_id LIMIT %(limit)s
"""
