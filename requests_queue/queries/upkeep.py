"""What a team already carries in a quarter: its pipelines, what each takes, and on-call (spec budget 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from ownership.domain.kinds import DATASET, MASTER_DATA, PIPELINE
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Ownership
from portal.accounts.models import Membership
from portal.core.context import once
from requests_queue.domain.budget import Terms, cap_of
from requests_queue.domain.upkeep import WEEK_DAYS, Pipeline, effect_of, maintenance_of, oncall_of, outlook, rate_of
from requests_queue.models import PlanItem
from requests_queue.queries.capacity import capacity_lines
from requests_queue.queries.worked import oncall_past, upkeep_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.upkeep import Outlook, Share
    from requests_queue.queries.worked import OncallPast

# What stood in the register within a week of its first entry was there before the register was.
FIRST_IMPORT = timedelta(days=7)
ALWAYS = date(2000, 1, 1)
PAST_QUARTERS = 4


@dataclass(frozen=True)
class Upkeep:
    """M and O as they are suggested, with what they are made of."""

    pipelines: Sequence[Pipeline]
    shares: Sequence[Share]
    weeks: int
    week_minutes: int
    pages: int = 0

    @property
    def maintenance(self) -> int:
        return sum(share.minutes for share in self.shares)

    @property
    def oncall(self) -> int:
        return self.weeks * self.week_minutes


def upkeep_of(team: Team, quarter: Quarter, at: datetime) -> Upkeep:
    """The suggestion for a team and quarter, from what it owns at `at`."""
    pipelines, past = team_pipelines(team, at), _oncall(team, at)
    shares = maintenance_of(pipelines, quarter)
    weeks = round((quarter.ends_on - quarter.starts_on).days / WEEK_DAYS)
    pages = round(weeks * past.pages / len(past.minutes)) if past.minutes else 0
    return Upkeep(pipelines, shares, weeks, oncall_of(1, past.minutes), pages)


def growth_of(team: Team, quarter: Quarter, at: datetime) -> Outlook:
    """M as a share of capacity: the last 4 quarters, this one and the next 8 with today's net pipelines carried on.

    Capacity is that of the quarter; net pipelines are those of the last 4 quarters, started less retired, a quarter.
    """
    pipelines = team_pipelines(team, at)
    capacity = sum(line.capacity.minutes for line in capacity_lines(team, quarter))
    quarters = [quarter]
    for _ in range(PAST_QUARTERS):
        quarters.insert(0, quarters[0].before())
    points = [(one, sum(share.minutes for share in maintenance_of(pipelines, one)), capacity) for one in quarters]
    first = quarters[0].starts_on
    started = sum(first <= one.started_on < quarter.ends_on for one in pipelines)
    retired = sum(one.retired_on is not None and first <= one.retired_on < quarter.ends_on for one in pipelines)
    net = (started - retired) / len(quarters)
    usual = [rate_of(one.tier, one.history).minutes for one in pipelines if one.retired_on is None]
    step = round(net * (sum(usual) / len(usual))) if usual else 0
    weeks = round((quarter.ends_on - quarter.starts_on).days / WEEK_DAYS)
    other = oncall_of(weeks, _oncall(team, at).minutes) + cap_of(capacity, Terms())
    return outlook(points[:-1], points[-1], (step, net), other)


def line_effects(team: Team, items: Sequence[PlanItem], at: datetime) -> dict[int, tuple[int, int]]:
    """What lines that build or retire pipelines add to M, by line: in the quarter after, and in every later one.

    One query; six more where something is retired, whose own rate goes.
    """
    through = PlanItem.retires.through.objects.filter(planitem__in=[item.pk for item in items])
    retired: dict[int, list[int]] = {}
    for item, asset in through.values_list("planitem_id", "asset_id"):
        retired.setdefault(item, []).append(asset)
    known = {one.key: rate_of(one.tier, one.history) for one in team_pipelines(team, at)} if retired else {}
    return {
        item.pk: effect_of(item.adds_pipelines, [known[pk] for pk in retired.get(item.pk, ()) if pk in known])
        for item in items
        if item.adds_pipelines or item.pk in retired
    }


def team_pipelines(team: Team, at: datetime) -> list[Pipeline]:
    """What the team keeps alive: pipelines, and data with a tier; what has none is carried by its pipeline.

    Each with the minutes it took in the last quarters; six queries, once a reading request.
    """
    return once(f"pipelines {team.pk}", lambda: _pipelines(team, at))


def _pipelines(team: Team, at: datetime) -> list[Pipeline]:
    kept = Q(kind=PIPELINE.code) | Q(kind__in=[DATASET.code, MASTER_DATA.code], tier__isnull=False)
    rows = list(owned_assets(team, at).filter(kept).order_by("pk"))
    first = Asset.objects.order_by("created_at").values_list("created_at", flat=True).first()
    known = first + FIRST_IMPORT if first else at
    history = upkeep_history({row.pk for row in rows}, at)
    return [
        Pipeline(
            row.pk, row.name, row.tier,
            ALWAYS if row.created_at <= known else row.created_at.date(),
            row.retired_at.date() if row.retired_at else None, history.get(row.pk, ()),
        )
        for row in rows
    ]  # fmt: skip


def _oncall(team: Team, at: datetime) -> OncallPast:
    return once(f"oncall past {team.pk}", lambda: oncall_past(team, at))


def owned_assets(team: Team | int, at: datetime) -> QuerySet[Asset]:
    """Assets whose primary is the team or somebody whose main team it is; retired ones too."""
    people = Membership.objects.filter(team=team, is_main=True, during__contains=at.date()).values("person_id")
    held = Ownership.objects.filter(
        Q(team=team) | Q(person__in=people), state=State.ACCEPTED.value, duty=Duty.TECHNICAL, rank=PRIMARY,
        valid__upper_inf=True,
    )  # fmt: skip
    return Asset.objects.filter(pk__in=held.values("asset_id"))
