"""Whose role is not clear: no discipline is said, or the pattern asks what it does here (spec ownership 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models.expressions import RawSQL

from ownership.domain.kinds import all_kinds
from ownership.domain.patterns import ASK, CLASSIC, cell_kind
from ownership.queries.assets import listed_assets

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.models import Asset

# The accountable party of each live asset with its discipline; teams of several disciplines are judged for backup and
# overload only.
ROLES = """
SELECT asset.id, coalesce(person.name, team.name) AS name, coalesce(person.handle, team.slug) AS key,
    owner.person_id IS NOT NULL AS is_person, coalesce(member.discipline, team.discipline, '') AS craft,
    home.slug AS team, pattern.name AS pattern, pattern.slug AS pattern_slug
FROM ownership_ownership AS owner
    JOIN ownership_asset AS asset ON asset.id = owner.asset_id AND asset.retired_at IS NULL
    LEFT JOIN accounts_person AS person ON person.id = owner.person_id
    LEFT JOIN accounts_membership AS member ON member.person_id = person.id AND member.is_main
        AND member.during @> (%(at)s AT TIME ZONE person.zone)::date
    LEFT JOIN accounts_team AS team ON team.id = owner.team_id
    LEFT JOIN accounts_team AS home ON home.id = coalesce(member.team_id, owner.team_id)
    LEFT JOIN ownership_patterns_at(%(at)s) AS in_force ON in_force.domain_id = asset.domain_id
    JOIN ownership_pattern AS pattern ON pattern.id = coalesce(
        in_force.pattern_id, (SELECT id FROM ownership_pattern WHERE slug = %(standard)s))
    LEFT JOIN ownership_asset AS documented ON documented.id = asset.documents_id
    LEFT JOIN unnest(%(kinds)s::smallint[], %(documented)s::smallint[], %(cells)s::smallint[])
        AS cell(kind, documented, cell) ON cell.kind = asset.kind AND cell.documented = coalesce(documented.kind, 0)
    LEFT JOIN ownership_crossingrule AS rule ON rule.pattern_id = pattern.id AND rule.kind = cell.cell
        AND rule.discipline = coalesce(member.discipline, team.discipline)
WHERE owner.duty = 1 AND owner.rank = 1 AND owner.state = 'accepted' AND upper_inf(owner.valid)
  AND (owner.person_id IS NOT NULL AND coalesce(member.discipline, '') = '' OR rule.verdict = %(ask)s)
"""
NAMED = re.compile(r"%\((\w+)\)s")
OF_SOME = f"SELECT * FROM ({ROLES}) AS role WHERE role.id = ANY(%(ids)s)"  # noqa: S608 (a constant of this module)


@dataclass(frozen=True)
class Role:
    """Who is accountable, what they are said to be (empty: nothing), and under which pattern; `team` is a slug."""

    name: str
    key: str
    is_person: bool
    craft: str
    team: str | None
    pattern: str
    pattern_slug: str


def unclear_assets(viewer: Any, at: datetime) -> QuerySet[Asset]:
    """Assets that the viewer sees whose owner's role is to be cleared up; never a crossing."""
    facts = _facts(at)
    named = f"SELECT role.id FROM ({ROLES}) AS role"  # noqa: S608 (a constant of this module)
    statement, params = _positional(named, facts)
    return listed_assets(viewer).filter(pk__in=RawSQL(statement, params))  # noqa: S611 (as above)


def roles_of(asset_ids: Collection[int], at: datetime) -> dict[int, Role]:
    """Why each of these is unclear; one query."""
    if not asset_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(OF_SOME, _facts(at) | {"ids": list(asset_ids)})
        return {row[0]: Role(*row[1:]) for row in cursor.fetchall()}


def _facts(at: datetime) -> dict[str, Any]:
    codes = [kind.code for kind in all_kinds()]
    pairs = [(code, documented, cell_kind(code, documented or None)) for code in codes for documented in (0, *codes)]
    kinds, documented, cells = (list(column) for column in zip(*pairs, strict=True))
    return {"at": at, "standard": CLASSIC, "ask": ASK, "kinds": kinds, "documented": documented, "cells": cells}


def _positional(statement: str, facts: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """The same statement with its values in order: an expression of Django takes no names."""
    names: list[str] = []

    def note(match: re.Match[str]) -> str:
        names.append(match[1])
        return "%s"

    plain = NAMED.sub(note, statement)
    return plain, tuple(facts[name] for name in names)
