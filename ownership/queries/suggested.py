"""Who in a team could own what nobody in person answers for yet (spec exercise 2, decisions "suggest owners")."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from ownership.domain.shadow import ACTS, Event, shares
from ownership.domain.states import PRIMARY, Duty, State
from ownership.domain.suggestion import Wanted, familiarity_of, suggest, tier_points
from ownership.models import Asset, Evidence, Ownership
from portal.accounts.models import Person
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Team

MOST_ASSETS = 40


@dataclass(frozen=True)
class Line:
    """An asset with who could answer for it and who could step in; None where nobody knows it enough."""

    asset: Asset
    primary: Person | None
    backup: Person | None
    knows: Mapping[str, int]
    is_asked: bool


@dataclass(frozen=True)
class TeamMatrix:
    """The fairest lines; `points` and `load` are by person, as this matrix would add to what they hold."""

    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    points: Mapping[str, float]
    load: Mapping[str, float]
    is_cut: bool


def suggested_owners(team: Team, at: datetime) -> TeamMatrix:
    """Live assets that the team itself holds, or that nobody holds in a domain it leads, at most 40 by tier.

    Familiarity is what somebody did on the asset, decayed: 1 something, 2 enough to count as its effective owner, 3
    much. Five queries. Nothing is stored.
    """
    people = list(Person.objects.filter(pk__in=_members(team, at)).order_by("handle"))
    assets, asked = _wanting(team)
    known = _familiarity(people, assets, at)
    wanted = [Wanted(asset.slug, tier_points(asset.tier), known[asset.pk]) for asset in assets[:MOST_ASSETS]]
    matrix = suggest([person.handle for person in people], wanted)
    by_handle, by_slug = {person.handle: person for person in people}, {asset.slug: asset for asset in assets}
    lines = [
        Line(
            by_slug[line.name], by_handle.get(line.primary), by_handle.get(line.backup),
            known[by_slug[line.name].pk], by_slug[line.name].pk in asked,
        )
        for line in matrix.lines
    ]  # fmt: skip
    lines.sort(key=lambda line: (line.asset.tier or 5, line.asset.name))
    return TeamMatrix(
        people=tuple(people),
        lines=tuple(lines),
        points={handle: points / 2 for handle, points in matrix.primary_points.items()},
        load={handle: load / 2 for handle, load in matrix.load.items()},
        is_cut=len(assets) > MOST_ASSETS,
    )


def _members(team: Team, at: datetime) -> list[int]:
    return list(memberships_on(at.date()).filter(team=team, is_main=True).values_list("person_id", flat=True))


def _wanting(team: Team) -> tuple[list[Asset], set[int]]:
    """One more than are shown, so that the page can say that there are more; and the ids of those asked about."""
    held = Ownership.objects.filter(
        asset=OuterRef("pk"), duty=Duty.TECHNICAL, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True
    )
    theirs = Q(Exists(held.filter(team=team))) | Q(~Exists(held), domain__lead_team=team)
    rows = Asset.objects.filter(theirs, retired_at=None, unowned_until=None)
    assets = list(rows.order_by(F("tier").asc(nulls_last=True), "name", "pk")[: MOST_ASSETS + 1])
    asked = Ownership.objects.filter(asset__in=assets, duty=Duty.TECHNICAL, state=State.PROPOSED.value)
    return assets, set(asked.values_list("asset_id", flat=True))


def _familiarity(people: Sequence[Person], assets: Sequence[Asset], at: datetime) -> dict[int, dict[str, int]]:
    handles = {person.pk: person.handle for person in people}
    events: dict[int, list[Event]] = defaultdict(list)
    rows = Evidence.objects.filter(asset__in=assets, person__in=people, kind__in=ACTS, at__lte=at)
    for asset, person, kind, when in rows.values_list("asset_id", "person_id", "kind", "at"):
        events[asset].append(Event(person, kind, when))
    return {
        asset.pk: {handles[share.party]: familiarity_of(share.total) for share in shares(events[asset.pk], at)}
        for asset in assets
    }
