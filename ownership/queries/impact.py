"""What a change touches and who answers for it (spec ownership 13)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.impact import CHANGE_WORDS, DEPTH, MOST_DEPTH, Touched, by_person
from ownership.models import Asset
from ownership.queries.backing import backup_states
from ownership.queries.owners import owners_at
from ownership.queries.parties import owning_team
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Person, Team
from portal.accounts.queries.people import away_among
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import DomainError
from portal.core.registries import contributions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ownership.domain.parties import Holder, Owners

MOST_ASSETS = 20_000
LEAST_TIER = 4
# Every neighbour counts: whom a picture may leave out, a message may not.
BELOW = """
WITH RECURSIVE below(id, depth) AS (
    SELECT %(root)s::bigint, 0
    UNION
    SELECT edge.dst_id, below.depth + 1 FROM below
    JOIN ownership_edge AS edge ON edge.src_id = below.id AND edge.closed_at IS NULL
    WHERE below.depth < %(depth)s
)
SELECT asset.id, min(below.depth), coalesce(asset.tier, 4)
FROM below JOIN ownership_asset AS asset ON asset.id = below.id
WHERE below.depth > 0 AND asset.retired_at IS NULL AND asset.id <> %(root)s
GROUP BY asset.id, asset.tier ORDER BY 2, 1 LIMIT %(most)s
"""


@dataclass(frozen=True)
class PersonTouched:
    """Somebody with all assets they answer for, tier 1 and the nearest first."""

    person: Person
    touched: tuple[Touched, ...]


@dataclass(frozen=True)
class Impact:
    """What is below an asset, by layer, with people and teams named once."""

    change: str
    depth: int
    touched: tuple[Touched, ...]
    assets: Mapping[int, Asset]
    people: tuple[PersonTouched, ...]
    nobody: tuple[Touched, ...]
    teams: tuple[str, ...]
    is_truncated: bool

    @property
    def tier_one(self) -> int:
        return sum(each.tier == 1 for each in self.touched)

    @property
    def layers(self) -> list[tuple[int, list[Touched]]]:
        """By distance; tier 1 first."""
        found: dict[int, list[Touched]] = defaultdict(list)
        for each in sorted(self.touched, key=lambda each: (each.distance, each.tier, each.asset_id)):
            found[each.distance].append(each)
        return sorted(found.items())


def impact_of(asset: Asset, change: str, at: datetime, depth: int = DEPTH) -> Impact:
    """Everything at most `depth` steps below, and one person for each asset who is there to answer.

    Raises `DomainError` for an unknown change or depth. Queries grow with the number of teams, never of assets.
    """
    if change not in CHANGE_WORDS:
        raise DomainError("ownership.unknown_change", f"The change is one of {', '.join(CHANGE_WORDS)}.", "change")
    if not 1 <= depth <= MOST_DEPTH:
        raise DomainError("ownership.bad_depth", f"The depth is 1 to {MOST_DEPTH}.", "depth")
    with connection.cursor() as cursor:
        cursor.execute(BELOW, {"root": asset.pk, "depth": depth, "most": MOST_ASSETS})
        rows = cursor.fetchall()
    ids = [row[0] for row in rows]
    contacts, teams = contacts_of(ids, at)
    touched = tuple(Touched(id_, distance, tier, contacts[id_]) for id_, distance, tier in rows)
    grouped = by_person(touched)
    people = Person.objects.in_bulk([person for person in grouped if person is not None])
    told = [PersonTouched(people[key], rows) for key, rows in grouped.items() if key is not None]
    return Impact(
        change=change,
        depth=depth,
        touched=touched,
        assets=Asset.objects.in_bulk(ids),
        people=tuple(sorted(told, key=lambda each: (each.touched[0].tier, each.person.name, each.person.pk))),
        nobody=grouped.get(None, ()),
        teams=tuple(sorted({team.name for team in teams.values() if team is not None})),
        is_truncated=len(rows) == MOST_ASSETS,
    )


def contacts_of(asset_ids: Iterable[int], at: datetime) -> tuple[dict[int, int | None], dict[int, Team | None]]:
    """Whom to write to for each asset, as `resolve_contact` says, and the team accountable for each.

    The present primary (a team's person on call, else its lead), else a present real backup, else the lead.
    """
    ids = list(asset_ids)
    owners = owners_at(ids, at)
    states = backup_states(owners, at)
    teams = owning_team(ids, at)
    lines = {id_: _line(owners[id_], states) for id_ in ids}
    spoken = {held.party.team_id for line in lines.values() for held in line if held.party.team_id is not None}
    speakers = _speakers(spoken, {team.pk for team in teams.values() if team is not None}, at)
    asked = {id_: _asked(lines[id_], teams[id_], speakers) for id_ in ids}
    everybody = {person for people in asked.values() for person in people}
    gone = away_among(everybody, at)
    active = set(Person.objects.filter(pk__in=everybody, state=PersonState.ACTIVE).values_list("pk", flat=True))
    there = active - gone
    return {id_: next((one for one in people if one in there), None) for id_, people in asked.items()}, teams


def _line(owners: Owners, states: Mapping[int, str]) -> list[Holder]:
    primary = [owners.primary] if owners.primary is not None else []
    return [*primary, *(backup for backup in owners.backups if states[backup.id] == "real")]


@dataclass(frozen=True)
class _Speakers:
    """Who speaks for each team: on call first, then its leads."""

    on_call: Mapping[int, list[int]]
    leads: Mapping[int, list[int]]


def _speakers(spoken: set[int], accountable: set[int], at: datetime) -> _Speakers:
    teams = Team.objects.select_related("parent").in_bulk(spoken | accountable)
    answers = contributions("team.on_call_now")
    on_call = {
        pk: [person.pk for ask in answers if (person := _answer(ask, teams[pk], at))] for pk in spoken & set(teams)
    }
    leads = {pk: [lead.pk for lead in responsible_leads(team, at.date())] for pk, team in teams.items()}
    return _Speakers(on_call, leads)


def _answer(ask: Any, team: Team, at: datetime) -> Person | None:
    found: Person | None = ask(team, at)
    return found


def _asked(line: list[Holder], team: Team | None, speakers: _Speakers) -> list[int]:
    people: list[int] = []
    for held in line:
        if held.party.person_id is not None:
            people.append(held.party.person_id)
        else:
            key = held.party.team_id or 0
            people += [*speakers.on_call.get(key, ()), *speakers.leads.get(key, ())]
    return people + list(speakers.leads.get(team.pk, ()) if team is not None else ())
