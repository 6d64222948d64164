"""What would happen if an asset broke: facts from the tables, the answer from the domain (spec oncall 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from oncall.domain.agreements import AgreementState, NightClass, NightException, Terms
from oncall.domain.decision import HOPS, AssetFacts, Decision, Hours, Registered, decide
from oncall.models import Agreement, AgreementVersion, AssetDuty, Rota, TeamDuty
from ownership.queries.downstream import downstream_of
from ownership.queries.parties import owning_team
from portal.accounts.models import Organization, Team
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from ownership.models import Asset

TIER_ONE = 1
HOURS = ("hours_version", "hours_zone")


@dataclass(frozen=True)
class Neighbourhood:
    """An asset with what lies downstream of it, who owns each part, and whose hours count there."""

    asset: Asset
    distances: Mapping[int, int]
    teams: Mapping[int, Team | None]
    hours: Mapping[int, Hours]
    defaults: Mapping[int, Terms]
    tiers: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Signed:
    """Agreements with every version that was ever in force, in order."""

    agreements: tuple[Agreement, ...]
    versions: tuple[AgreementVersion, ...]


def decision_for(asset: Asset, at: datetime, *, is_covered: bool = True) -> Decision:
    """The decision at the instant, from what was in force then; about ten reads, whatever the lineage."""
    around = neighbourhood(asset, at)
    return decide_in(around, registered_rows(around, at), at, is_covered=is_covered)


def decide_in(around: Neighbourhood, rows: Iterable[Registered], at: datetime, *, is_covered: bool = True) -> Decision:
    """The same for rows of one's own, such as a proposal that is being tried."""
    asset = around.asset
    facts = AssetFacts(asset.pk, asset.name, asset.tier, around.defaults[asset.pk], is_covered)
    return decide(at, facts, around.distances, list(rows), around.hours)


def neighbourhood(asset: Asset, at: datetime) -> Neighbourhood:
    """The asset and everything within three steps downstream, with owners and hours."""
    return neighbourhoods([asset], at)[asset.pk]


def neighbourhoods(assets: Collection[Asset], at: datetime) -> dict[int, Neighbourhood]:
    """The same for many assets by id, in the same reads; owners, hours and tiers are known of all of them."""
    below = downstream_of([asset.pk for asset in assets], HOPS)
    tiers = {pk: tier for found in below.values() for pk, (_, tier) in found.items()}
    teams = owning_team(tiers, at)
    hours, defaults = hours_of(teams), _defaults(teams, tiers)
    return {
        asset.pk: Neighbourhood(
            asset, {pk: distance for pk, (distance, _) in below[asset.pk].items() if distance}, teams, hours, defaults,
            tiers,
        )
        for asset in assets
    }  # fmt: skip


def registered_rows(around: Neighbourhood, at: datetime) -> list[Registered]:
    """The agreements on these assets as they stood at the instant."""
    return rows_at(signed_among([around]), around, at)


def signed_among(near: Collection[Neighbourhood]) -> Signed:
    """All that was ever agreed about the assets of these; two reads."""
    ids = {pk for around in near for pk in (around.asset.pk, *around.distances)}
    rows = Agreement.objects.filter(asset_id__in=ids).select_related("asset", "downstream_team").order_by("pk")
    agreements = tuple(rows)
    return Signed(agreements, _ever_signed([row.pk for row in agreements]))


def rows_at(signed: Signed, around: Neighbourhood, at: datetime) -> list[Registered]:
    """What of it stood at the instant; a team that is archived reads nothing any more."""
    in_force = _in_force(signed.versions, at)
    ids = {around.asset.pk, *around.distances}
    here = (row for row in signed.agreements if row.asset_id in ids)
    rows = (row for row in here if row.registered_at <= at and not _is_archived(row, at))
    return [_registered(row, in_force.get(row.pk), around, at) for row in rows]


def _is_archived(row: Agreement, at: datetime) -> bool:
    archived_at = row.downstream_team.archived_at
    return archived_at is not None and archived_at <= at


def versions_in_force(agreement_ids: Collection[int], at: datetime) -> dict[int, AgreementVersion]:
    """The signed version of each agreement at an instant, expired or replaced since or not."""
    return _in_force(_ever_signed(agreement_ids), at)


def hours_of(teams: Mapping[int, Team | None]) -> dict[int, Hours]:
    """The owner's calendar and the zone of the rota that serves each asset; three reads."""
    known = {team.pk: team for team in teams.values() if team is not None}
    zones = _rota_zones(list(known))
    own = AssetDuty.objects.filter(asset_id__in=teams, rota__isnull=False).values_list("asset_id", "rota__zone")
    routed = dict(own)
    house = _default_calendar()
    newest = _newest_versions({team.calendar_id for team in known.values()} | {house})
    found = {}
    for asset_id, team in teams.items():
        calendar = load_calendar(newest[team.calendar_id if team else house])
        zone = routed.get(asset_id) or (zones.get(team.pk) or team.zone if team else "UTC")
        found[asset_id] = Hours(calendar, zone)
    return found


def team_hours(team: Team) -> Hours:
    """The hours of one team: its calendar and the zone of its rota; one read."""
    found: Any = Team.objects.filter(pk=team.pk).annotate(**hours_columns("")).values_list(*HOURS, "zone").get()
    version, rota_zone, zone = found
    return hours_from(version, rota_zone or zone)


def hours_columns(prefix: str) -> dict[str, Any]:
    """Columns for a row that has a team at `prefix`: the newest version of its calendar, and its rota's zone."""
    house = Organization.objects.filter(pk=1).values("calendar")
    own = Coalesce(OuterRef(f"{prefix}calendar"), Subquery(house))
    newest = CalendarVersion.objects.filter(calendar=own).order_by("-n").values("pk")[:1]
    rotas = Rota.objects.filter(team=OuterRef(f"{prefix}pk"), kind="pipeline", is_archived=False).order_by("pk")
    return dict(zip(HOURS, (Subquery(newest), Subquery(rotas.values("zone")[:1])), strict=True))


def hours_from(calendar_version: int, zone: str) -> Hours:
    """Hours from what `hours_columns` found."""
    return Hours(load_calendar(calendar_version), zone)


def terms_of(version: AgreementVersion) -> Terms:
    """A stored text as the domain reads it."""
    return Terms(
        NightClass(version.night_class), version.until_time, version.working_day_only, version.page_from,
        version.page_to, version.consequence, version.shown_meanwhile,
        tuple((str(team), int(minutes)) for team, minutes in version.tell),
        tuple(_exception(each) for each in version.exceptions), tuple(version.columns),
    )  # fmt: skip


def _ever_signed(agreement_ids: Collection[int]) -> tuple[AgreementVersion, ...]:
    rows = AgreementVersion.objects.filter(agreement_id__in=agreement_ids).exclude(state=AgreementState.DRAFT)
    return tuple(rows.order_by("active_from", "number"))


def _in_force(versions: Iterable[AgreementVersion], at: datetime) -> dict[int, AgreementVersion]:
    return {
        row.agreement_id: row
        for row in versions
        if row.active_from is not None and row.active_from <= at and (row.ended_at is None or at < row.ended_at)
    }


def _exception(stored: Mapping[str, str]) -> NightException:
    first, last = (date.fromisoformat(stored[name]) for name in ("first", "last"))
    return NightException(first, last, NightClass(stored["night_class"]))


def _registered(row: Agreement, version: AgreementVersion | None, around: Neighbourhood, at: datetime) -> Registered:
    today = at.astimezone(ZoneInfo(around.hours[row.asset_id].zone)).date()
    is_valid = version is not None and version.expires_on is not None and today <= version.expires_on
    terms = terms_of(version) if version is not None and is_valid else None
    number = version.number if version is not None and is_valid else None
    return Registered(
        row.pk, row.asset_id, row.asset.name, row.downstream_team.name, terms, around.defaults[row.asset_id], number
    )  # fmt: skip


def _defaults(teams: Mapping[int, Team | None], tiers: Mapping[int, int | None]) -> dict[int, Terms]:
    """What holds where nothing is signed: the owner team's word, or the house's; the first tier wakes."""
    known = {team.pk for team in teams.values() if team is not None}
    rows = {row.team_id: row for row in TeamDuty.objects.filter(team_id__in=known)}
    found = {}
    for asset_id, team in teams.items():
        row = rows.get(team.pk) if team is not None else None
        if tiers.get(asset_id) == TIER_ONE:
            found[asset_id] = Terms(NightClass.WAKE)
        elif row is not None:
            found[asset_id] = Terms(NightClass(row.default_night_class), row.default_until)
        else:
            found[asset_id] = Terms(NightClass.WAIT_UNTIL)
    return found


def _rota_zones(team_ids: list[int]) -> dict[int, str]:
    rows = Rota.objects.filter(team_id__in=team_ids, kind="pipeline", is_archived=False).order_by("-pk")
    return dict(rows.values_list("team_id", "zone"))


def _newest_versions(calendar_ids: Collection[int]) -> dict[int, int]:
    rows = CalendarVersion.objects.filter(calendar_id__in=calendar_ids).order_by("n")
    return dict(rows.values_list("calendar_id", "pk"))


def _default_calendar() -> int:
    found: Any = Organization.objects.values_list("calendar_id", flat=True).get(pk=1)
    return int(found)
