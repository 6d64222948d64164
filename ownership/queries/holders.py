"""The holders of many assets by one statement that is ready: every list asks it, and building it costs more than it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.parties import Holder, Owners, Party

if TYPE_CHECKING:
    from datetime import datetime

ROWS = """
SELECT held.asset_id, held.person_id, COALESCE(person.name, team.name), COALESCE(person.handle, team.slug),
    CASE WHEN held.person_id IS NULL THEN team.discipline ELSE (
        SELECT discipline FROM accounts_membership AS place
        WHERE place.person_id = held.person_id AND place.is_main AND upper_inf(place.during) LIMIT 1
    ) END, held.team_id, held.id, held.duty, held.rank, held.state, held.origin, lower(held.valid), upper(held.valid),
    held.confirmed_at IS NOT NULL, held.acting, COALESCE(source.name, '')
FROM ownership_ownership AS held
LEFT JOIN accounts_person AS person ON person.id = held.person_id
LEFT JOIN accounts_team AS team ON team.id = held.team_id
LEFT JOIN core_importsource AS source ON source.id = held.source_id
WHERE held.asset_id = ANY(%(ids)s) AND """
ORDER = " ORDER BY held.duty, held.rank"
NOW = ROWS + "held.state = 'accepted' AND upper_inf(held.valid)" + ORDER
THEN = ROWS + "held.state IN ('accepted', 'ended') AND held.valid @> %(at)s::timestamptz" + ORDER


def holders_of(ids: list[int], at: datetime | None = None) -> dict[int, Owners]:
    """Who holds each asset now, or held it at an instant; an asset without anybody gets an empty `Owners`."""
    found: dict[int, list[Holder]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NOW if at is None else THEN, {"ids": ids, "at": at})
        for row in cursor.fetchall():
            found[row[0]].append(_holder(row))
    return {asset_id: Owners(tuple(found.get(asset_id, ()))) for asset_id in ids}


def _holder(row: tuple[Any, ...]) -> Holder:
    _, person_id, name, slug, discipline, team_id, *facts = row
    return Holder(facts[0], Party(name, slug, discipline or "", person_id, team_id), *facts[1:])
