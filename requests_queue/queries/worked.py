"""Minutes that upkeep and on-call have taken, from incidents and logged requests (spec budget 4, resolutions 3.6).

Nobody fills in a timesheet: an incident counts from acknowledged to asleep or resolved, where it was opened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Min, Sum

from oncall.domain.words import RotaKind
from oncall.models import CompDay, Incident, IncidentEvent, Rota
from oncall.queries.incidents import minutes_of_incidents
from portal.accounts.domain.vocabulary import AbsenceKind
from portal.accounts.models import Absence, Membership
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.upkeep import MOST_HISTORY, WEEK_DAYS, WEEK_MINUTES, WEEKS_SEEN
from requests_queue.models import BudgetEntry, RequestAsset

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter

WEEK = timedelta(days=WEEK_DAYS)
MINUTE = timedelta(minutes=1)
# Work on what is there already; questions and new metrics are no upkeep.
UPKEEP_KINDS = ("data_issue", "change", "backfill")


@dataclass(frozen=True)
class OncallPast:
    """The last weeks of a team's pipeline rotas: minutes a week, the newest last, and pages in all of them."""

    minutes: tuple[int, ...]
    pages: int


def upkeep_history(assets: Collection[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Minutes of each asset in those of the last four full quarters in which any were seen, the newest last.

    Incidents and time logged on issues, changes and backfills; of a request about several assets each gets its part.
    What is private counts for none: a rate is shown by pipeline. Four queries.
    """
    quarters = _last_quarters(at)
    found: dict[int, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for asset, start, minutes in [*_of_incidents(assets, quarters), *_of_requests(assets, quarters)]:
        found[asset][start] += minutes
    return {
        asset: tuple(round(by[one.starts_on]) for one in quarters if round(by[one.starts_on]))
        for asset, by in found.items()
    }


def oncall_past(team: Team, at: datetime) -> OncallPast:
    """Incident minutes and granted rest of each of the last eight weeks since the first incident; six queries at most.

    Without any incident nothing is known, so there are no weeks. Rest is a day off earned by a holiday, or the hours
    of an absence for rest, at most a day each.
    """
    rotas = Rota.objects.filter(team=team, kind=RotaKind.PIPELINE, is_archived=False)
    first = Incident.objects.filter(rota__in=rotas).aggregate(first=Min("opened_at"))["first"]
    weeks = 0 if first is None else min(WEEKS_SEEN, (at - first) // WEEK)
    if weeks == 0:
        return OncallPast((), 0)
    start = at - weeks * WEEK
    totals = [0] * weeks
    opened = dict(Incident.objects.filter(rota__in=rotas, opened_at__gte=start, opened_at__lt=at)
                  .values_list("pk", "opened_at"))  # fmt: skip
    for pk, minutes in minutes_of_incidents(opened, at).items():
        totals[(opened[pk] - start) // WEEK] += minutes
    for moment, minutes in _rests(team, rotas, start, at):
        totals[(moment - start) // WEEK] += minutes
    return OncallPast(tuple(totals), IncidentEvent.objects.filter(incident__in=opened, kind="paged").count())


def _last_quarters(at: datetime) -> list[Quarter]:
    quarters = [quarter_of(at.date()).before()]
    while len(quarters) < MOST_HISTORY:
        quarters.insert(0, quarters[0].before())
    return quarters


def _of_incidents(assets: Collection[int], quarters: list[Quarter]) -> list[tuple[int, date, float]]:
    start, end = _midnight(quarters[0].starts_on), _midnight(quarters[-1].ends_on)
    rows = Incident.objects.filter(root_asset__in=assets, opened_at__gte=start, opened_at__lt=end, is_private=False)
    opened = {pk: (asset, day.date()) for pk, asset, day in rows.values_list("pk", "root_asset_id", "opened_at")}
    minutes = minutes_of_incidents(opened, end)
    return [
        (asset, quarter_of(day).starts_on, minutes.get(pk, 0))
        for pk, (asset, day) in opened.items()
        if asset is not None
    ]


def _of_requests(assets: Collection[int], quarters: list[Quarter]) -> list[tuple[int, date, float]]:
    about = RequestAsset.objects.filter(asset__in=assets).values("request_id")
    entries = BudgetEntry.objects.filter(
        request__kind__in=UPKEEP_KINDS, request__is_private=False, request__in=about,
        work_date__gte=quarters[0].starts_on, work_date__lt=quarters[-1].ends_on,
    )  # fmt: skip
    worked = list(
        entries.values_list("request_id", "work_date").annotate(minutes=Sum("d_spent") + Sum("d_exempt")).order_by()
    )
    parts: dict[int, set[int]] = defaultdict(set)
    links = RequestAsset.objects.filter(request__in={request for request, *_ in worked})
    for request, asset in links.values_list("request_id", "asset_id"):
        parts[request].add(asset)
    return [
        (asset, quarter_of(day).starts_on, minutes / len(parts[request]))
        for request, day, minutes in worked
        if request is not None and day is not None
        for asset in parts[request]
        if asset in assets
    ]


def _rests(team: Team, rotas: QuerySet[Rota], start: datetime, end: datetime) -> list[tuple[datetime, int]]:
    earned = CompDay.objects.filter(rota__in=rotas, earned_on__gte=start.date(), earned_on__lt=end.date())
    found = [(_midnight(day), WEEK_MINUTES) for day in earned.values_list("earned_on", flat=True)]
    people = Membership.objects.filter(team=team, during__contains=end.date()).values("person_id")
    rests = Absence.objects.filter(
        person__in=people, kind=AbsenceKind.REST, cancelled_at=None, during__startswith__gte=start,
        during__startswith__lt=end, during__upper_inf=False,
    )  # fmt: skip
    for rest in rests:
        if rest.during.lower is not None and rest.during.upper is not None:
            hours = rest.during.upper - rest.during.lower
            found.append((rest.during.lower, min(WEEK_MINUTES, hours // MINUTE)))
    return [(moment, minutes) for moment, minutes in found if start <= moment < end]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
