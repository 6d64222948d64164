"""The figures of teams, as they are and as they would be (spec ownership 8, "centralized or embedded")."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from ownership.domain.crossing_states import DISMISSED
from ownership.domain.load import uncovered
from ownership.domain.shape import HORIZON_DAYS, HeldAsset, Seat, embed, shape_of
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Crossing, Ownership
from ownership.queries.backing import backup_states
from ownership.queries.owners import current_owners
from portal.accounts.queries.people import absences_during
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from ownership.domain.parties import Owners
    from ownership.domain.shape import Shape
    from ownership.domain.timelines import Span
    from portal.accounts.models import Person, Team

DAY = timedelta(days=1)


def shapes_of(teams: Sequence[Team], at: datetime) -> dict[int, Shape]:
    """The figures of each team by its id; 8 queries whatever their number."""
    seats = _seats(teams, at)
    assets = _assets(teams, seats, at)
    return {team.pk: shape_of(team.pk, seats, assets) for team in teams}


def what_if(person: Person, source: Team, target: Team, at: datetime) -> dict[int, tuple[Shape, Shape]]:
    """Both teams by id, (as it is, as it would be) if the person moved; nothing is saved."""
    teams = [source, target]
    seats = _seats(teams, at)
    assets = _assets(teams, seats, at)
    then = embed(seats, person.pk, target.pk)
    return {team.pk: (shape_of(team.pk, seats, assets), shape_of(team.pk, then, assets)) for team in teams}


def _seats(teams: Iterable[Team], at: datetime) -> list[Seat]:
    rows = memberships_on(at.date()).filter(team__in=list(teams), is_main=True)
    return [Seat(*row) for row in rows.values_list("person_id", "team_id", "discipline").order_by("person_id")]


def _assets(teams: Sequence[Team], seats: Sequence[Seat], at: datetime) -> list[HeldAsset]:
    rows = Ownership.objects.filter(
        Q(person__in=[seat.person for seat in seats]) | Q(team__in=teams), duty=Duty.TECHNICAL, rank=PRIMARY,
        state=State.ACCEPTED.value, valid__upper_inf=True, asset__retired_at=None,
    )  # fmt: skip
    parties = dict(rows.values_list("asset_id", "party_key"))
    owners = current_owners(parties)
    states = backup_states(owners, at)
    away = _away(owners.values(), at)
    crossings = _crossings(parties)
    return [
        HeldAsset(
            party=party,
            has_real_backup=any(states[backup.id] == "real" for backup in owners[pk].backups),
            uncovered=_uncovered(party, owners[pk], states, away),
            crossings=crossings[pk, party],
        )
        for pk, party in parties.items()
    ]


def _away(owners: Iterable[Owners], at: datetime) -> dict[int, list[Span]]:
    """The absences of the next 60 days by person; a team is never away."""
    people = {held.party.person_id for each in owners for held in each.holders if held.party.person_id}
    end = at + HORIZON_DAYS * DAY
    found: dict[int, list[Span]] = defaultdict(list)
    for absence in absences_during(people, at, end):
        start, until = absence.during.lower or at, absence.during.upper or end
        found[absence.person_id].append((max(start, at), min(until, end)))
    return found


def _uncovered(
    party: int, owners: Owners, states: Mapping[int, str], away: Mapping[int, Sequence[Span]]
) -> frozenset[date]:
    real = [backup.party.person_id or 0 for backup in owners.backups if states[backup.id] == "real"]
    gone = [away.get(person, ()) for person in real]
    return frozenset(day for span in away.get(party, ()) for alone in uncovered(span, gone) for day in _days(alone))


def _days(span: Span) -> list[date]:
    """Every day that the span touches."""
    count = (span[1] - timedelta(microseconds=1)).date() - span[0].date()
    return [span[0].date() + n * DAY for n in range(count.days + 1)]


def _crossings(asset_ids: Collection[int]) -> dict[tuple[int, int], int]:
    rows = Crossing.objects.filter(asset_id__in=list(asset_ids), valid__upper_inf=True).exclude(state=DISMISSED)
    found: dict[tuple[int, int], int] = defaultdict(int)
    for asset, party, count in rows.values_list("asset_id", "party_key").annotate(count=Count("pk")):
        found[asset, party] = count
    return found
