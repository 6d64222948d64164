"""Who owns what, now and at any instant (spec ownership 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ownership.domain.parties import Holder, Owners, Party
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Ownership
from ownership.queries.holders import holders_of
from portal.accounts.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.accounts.models import Person

HELD = (State.ACCEPTED.value, State.ENDED.value)


def current_owners(asset_ids: Iterable[int]) -> dict[int, Owners]:
    """The open holders of each asset, in one query; an asset without any gets an empty `Owners`."""
    return holders_of(list(asset_ids))


def owners_at(asset_ids: Iterable[int], at: datetime) -> dict[int, Owners]:
    """The holders at an instant, past or present; the range decides, never the state's late flip."""
    return holders_of(list(asset_ids), at)


def with_inherited(asset: Asset, owners: Owners) -> Owners:
    """The owners of an asset, or its domain's default team as inherited when nobody holds it; never stored."""
    team = asset.domain.default_team if asset.domain else None
    if owners.primary is not None or team is None or asset.retired_at is not None:
        return owners
    return Owners(owners.holders, Party(team.name, team.slug, team.discipline or "", team_id=team.pk))


def owners_on(asset_id: int, start: datetime, end: datetime) -> list[Holder]:
    """Everybody who held the asset during [start, end), each with their times, in order."""
    rows = Ownership.objects.filter(state__in=HELD, valid__overlap=(start, end), asset_id=asset_id)
    return [_holder(row) for row in _with_parties(rows).order_by("duty", "valid", "rank")]


def history_of(asset_id: int, limit: int = 100) -> list[Holder]:
    """Every row of the asset that was ever accepted, newest first."""
    return asked_and_held(asset_id, limit)[1]


def asked_and_held(asset_id: int, limit: int = 100) -> tuple[list[Holder], list[Holder]]:
    """Who has been asked and has not answered, and every row that was ever accepted, newest first."""
    rows = Ownership.objects.filter(asset_id=asset_id, state__in=(*HELD, State.PROPOSED.value))
    ordered = _with_parties(rows).order_by(F("valid").desc(nulls_first=True), "duty", "rank", "recorded_at")
    found = [_holder(row) for row in ordered[:limit]]
    asked = [holder for holder in found if holder.state == State.PROPOSED.value]
    return asked, [holder for holder in found if holder.state != State.PROPOSED.value]


def accountable_assets(person: Person, team_ids: Iterable[int], limit: int = 200) -> QuerySet[Asset]:
    """Live assets whose primary is the person, or one of the teams."""
    mine = Ownership.objects.filter(
        Q(person=person) | Q(team_id__in=list(team_ids)),
        state=State.ACCEPTED.value,
        valid__upper_inf=True,
        duty=Duty.TECHNICAL,
        rank=PRIMARY,
    )
    return Asset.objects.filter(retired_at=None, id__in=mine.values("asset_id")).order_by("tier", "name")[:limit]


def _with_parties(rows: QuerySet[Ownership]) -> QuerySet[Ownership]:
    craft = Membership.objects.filter(person_id=OuterRef("person_id"), is_main=True, during__upper_inf=True)
    return rows.annotate(
        party_name=F("person__name"),
        party_handle=F("person__handle"),
        party_craft=Subquery(craft.values("discipline")[:1]),
        team_name=F("team__name"),
        team_slug=F("team__slug"),
        team_craft=F("team__discipline"),
        source_name=F("source__name"),
    )


def _holder(row: Any) -> Holder:
    """`row` carries the annotations of `_with_parties`."""
    if row.person_id is not None:
        party = Party(row.party_name, row.party_handle, row.party_craft or "", person_id=row.person_id)
    else:
        party = Party(row.team_name, row.team_slug, row.team_craft or "", team_id=row.team_id)
    return Holder(
        id=row.id,
        party=party,
        duty=row.duty,
        rank=row.rank,
        state=row.state,
        origin=row.origin,
        since=row.valid.lower if row.valid else row.recorded_at,
        until=row.valid.upper if row.valid else None,
        is_confirmed=row.confirmed_at is not None,
        is_acting=row.acting,
        source_name=row.source_name or "",
    )


def day_bounds(day: date, zone: Any) -> tuple[datetime, datetime]:
    """The first instant of a local day and of the next one."""
    return _start_of(day, zone), _start_of(day + timedelta(days=1), zone)


def _start_of(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
