"""People and teams behind an asset: who they are, who leads, whom to write to (spec additions, "contact")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ownership.models import Asset
from ownership.queries.backing import backup_states
from ownership.queries.owners import owners_at
from portal.accounts.domain.vocabulary import PersonState, Role
from portal.accounts.models import Membership, Person, Team
from portal.accounts.queries.people import away_among, resolve_identities
from portal.accounts.queries.teams import main_teams, responsible_leads
from portal.core.context import once

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from ownership.domain.parties import Holder, Party


def local_day(person: Any, at: datetime) -> date:
    """The calendar day of an instant where the person is."""
    return at.astimezone(ZoneInfo(getattr(person, "zone", "") or "UTC")).date()


def leading(person: Any, at: datetime) -> QuerySet[Membership]:
    """The memberships in which the person leads that day."""
    return Membership.objects.filter(person=person, role=Role.LEAD, during__contains=local_day(person, at))


def teams_led_by(person: Any, at: datetime) -> frozenset[int]:
    """Ids of the teams the person leads that day; asked once in a request that only reads."""
    return once(_led_key(person, at), lambda: frozenset(leading(person, at).values_list("team_id", flat=True)))


def remember_led(person: Any, at: datetime, team_ids: Iterable[int]) -> frozenset[int]:
    """What a page has learnt among other things, for `teams_led_by` in the same request."""
    return once(_led_key(person, at), lambda: frozenset(team_ids))


def _led_key(person: Any, at: datetime) -> str:
    return f"led by {person.pk} on {local_day(person, at)}"


def teams_of_person(person: Any, at: datetime) -> frozenset[int]:
    """Ids of the teams the person belongs to that day."""
    rows = Membership.objects.filter(person=person, during__contains=local_day(person, at))
    return frozenset(rows.values_list("team_id", flat=True))


def leads_one_of(lead: Any, person: Any, at: datetime) -> bool:
    """Whether somebody leads a team that the person belongs to that day; one query."""
    places = Membership.objects.filter(person=person, during__contains=local_day(person, at))
    return leading(lead, at).filter(team__in=places.values("team")).exists()


def parties_of(person: Any, at: datetime) -> frozenset[int]:
    """The keys of what is one's own: oneself and one's teams; one query."""
    return frozenset({person.pk, *(-team for team in teams_of_person(person, at))})


def resolve_parties(raws: Iterable[str], system: str) -> dict[str, tuple[int | None, int | None]]:
    """(person id, team id) of each owner text that somebody is known by; the others are left out."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for raw, party in resolve_identities(raws, system).items():
        if isinstance(party, Person) and party.is_active:
            found[raw] = (party.pk, None)
        elif isinstance(party, Team):
            found[raw] = (None, party.pk)
    return found


def owning_team(asset_ids: Iterable[int], at: datetime) -> dict[int, Team | None]:
    """The team accountable for each asset: the primary's, else the domain's default or lead team, else None."""
    ids = list(asset_ids)
    primaries = {asset_id: owners.primary for asset_id, owners in owners_at(ids, at).items()}
    parties = [held.party for held in primaries.values() if held is not None]
    teams = Team.objects.in_bulk({party.team_id for party in parties if party.team_id is not None})
    homes = main_teams([party.person_id for party in parties if party.person_id is not None], at.date())
    result: dict[int, Team | None] = dict.fromkeys(ids)
    for asset_id, held in primaries.items():
        if held is not None:
            result[asset_id] = teams.get(held.party.team_id or 0) or homes.get(held.party.person_id or 0)
    return result | _inherited([asset_id for asset_id, team in result.items() if team is None])


def resolve_contact(asset: Asset, at: datetime) -> Person | None:
    """Whom to write to: the present primary, else the present real backup, else the lead. Nobody is asked while away.

    A backup on paper is asked only when every lead is away, too. None: nobody at all is there.
    """
    owners = owners_at([asset.pk], at)[asset.pk]
    states = backup_states({asset.pk: owners}, at)
    primary = [owners.primary] if owners.primary is not None else []
    real = [backup for backup in owners.backups if states[backup.id] == "real"]
    paper = [backup for backup in owners.backups if states[backup.id] != "real"]
    team = owning_team([asset.pk], at)[asset.pk]
    leads = responsible_leads(team, at.date()) if team else []
    asked = [*_people_behind([*primary, *real], at), *leads, *_people_behind(paper, at)]
    away = away_among([person.pk for person in asked], at)
    return next((person for person in asked if person.pk not in away), None)


def _people_behind(holders: Iterable[Holder], at: datetime) -> list[Person]:
    return [person for held in holders for person in _people_of(held.party, at)]


def _people_of(party: Party, at: datetime) -> list[Person]:
    if party.person_id is not None:
        return list(Person.objects.filter(pk=party.person_id, state=PersonState.ACTIVE))
    team = Team.objects.filter(pk=party.team_id or 0).first()
    return responsible_leads(team, at.date()) if team else []


def _inherited(asset_ids: list[int]) -> dict[int, Team | None]:
    """What the domain says about assets that nobody holds."""
    if not asset_ids:
        return {}
    rows = Asset.objects.filter(pk__in=asset_ids).select_related("domain__lead_team", "domain__default_team")
    return {row.pk: (row.domain.default_team or row.domain.lead_team) if row.domain else None for row in rows}
