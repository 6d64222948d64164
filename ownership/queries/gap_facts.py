"""What decides about gaps, for many assets in a fixed number of queries; and the list of those that are open."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.domain.gaps import NOT_CONFIRMED, GapFacts
from ownership.domain.kinds import DATASET, MASTER_DATA, PIPELINE
from ownership.domain.states import PRIMARY, Duty, EdgeKind, Outcome, State
from ownership.models import Asset, Claim, Edge, Gap, Ownership
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Membership
from portal.accounts.queries.teams import newest_version, organization
from portal.core.domain.working_time import counted
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

WAITING_DAYS = 10
NAMES = 3


def open_gaps(viewer: Any) -> QuerySet[Gap]:
    """Every open gap of live assets; everybody signed in sees them."""
    rows = Gap.objects.filter(valid__upper_inf=True, asset__retired_at=None)
    return rows.select_related("asset__domain") if getattr(viewer, "is_authenticated", False) else rows.none()


def gap_totals(viewer: Any) -> dict[str, int]:
    """How many of each kind are open."""
    rows = open_gaps(viewer).order_by().values_list("kind").annotate(count=Count("pk"))
    return dict(rows.values_list("kind", "count"))


def gap_facts(asset_ids: Iterable[int], at: datetime) -> dict[int, GapFacts | None]:
    """By asset what its gaps rest on, None for a retired one; 9 queries whatever the number."""
    assets = {row.pk: row for row in Asset.objects.filter(pk__in=list(asset_ids))}
    rows = _rows(assets)
    empty = _empty_teams({row.team_id for each in rows.values() for row in each if row.team_id}, at)
    unresolved, waiting = _unresolved(assets), _waiting(assets, at)
    documented = set(Asset.objects.filter(documents__in=assets, retired_at=None).values_list("documents", flat=True))
    unconfirmed, split = _unconfirmed(assets, rows), _split(assets, at)
    found: dict[int, GapFacts | None] = {}
    for pk, asset in assets.items():
        primary = next((row for row in rows[pk] if row.rank == PRIMARY), None)
        found[pk] = None if asset.retired_at else GapFacts(
            tier=asset.tier,
            has_owner=primary is not None,
            is_unowned_on_purpose=asset.unowned_until is not None and asset.unowned_until >= at.date(),
            owner_is_inactive=bool(primary and primary.person and primary.person.state == PersonState.INACTIVE),
            team_is_empty=bool(primary and primary.team_id in empty),
            unresolved=tuple(unresolved[pk][:NAMES]),
            waiting_too_long=tuple(waiting[pk][:NAMES]),
            was_not_confirmed=pk in unconfirmed,
            has_backup=any(row.rank > PRIMARY for row in rows[pk]),
            has_document=pk in documented,
            other_team=split.get(pk, ""),
            acting_team=_acting_team(primary),
        )  # fmt: skip
    return found


def _rows(assets: Mapping[int, Asset]) -> dict[int, list[Ownership]]:
    found: dict[int, list[Ownership]] = defaultdict(list)
    rows = Ownership.objects.filter(
        asset_id__in=assets, state=State.ACCEPTED.value, valid__upper_inf=True, duty=Duty.TECHNICAL
    )
    for row in rows.select_related("person", "team").order_by("rank"):
        found[row.asset_id].append(row)
    return found


def _acting_team(primary: Ownership | None) -> str:
    """The team that stands in since the owner left: it answers, but nobody owns it."""
    return primary.team.name if primary is not None and primary.acting and primary.team is not None else ""


def _empty_teams(team_ids: set[int], at: datetime) -> set[int]:
    if not team_ids:
        return set()
    members = Membership.objects.filter(
        team_id__in=team_ids, during__contains=at.date(), person__state=PersonState.ACTIVE
    )
    return team_ids - set(members.values_list("team_id", flat=True))


def _unresolved(assets: Mapping[int, Asset]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Claim.objects.filter(asset_id__in=assets, closed_at=None, outcome=Outcome.UNRESOLVED.value).order_by("pk")
    for asset_id, raw in rows.values_list("asset_id", "raw"):
        found[asset_id].append(raw)
    return found


def _waiting(assets: Mapping[int, Asset], at: datetime) -> dict[int, list[str]]:
    """Who was asked more than 10 of the organization's working days ago."""
    rows = Ownership.objects.filter(
        asset_id__in=assets, state=State.PROPOSED.value, recorded_at__lt=at - timedelta(days=WAITING_DAYS)
    )
    found: dict[int, list[str]] = defaultdict(list)
    asked = list(rows.select_related("person", "team").order_by("recorded_at"))
    if asked:
        version = newest_version(organization().calendar_id)
        hours, limit = load_calendar(version.pk), WAITING_DAYS * version.nominal_day_seconds
        for row in asked:
            if counted(hours, row.recorded_at, at) > limit:
                found[row.asset_id].append(str(row.person or row.team))
    return found


def _unconfirmed(assets: Mapping[int, Asset], rows: Mapping[int, list[Ownership]]) -> set[int]:
    """A review asked and nobody has confirmed since, and the owner is the same."""
    gaps = Gap.objects.filter(asset_id__in=assets, kind=NOT_CONFIRMED, valid__upper_inf=True)
    return {gap.asset_id for gap in gaps if gap.valid.lower and _is_silent(rows[gap.asset_id], gap.valid.lower)}


def _is_silent(rows: Iterable[Ownership], since: datetime) -> bool:
    """Whether the primary of that time is there still and has said nothing."""
    primary = next((row for row in rows if row.rank == PRIMARY), None)
    if primary is None or (primary.valid.lower is not None and primary.valid.lower > since):
        return False
    return primary.confirmed_at is None or primary.confirmed_at <= since


def _split(assets: Mapping[int, Asset], at: datetime) -> dict[int, str]:
    """Pipelines whose accountable team is another than that of a dataset they write."""
    pipelines = [pk for pk, asset in assets.items() if asset.kind == PIPELINE.code]
    written = Edge.objects.filter(
        src_id__in=pipelines, closed_at=None, kind=EdgeKind.DATA, dst__kind__in=[DATASET.code, MASTER_DATA.code]
    ).values_list("src_id", "dst_id")
    pairs = list(written.order_by("src_id", "dst_id")) if pipelines else []
    if not pairs:
        return {}
    teams = _accountable_teams({pk for pair in pairs for pk in pair}, at)
    return {
        src: teams[dst][1]
        for src, dst in reversed(pairs)
        if src in teams and dst in teams and teams[src][0] != teams[dst][0]
    }


def _accountable_teams(asset_ids: set[int], at: datetime) -> dict[int, tuple[int, str]]:
    """(team id, name) of the primary: a team itself, a person's main team."""
    rows = Ownership.objects.filter(
        asset_id__in=asset_ids, state=State.ACCEPTED.value, valid__upper_inf=True, duty=Duty.TECHNICAL, rank=PRIMARY
    ).select_related("team")
    found, people = {}, {}
    for row in rows:
        if row.team is not None:
            found[row.asset_id] = (row.team.pk, row.team.name)
        else:
            people[row.asset_id] = row.person_id
    homes = Membership.objects.filter(
        Q(person_id__in=set(people.values())), is_main=True, during__contains=at.date()
    ).select_related("team")
    home = {place.person_id: (place.team_id, place.team.name) for place in homes}
    return found | {asset_id: home[person] for asset_id, person in people.items() if person in home}
