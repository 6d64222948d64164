"""Plans as pages, CSV and API read them (spec budget 9); nothing private ever stands in one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, Sum

from ownership.models import Asset
from portal.accounts.models import Person, Team
from portal.core.context import once
from portal.core.domain.quarter import quarter_called, quarter_of
from portal.core.errors import DomainError, NotVisible
from requests_queue.domain.budget import Terms
from requests_queue.domain.plan import BELOW, Wish, overbooked, suggested_order
from requests_queue.domain.scenarios import evaluate, names_a_person
from requests_queue.domain.states import State
from requests_queue.models import (
    DataRequest,
    ModelOutcome,
    PlanCandidate,
    PlanItem,
    PlanNeed,
    PlanScenario,
    PlanVote,
    QuarterPlan,
    RequestCluster,
)
from requests_queue.policies import plans_visible_to
from requests_queue.queries.budget import recent_periods, seen_balance
from requests_queue.queries.partners import partner_teams
from requests_queue.queries.plan_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from requests_queue.domain.plan import Placed
    from requests_queue.domain.scenarios import Facts, Outcome

# Of the people on two hundred lines only these are shown.
NAMED = {"id", "handle", "name"}
UNREAD = [
    f"{place}__{column.attname}"
    for place in ("owner", "candidate__sponsor")
    for column in Person._meta.concrete_fields  # noqa: SLF001 (the public name of the fields of a model)
    if column.attname not in NAMED
]
SHOWN_QUARTERS = 4
SHOWN_THEMES = 3


@dataclass(frozen=True)
class Asked:
    """A public request behind a wish."""

    number: str
    team: int | None
    filed_at: datetime


@dataclass(frozen=True)
class PlanLine:
    """A ranked line with its sum, its side and its points."""

    item: PlanItem
    placed: Placed
    points: int


@dataclass(frozen=True)
class PlanView:
    """A plan at one instant; what a page may leave out is looked up when it is first asked for."""

    plan: QuarterPlan
    viewer: Any
    at: datetime
    facts: Facts
    outcome: Outcome
    items: Sequence[PlanItem]
    lines: Sequence[PlanLine]
    votes: Sequence[tuple[int, int, int]]

    @cached_property
    def unranked(self) -> list[PlanCandidate]:
        """Wishes beside the list."""
        return list(unranked_of(self.plan))

    @cached_property
    def partners(self) -> list[Any]:
        """Teams that may give points; each says whether they are the viewer's to give."""
        return partner_teams(self.plan, self.at, self.viewer)

    @cached_property
    def asked(self) -> dict[int, list[Asked]]:
        """The requests behind each wish, the oldest first."""
        return asked_behind(self.plan)

    @cached_property
    def points_by_team(self) -> dict[int, int]:
        return _summed((team, points) for _, team, points in self.votes)

    @cached_property
    def own_points(self) -> dict[int, int]:
        """The points that the viewer's teams gave, by wish."""
        own = {team.pk for team in self.own_teams}
        return _summed((candidate, points) for candidate, team, points in self.votes if team in own)

    @property
    def voted(self) -> int:
        return sum(self.points_by_team.get(team.pk, 0) > 0 for team in self.partners)

    def overbooked(self, outcome: Outcome, *, sees_all: bool) -> dict[str, int]:
        """Minutes that people of the team have too much in their lines above the second cut, by handle.

        How much time somebody gives is theirs and the lead's to see, so others see their own alone.
        """
        owners = {line.item.pk: line.item.owner for line in self.lines if line.item.state in {"planned", "started"}}
        alive = [(owners.get(row.work.key), row.work.minutes) for row in outcome.rows if row.side != BELOW]
        over = overbooked([(owner.handle, minutes) for owner, minutes in alive if owner], outcome.by_person)
        return {handle: minutes for handle, minutes in over.items() if sees_all or handle == self.viewer.handle}

    @property
    def own_teams(self) -> list[Any]:
        """The partner teams whose points the viewer casts."""
        return [team for team in self.partners if team.is_mine]


def plan_called(viewer: Any, slug: str, label: str) -> QuarterPlan:
    """The plan of a team and quarter; raises `NotVisible`, or `DomainError` for what is no quarter."""
    start = quarter_called(label).starts_on
    found = plans_visible_to(viewer).select_related("team").filter(team__slug=slug, quarter_start=start).first()
    if found is None:
        raise NotVisible
    return found


def line_called(viewer: Any, pk: int) -> PlanItem:
    """A ranked line with all its page shows; raises `NotVisible`."""
    rows = PlanItem.objects.filter(plan__in=plans_visible_to(viewer), rank__isnull=False)
    found = rows.select_related("plan__team", "owner", "candidate__sponsor", "candidate__cluster").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def candidate_called(viewer: Any, pk: int) -> PlanCandidate:
    """A wish with its plan; raises `NotVisible`."""
    rows = PlanCandidate.objects.filter(plan__in=plans_visible_to(viewer))
    found = rows.select_related("plan__team", "sponsor", "cluster", "item").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def need_called(viewer: Any, pk: int) -> PlanNeed:
    """What a line needs of a team; raises `NotVisible`."""
    rows = PlanNeed.objects.filter(item__plan__in=plans_visible_to(viewer))
    found = rows.select_related("item__plan__team", "team").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def cluster_called(viewer: Any, pk: int) -> RequestCluster:
    """A theme; raises `NotVisible`."""
    rows = RequestCluster.objects.all() if viewer.is_authenticated else RequestCluster.objects.none()
    found = rows.select_related("team").filter(pk=pk).exclude(state="gone").first()
    if found is None:
        raise NotVisible
    return found


def team_named(slug: str, field: str) -> Team:
    """A living team by its short name; raises `DomainError` naming the field."""
    found = Team.objects.filter(slug=slug.strip(), archived_at=None).first()
    if found is None:
        raise DomainError("plan.unknown_team", f"There is no team called {slug[:60]!r}.", field)
    return found


def plan_view(plan: QuarterPlan, viewer: Any, at: datetime) -> PlanView:
    """The plan with its lines, points and figures; six queries whatever the number of lines, once a reading request.

    Wishes beside the list, partner teams and the requests behind the wishes are one query each, if they are read.
    """
    return once(f"plan view {plan.pk} {viewer.pk}", lambda: _view(plan, viewer, at))


def _view(plan: QuarterPlan, viewer: Any, at: datetime) -> PlanView:
    items = list(lines_of(plan))
    facts = facts_of(plan, at, items, viewer=viewer)
    outcome = evaluate(facts)
    given = PlanVote.objects.filter(candidate__plan=plan).values_list("candidate_id", "team_id", "points")
    votes = list(given)
    points = _summed((candidate, given) for candidate, _, given in votes)
    placed = {row.work.key: row for row in outcome.rows}
    lines = [
        PlanLine(item, placed[item.pk], points.get(item.candidate_id or 0, 0)) for item in items if item.pk in placed
    ]
    return PlanView(plan, viewer, at, facts, outcome, items, lines, votes)


def lines_of(plan: QuarterPlan) -> QuerySet[PlanItem]:
    """Upkeep, on-call and the ranked lines, in order."""
    rows = PlanItem.objects.filter(plan=plan).select_related("owner", "candidate__sponsor").defer(*UNREAD)
    return rows.annotate(open_needs=Count("needs", filter=Q(needs__state="asked"))).order_by("rank")


def unranked_of(plan: QuarterPlan) -> QuerySet[PlanCandidate]:
    """Wishes beside the list: nobody has estimated them, or they were set aside."""
    rows = PlanCandidate.objects.filter(plan=plan, item=None, status="open").select_related("sponsor", "cluster")
    return rows.order_by("pk")


def with_sources(rows: QuerySet[PlanCandidate]) -> QuerySet[PlanCandidate]:
    """Wishes with their sponsors, their assets and the public requests behind them; three queries in all."""
    public = DataRequest.objects.filter(is_private=False).only("number").order_by("number")
    assets = Prefetch("assets", Asset.objects.only("slug").order_by("slug"))
    found = rows.select_related("sponsor", "sponsor_team", "plan__team")
    return found.prefetch_related(Prefetch("requests", public), assets)


def asked_behind(plan: QuarterPlan) -> dict[int, list[Asked]]:
    """The public requests behind the wishes of a plan, by wish, the oldest first; one query."""
    behind = PlanCandidate.requests.through.objects.filter(
        plancandidate__plan=plan, datarequest__is_private=False
    ).order_by("datarequest__filed_at", "pk")
    fields = ("plancandidate_id", "datarequest__number", "datarequest__requester_team_id", "datarequest__filed_at")
    found: dict[int, list[Asked]] = {}
    for candidate, number, team, filed_at in behind.values_list(*fields):
        found.setdefault(candidate, []).append(Asked(number, team, filed_at))
    return found


def votes_of(plan: QuarterPlan) -> QuerySet[PlanVote]:
    """The points of a plan by wish and team."""
    rows = PlanVote.objects.filter(candidate__plan=plan).select_related("team")
    return rows.order_by("candidate_id", "team__slug")


def suggestion_for(view: PlanView) -> list[int]:
    """The order of lines that points and delay suggest; carried lines keep their place in front."""
    carried = [line.item.pk for line in view.lines if line.item.candidate is None]
    wishes = [
        Wish(
            line.item.pk, line.points, line.item.candidate.cost_of_delay, line.item.minutes,
            _first_asked(view, line.item.candidate),
        )
        for line in view.lines
        if line.item.candidate is not None
    ]  # fmt: skip
    return carried + suggested_order(wishes)


def adhoc_shares(team: Team, quarter_start: Any, viewer: Any) -> list[tuple[str, float, bool, bool]]:
    """The last quarters of ad-hoc spend as (label, share, over the cap, is the newest), as the viewer may see it."""
    newest = recent_periods(team.pk, quarter_start)[:SHOWN_QUARTERS][::-1]
    shares = []
    for period in newest:
        spent = seen_balance(period, viewer).spent
        capacity = period.opening_capacity_minutes + period.adjusted
        share = spent / capacity if capacity > 0 else 0.0
        over = capacity > 0 and spent * 10_000 > capacity * period.cap_bp
        shares.append((quarter_of(period.quarter_start).name, share, over, period is newest[-1]))
    return shares


def scenarios_of(plan: QuarterPlan, *, sees_people: bool) -> list[PlanScenario]:
    """The kept scenarios of a plan, the oldest first; one query, once a reading request.

    One that names a person says how much time they give, which is theirs and the lead's to see.
    """
    kept = once(f"scenarios {plan.pk}", lambda: list(plan.scenarios.order_by("pk")))
    return [one for one in kept if sees_people or not names_a_person(one.changes)]


def theme_counts(team: Team) -> list[tuple[RequestCluster, int, int]]:
    """The themes of the team with the number of questions and their minutes, the largest first; one query."""
    rows = RequestCluster.objects.filter(team=team, state__in=["live", "proposed"]).annotate(
        asks=Count("members", distinct=True), minutes=Sum("members__request__entries__d_spent")
    )
    found = [(row, row.asks, row.minutes or 0) for row in rows.order_by("-asks", "pk")[:SHOWN_THEMES]]
    return [entry for entry in found if entry[1] > 1]


def plan_to_show(viewer: Any, team: Team | None, at: datetime) -> QuarterPlan | None:
    """Where `/plan/` leads: the open plan of one's own team, else of a team one asks, else the newest there is."""
    rows = plans_visible_to(viewer).select_related("team")
    soonest = at.date() - timedelta(days=92)
    for chosen in (rows.filter(team=team), rows.filter(team__in=_asked_teams(team)), rows):
        live = chosen.filter(quarter_start__gte=soonest)
        found = (
            live.filter(state__in=["open_for_input", "draft"]).order_by("quarter_start").first()
            or live.order_by("quarter_start").last()
        )
        if found is not None:
            return found
    return None


def plan_teams(viewer: Any) -> list[QuarterPlan]:
    """All plans, the newest first, for the choice of a team."""
    return list(plans_visible_to(viewer).select_related("team").order_by("-quarter_start", "team__name")[:50])


def terms_of_plan(plan: QuarterPlan) -> Terms:
    """The band of a plan."""
    return Terms(plan.floor_bp, plan.cap_bp)


def shipped_models(team: str = "") -> list[PlanItem]:
    """Models out of questions that have shipped, the newest first, of one team or all."""
    rows = PlanItem.objects.filter(kind="model_from_requests", state="done").select_related("plan__team")
    return list((rows.filter(plan__team__slug=team) if team else rows).order_by("-ended_at")[:50])


def newest_outcomes(team: str = "") -> list[ModelOutcome]:
    """The newest look at each shipped model, of one team or all."""
    rows = ModelOutcome.objects.select_related("item__plan__team")
    chosen = rows.filter(item__plan__team__slug=team) if team else rows
    looks = chosen.order_by("item_id", "-looked_at").distinct("item_id")
    return sorted(looks, key=lambda look: look.looked_at, reverse=True)[:50]


def deferred_without_a_plan(team: Team) -> QuerySet[DataRequest]:
    """Public deferred requests that stand in no open plan."""
    rows = DataRequest.objects.filter(team=team, state=State.DEFERRED, is_private=False)
    in_work = ["planned", "started", "carried"]
    return rows.exclude(candidates__status="open").exclude(candidates__item__state__in=in_work)


def local_date(instant: datetime, zone: str) -> Any:
    """The day of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _summed(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    totals: dict[int, int] = defaultdict(int)
    for key, points in pairs:
        totals[key] += points
    return dict(totals)


def _first_asked(view: PlanView, candidate: PlanCandidate) -> datetime:
    asked = view.asked.get(candidate.pk)
    return asked[0].filed_at if asked else candidate.created_at


def _asked_teams(team: Team | None) -> QuerySet[Any, Any]:
    return DataRequest.objects.filter(requester_team=team, is_private=False).exclude(requester_team=None).values("team")
