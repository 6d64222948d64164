"""The two teams of a crossing: who does the work, who is expected to (spec ownership 7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from ownership.queries.expected import expected_teams
from portal.accounts.models import Team
from portal.accounts.queries.teams import main_teams, responsible_leads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ownership.models import Crossing
    from portal.accounts.models import Person


@dataclass(frozen=True)
class Sides:
    """`doing` None: the person has no team; `expected` None reads "nobody named"."""

    doing: Team | None
    expected: Team | None

    @property
    def team_ids(self) -> frozenset[int]:
        return frozenset(team.pk for team in (self.doing, self.expected) if team is not None)


@dataclass(frozen=True)
class Boundary:
    """A pair of teams in a domain with what crosses between them."""

    doing: Team | None
    expected: Team | None
    crossings: tuple[Crossing, ...]

    @property
    def key(self) -> str:
        """How an address names the pair: "core-data~payments", "~" alone for nobody."""
        return f"{self.doing.slug if self.doing else ''}~{self.expected.slug if self.expected else ''}"


def sides_of(crossings: Sequence[Crossing], at: datetime) -> dict[int, Sides]:
    """Both teams by crossing id; 3 queries whatever the number."""
    if not crossings:
        return {}
    homes = main_teams([row.person_id for row in crossings if row.person_id is not None], at.date())
    expected = expected_teams([row.asset_id for row in crossings], at)
    wanted = {row.team_id for row in crossings if row.team_id} | {party.team_id for party in expected.values()}
    teams = Team.objects.in_bulk([pk for pk in wanted if pk is not None])
    found = {}
    for row in crossings:
        doing = teams.get(row.team_id or 0) or homes.get(row.person_id or 0)
        party = expected.get(row.asset_id)
        other = teams.get(party.team_id or 0) if party else None
        found[row.pk] = Sides(doing, None if other == doing else other)
    return found


def grouped(crossings: Sequence[Crossing], at: datetime) -> list[Boundary]:
    """Crossings by pair of teams, the heaviest pair first; inside by score, then by age."""
    sides = sides_of(crossings, at)
    groups: dict[tuple[int, int], list[Crossing]] = defaultdict(list)
    for row in crossings:
        side = sides[row.pk]
        groups[side.doing.pk if side.doing else 0, side.expected.pk if side.expected else 0].append(row)
    found = []
    for rows in groups.values():
        rows.sort(key=lambda row: (-row.score, row.opened_at, row.pk))
        side = sides[rows[0].pk]
        found.append(Boundary(side.doing, side.expected, tuple(rows)))
    return sorted(found, key=lambda each: (-sum(row.score for row in each.crossings), each.key))


def teams_of_key(key: str) -> tuple[Team | None, Team | None] | None:
    """The two teams of "core-data~payments"; None where a slug is unknown."""
    doing, _, expected = key.partition("~")
    teams = {team.slug: team for team in Team.objects.filter(Q(slug=doing) | Q(slug=expected))}
    known = [teams.get(slug) if slug else None for slug in (doing, expected)]
    return None if any(slug and team is None for slug, team in zip((doing, expected), known, strict=True)) else (
        known[0], known[1]
    )  # fmt: skip


def leads_of(teams: Iterable[Team | None], at: datetime) -> list[Person]:
    """The leads of both teams, each once."""
    found: dict[int, Person] = {}
    for team in teams:
        if team is not None:
            found |= {lead.pk: lead for lead in responsible_leads(team, at.date())}
    return list(found.values())
