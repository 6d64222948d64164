"""Who owns what, now and at any instant (spec ownership 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, JSONObject

from ownership.domain.parties import Holder, Owners, Party
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Ownership
from ownership.queries.holders import holders_of
from portal.accounts.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from portal.accounts.models import Person

HELD = (State.ACCEPTED.value, State.ENDED.value)
NEWEST_FIRST = (F("valid").desc(nulls_first=True), "duty", "rank", "recorded_at")


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
    return [holder_told(row) for row in _told(rows.order_by("duty", "valid", "rank"))]


def history_of(asset_id: int, limit: int = 100) -> list[Holder]:
    """Every row of the asset that was ever accepted, newest first."""
    rows = Ownership.objects.filter(asset_id=asset_id, state__in=HELD).order_by(*NEWEST_FIRST)
    return [holder_told(row) for row in _told(rows[:limit])]


def asked_and_held(asset: Any, limit: int = 100) -> QuerySet[Ownership, Any]:
    """Who was asked and has not answered, and every row that was ever accepted, newest first; for `holder_told`."""
    rows = Ownership.objects.filter(asset=asset, state__in=(*HELD, State.PROPOSED.value)).order_by(*NEWEST_FIRST)
    return _facts(rows[:limit])


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


def holder_told(row: Mapping[str, Any]) -> Holder:
    """The holder that a row of `_facts` tells of."""
    return Holder(
        id=row["id"],
        party=Party(row["name"], row["slug"], row["craft"] or "", row["person"], row["team"]),
        duty=row["duty"],
        rank=row["rank"],
        state=row["state"],
        origin=row["origin"],
        since=datetime.fromisoformat(row["since"]),
        until=datetime.fromisoformat(row["until"]) if row["until"] else None,
        is_confirmed=row["confirmed"] is not None,
        is_acting=row["acting"],
        source_name=row["source"] or "",
    )


def _told(rows: QuerySet[Ownership]) -> Iterator[dict[str, Any]]:
    return (each["row"] for each in _facts(rows))


def _facts(rows: QuerySet[Ownership]) -> QuerySet[Ownership, Any]:
    """One JSON object a row, so that a page can ask for it among other things."""
    place = Membership.objects.filter(person_id=OuterRef("person_id"), is_main=True, during__upper_inf=True)
    facts = JSONObject(
        id="pk", person="person_id", team="team_id", name=Coalesce("person__name", "team__name"),
        slug=Coalesce("person__handle", "team__slug"),
        craft=Case(When(person=None, then="team__discipline"), default=Subquery(place.values("discipline")[:1])),
        duty="duty", rank="rank", state="state", origin="origin", since=Coalesce("valid__startswith", "recorded_at"),
        until="valid__endswith", confirmed="confirmed_at", acting="acting", source="source__name",
    )  # fmt: skip
    return rows.values(row=facts)


def day_bounds(day: date, zone: Any) -> tuple[datetime, datetime]:
    """The first instant of a local day and of the next one."""
    return _start_of(day, zone), _start_of(day + timedelta(days=1), zone)


def _start_of(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
