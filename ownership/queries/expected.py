"""Whose job it is: the pattern in force, the cell of a discipline, the nearest team that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.findings import AssetRef, BoundaryFinding
from ownership.domain.kinds import METRIC, all_kinds, kind_named
from ownership.domain.parties import Party
from ownership.domain.patterns import BUSINESS_QUESTION, CLASSIC, CROSSING, DISCIPLINES, cell_kind
from ownership.domain.scores import weigh
from portal.accounts.models import Team
from portal.accounts.queries.teams import discipline_of_team

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ownership.models import Asset

# What a request asks for, where that is not the asset itself; kinds that ask for nothing of anybody's craft give
# no finding. Names of asset kinds are understood as well.
ASKED_KINDS = {"question": BUSINESS_QUESTION.code, "metric": METRIC.code}
ABOUT_THE_ASSET = frozenset({"change", "backfill", "data_issue"})

CELLS = """
WITH wanted AS (
    SELECT asset.id, asset.slug, asset.name, asset.tier, asset.downstream_count,
        coalesce(in_force.pattern_id, (SELECT id FROM ownership_pattern WHERE slug = %(standard)s)) AS pattern_id,
        coalesce(%(asked)s::smallint, cell.cell) AS kind
    FROM ownership_asset AS asset
        LEFT JOIN ownership_patterns_at(%(at)s) AS in_force ON in_force.domain_id = asset.domain_id
        LEFT JOIN ownership_asset AS documented ON documented.id = asset.documents_id
        LEFT JOIN unnest(%(kinds)s::smallint[], %(documented)s::smallint[], %(cells)s::smallint[])
            AS cell(kind, documented, cell)
            ON cell.kind = asset.kind AND cell.documented = coalesce(documented.kind, 0)
    WHERE asset.id = ANY(%(ids)s)
)
SELECT wanted.id, wanted.slug, wanted.name, wanted.tier, wanted.downstream_count, rule.id, rule.base, rule.label,
    rule.remedy, row.expected, owner.person_id, owner.team_id, coalesce(person.name, team.name),
    coalesce(person.handle, team.slug)
FROM wanted
    JOIN ownership_patternrow AS row ON row.pattern_id = wanted.pattern_id AND row.kind = wanted.kind
    LEFT JOIN ownership_crossingrule AS rule ON rule.pattern_id = wanted.pattern_id AND rule.kind = wanted.kind
        AND rule.discipline = %(discipline)s AND rule.verdict = %(verdict)s
    LEFT JOIN ownership_ownership AS owner ON owner.asset_id = wanted.id AND owner.duty = 1 AND owner.rank = 1
        AND owner.state IN ('accepted', 'ended') AND owner.valid @> %(at)s
    LEFT JOIN accounts_person AS person ON person.id = owner.person_id
    LEFT JOIN accounts_team AS team ON team.id = owner.team_id
ORDER BY wanted.id
"""
# Two steps up or two steps down, never up and down again; at most 50 neighbours a step.
NEAREST = """
WITH RECURSIVE root(id, domain_id, crafts) AS (
    SELECT asset.id, asset.domain_id, string_to_array(given.crafts, ',')
    FROM unnest(%(ids)s::bigint[], %(crafts)s::text[]) AS given(id, crafts)
        JOIN ownership_asset AS asset ON asset.id = given.id
), near(root_id, id, side, depth) AS (
    SELECT root.id, root.id, side, 0 FROM root CROSS JOIN (VALUES ('down'), ('up')) AS sides(side)
    UNION
    SELECT near.root_id, step.id, near.side, near.depth + 1
    FROM near CROSS JOIN LATERAL (
        (SELECT edge.dst_id AS id FROM ownership_edge AS edge
         WHERE near.side = 'down' AND edge.src_id = near.id AND edge.closed_at IS NULL ORDER BY 1 LIMIT 50)
        UNION
        (SELECT edge.src_id FROM ownership_edge AS edge
         WHERE near.side = 'up' AND edge.dst_id = near.id AND edge.closed_at IS NULL ORDER BY 1 LIMIT 50)
    ) AS step
    WHERE near.depth < 2
), crafts_of_teams(team_id, craft) AS (
    SELECT team_id, discipline FROM (
        SELECT member.team_id, member.discipline, sum(member.fte_percent) AS share,
            sum(sum(member.fte_percent)) OVER (PARTITION BY member.team_id) AS total
        FROM accounts_membership AS member JOIN accounts_person AS person ON person.id = member.person_id
        WHERE person.state = 'active' AND member.during @> (%(at)s AT TIME ZONE person.zone)::date
        GROUP BY member.team_id, member.discipline
    ) AS counted WHERE 2 * share > total
), held AS (
    SELECT DISTINCT ON (root.id) root.id AS root_id, team.id AS team_id
    FROM root JOIN near ON near.root_id = root.id AND near.depth > 0
        JOIN ownership_asset AS asset ON asset.id = near.id AND asset.retired_at IS NULL
            AND asset.domain_id IS NOT DISTINCT FROM root.domain_id
        JOIN ownership_ownership AS owner ON owner.asset_id = asset.id AND owner.duty = 1 AND owner.rank = 1
            AND owner.state IN ('accepted', 'ended') AND owner.valid @> %(at)s
        LEFT JOIN accounts_person AS person ON person.id = owner.person_id
        LEFT JOIN accounts_membership AS member ON member.person_id = person.id AND member.is_main
            AND member.during @> (%(at)s AT TIME ZONE person.zone)::date
        JOIN accounts_team AS team ON team.id = coalesce(owner.team_id, member.team_id) AND team.archived_at IS NULL
        LEFT JOIN crafts_of_teams AS own ON own.team_id = owner.team_id
    WHERE coalesce(member.discipline, nullif(team.discipline, ''), own.craft) = ANY(root.crafts)
    ORDER BY root.id, near.depth, asset.tier NULLS LAST, asset.id
)
SELECT root.id, team.id, team.slug, team.name, team.discipline
FROM root LEFT JOIN held ON held.root_id = root.id
    LEFT JOIN ownership_domain AS domain ON domain.id = root.domain_id
    JOIN accounts_team AS team ON team.id = coalesce(held.team_id, domain.lead_team_id)
"""
GIVEN = "unnest(%(ids)s::bigint[], %(crafts)s::text[]) AS given(id, crafts)"
# The same for the crafts that the cells of the assets expect.
OF_CELLS = f"""(
        SELECT cell.id, array_to_string(cell.expected, ',') FROM ({CELLS}) AS cell(id, slug, name, tier, downstream,
            rule, base, label, remedy, expected, person, team, owner, handle)
    ) AS given(id, crafts)"""  # noqa: S608 (constants of this module)
EXPECTED = NEAREST.replace(GIVEN, OF_CELLS)
QUESTION = """
SELECT rule.id, rule.base, rule.label, rule.remedy FROM ownership_crossingrule AS rule
WHERE rule.kind = %(asked)s AND rule.discipline = %(discipline)s AND rule.verdict = %(verdict)s
    AND rule.pattern_id = coalesce(
        (SELECT min(in_force.pattern_id) FROM ownership_patterns_at(%(at)s) AS in_force
            JOIN ownership_domain AS domain ON domain.id = in_force.domain_id WHERE domain.lead_team_id = %(team)s),
        (SELECT id FROM ownership_pattern WHERE slug = %(standard)s))
"""


@dataclass(frozen=True)
class _Cell:
    """A row of `CELLS`: an asset in the light of one discipline's cell."""

    asset: AssetRef
    tier: int | None
    downstream: int
    rule: int | None
    base: int
    label: str
    remedy: str
    expected: tuple[str, ...]
    accountable: Party | None


def check_boundary(*, kind: str, asset_ids: Sequence[int], team: Team, at: datetime) -> list[BoundaryFinding]:
    """Whether a request asks `team` for another team's job; reads only, at most 3 queries.

    `kind` is a request kind or the name of an asset kind. A question is judged by the row of business questions, a
    metric request by that of metrics, everything else by the kinds of the assets. Teams of mixed or unknown discipline
    and cells that ask to clarify a role give no finding.
    """
    asked = _asked(kind)
    discipline = discipline_of_team(team, at.date())
    if asked is None or discipline not in DISCIPLINES:
        return []
    if not asset_ids:
        return _about_no_asset(asked, discipline, team, at) if asked else []
    cells = [cell for cell in _cells(asset_ids, asked or None, discipline, at) if cell.rule is not None]
    teams = _nearest({cell.asset.id: cell.expected for cell in cells}, at)
    return [_finding(cell, teams.get(cell.asset.id), team) for cell in cells]


def nearest_owning_team(asset: Asset, at: datetime) -> Team | None:
    """The team that is expected to own the asset; None reads "nobody named". At most 2 queries."""
    found = expected_teams([asset.pk], at).get(asset.pk)
    return Team.objects.filter(pk=found.team_id or 0).first() if found else None


def expected_teams(asset_ids: Iterable[int], at: datetime) -> dict[int, Party]:
    """The team expected to own each asset; assets for which nobody is named are left out. One query.

    It is that of the owner of the nearest asset up or down (2 steps, same domain) whose discipline is expected, else
    the domain's lead team (spec ownership 7).
    """
    ids = sorted(set(asset_ids))
    return _teams(EXPECTED, _facts(ids, None, "", at)) if ids else {}


def crossed_by(asset_ids: Iterable[int], discipline: str, at: datetime) -> dict[int, tuple[AssetRef, Party | None]]:
    """The assets whose cell is a crossing for this discipline, each with the team expected to own it; two queries."""
    ids = sorted(set(asset_ids))
    cells = [cell for cell in _cells(ids, None, discipline, at) if cell.rule is not None] if ids else []
    teams = _nearest({cell.asset.id: cell.expected for cell in cells}, at)
    return {cell.asset.id: (cell.asset, teams.get(cell.asset.id)) for cell in cells}


def _asked(kind: str) -> int | None:
    """The kind asked for; 0 for "that of the asset", None for a request that asks for nobody's craft."""
    if kind in ABOUT_THE_ASSET:
        return 0
    if kind in ASKED_KINDS:
        return ASKED_KINDS[kind]
    named = kind_named(kind)
    return cell_kind(named.code) if named else None


def _cells(asset_ids: Sequence[int], asked: int | None, discipline: str, at: datetime) -> list[_Cell]:
    with connection.cursor() as cursor:
        cursor.execute(CELLS, _facts(asset_ids, asked, discipline, at))
        return [_cell(row) for row in cursor.fetchall()]


def _facts(asset_ids: Sequence[int], asked: int | None, discipline: str, at: datetime) -> dict[str, Any]:
    codes = [kind.code for kind in all_kinds()]
    pairs = [(code, documented, cell_kind(code, documented or None)) for code in codes for documented in (0, *codes)]
    kinds, documented, cells = (list(column) for column in zip(*pairs, strict=True))
    return {
        "ids": list(asset_ids), "asked": asked, "discipline": discipline, "verdict": CROSSING, "standard": CLASSIC,
        "at": at, "kinds": kinds, "documented": documented, "cells": cells,
    }  # fmt: skip


def _cell(row: Sequence[Any]) -> _Cell:
    id_, slug, name, tier, downstream, rule, base, label, remedy, expected, person, team, owner, handle = row
    held = None
    if owner is not None:
        held = Party(str(owner), str(handle), person_id=person, team_id=team)
    return _Cell(
        AssetRef(id_, slug, name),
        tier,
        downstream,
        rule,
        base,
        label,
        remedy,
        tuple(expected),
        held,
    )


def _nearest(crafts: Mapping[int, tuple[str, ...]], at: datetime) -> dict[int, Party]:
    if not crafts:
        return {}
    facts: dict[str, Any] = {"ids": list(crafts), "crafts": [",".join(each) for each in crafts.values()], "at": at}
    return _teams(NEAREST, facts)


def _teams(statement: str, facts: Mapping[str, Any]) -> dict[int, Party]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return {row[0]: Party(row[3], row[2], row[4], team_id=row[1]) for row in cursor.fetchall()}


def _finding(cell: _Cell, expected: Party | None, team: Team) -> BoundaryFinding:
    weight = weigh(base=cell.base, tier=cell.tier, is_owned=True, is_done=False, downstream=cell.downstream)
    other = expected if expected is not None and expected.team_id != team.pk else None
    return BoundaryFinding(cell.rule or 0, cell.label, cell.remedy, weight.level, cell.asset, other, cell.accountable)


def _about_no_asset(asked: int, discipline: str, team: Team, at: datetime) -> list[BoundaryFinding]:
    facts: dict[str, Any] = {
        "asked": asked, "discipline": discipline, "verdict": CROSSING, "standard": CLASSIC, "team": team.pk, "at": at
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, facts)
        rows = cursor.fetchall()
    return [BoundaryFinding(rule, label, remedy, _level(base), None, None, None) for rule, base, label, remedy in rows]


def _level(base: int) -> str:
    """The weight of a question about no asset: an ordinary tier, nothing downstream."""
    return weigh(base=base, tier=3, is_owned=True, is_done=False, downstream=0).level
