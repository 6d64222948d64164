"""What leads ask about a quarter; one query function a report, for page, CSV and API alike (spec site 6).

Private requests appear in sums of minutes alone, and no report has a person column.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from portal.accounts.models import Team
from portal.core.domain.private_sums import shown_of
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.kinds import KINDS, kind_of
from requests_queue.domain.plan import SYSTEM_KINDS
from requests_queue.domain.report_cells import Cell, merged, middle
from requests_queue.domain.states import State
from requests_queue.models import (
    BudgetEntry,
    BudgetPeriod,
    DataRequest,
    ModelOutcome,
    PlanCandidate,
    PlanItem,
    RequestAsset,
    RequestEvent,
    Shortcut,
    Supporter,
    UrgencyToken,
)
from requests_queue.policies import visible_to
from requests_queue.queries.attainment import attainment
from requests_queue.queries.budget import seen_balance
from requests_queue.queries.unseen import unseen_in, with_private
from requests_queue.queries.upkeep import growth_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.registries import ReportScope

Rows = list[tuple[Any, ...]]
REWORK_WITHIN = timedelta(days=90)
LEAST_URGENT = 5
HOUR = 3600
P85 = 0.85
UNKINDED = ("Ad-hoc: private, as a sum", "Exempt")
USES = {"maintenance": "Upkeep, as planned", "oncall": "On-call, as planned"}


def quarter_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """Where the time went: (team, use, minutes, share of capacity). Ad-hoc by kind, small cells together.

    Private work that the viewer does not know of is one row, and none below three requests.
    """
    del at
    periods = {period.team_id: period for period in _periods(scope)}
    capacity = {pk: period.opening_capacity_minutes + period.adjusted for pk, period in periods.items()}
    uses: dict[int, list[tuple[str, int]]] = defaultdict(list)
    items = PlanItem.objects.filter(plan__team__in=periods, plan__quarter_start=scope.quarter.starts_on)
    system = items.filter(kind__in=SYSTEM_KINDS).values_list("kind", "plan__team_id", "minutes")
    for kind, team, minutes in sorted(system, key=lambda row: list(USES).index(row[0])):
        uses[team].append((USES[kind], minutes))
    planned = items.filter(rank__isnull=False).exclude(state="dropped").values_list("plan__team_id")
    for team, minutes in planned.annotate(total=Sum("minutes")):
        uses[team].append(("Planned work", minutes))
    for team, cells in _adhoc(periods, viewer).items():
        uses[team] += [(f"Ad-hoc: {cell.label}", cell.minutes) for cell in merged(cells)]
    for team, period in periods.items():
        rest = shown_of(piece.spent for piece in unseen_in(period, viewer)), seen_balance(period, viewer).exempt
        uses[team] += [(use, minutes) for use, minutes in zip(UNKINDED, rest, strict=True) if minutes]
    names = {pk: period.team.name for pk, period in periods.items()}
    return [
        (names[team], use, minutes, round(minutes / capacity[team], 4) if capacity[team] > 0 else 0.0)
        for team in sorted(uses, key=lambda pk: names[pk])
        for use, minutes in uses[team]
    ]


def urgency_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """(asking team, requests, urgent, share, tokens used, returned, exempt by kind, hours until opened: median, p85).

    Honesty is how long a delivered urgent result stays unopened; teams with fewer than 5 urgent ones show counts only.
    """
    del viewer, at
    rows = _filed(scope).exclude(requester_team=None)
    totals = dict(rows.values_list("requester_team_id").annotate(count=Count("pk")))
    urgent = rows.filter(Q(urgency="urgent") | Q(token__isnull=False))
    counts = dict(urgent.values_list("requester_team_id").annotate(count=Count("pk")))
    tokens = UrgencyToken.objects.filter(quarter_start=scope.quarter.starts_on, request__is_private=False)
    used = dict(tokens.filter(returned_at=None).values_list("team_id").annotate(count=Count("pk")))
    back = dict(tokens.exclude(returned_at=None).values_list("team_id").annotate(count=Count("pk")))
    exempt = _exempt_words(rows)
    waits: dict[int, list[float]] = defaultdict(list)
    opened = urgent.exclude(resolved_at=None).exclude(first_opened_at=None)
    for team, delivered, seen in opened.values_list("requester_team_id", "resolved_at", "first_opened_at"):
        if delivered is not None and seen is not None and team is not None:
            waits[team].append(max(0.0, (seen - delivered).total_seconds() / HOUR))
    names = dict(Team.objects.filter(pk__in=totals).values_list("pk", "name"))
    return [
        (
            names[team], totals[team], counts.get(team, 0), round(counts.get(team, 0) / totals[team], 4),
            used.get(team, 0), back.get(team, 0), exempt.get(team, ""),
            *_honesty(waits.get(team, []), counts.get(team, 0)),
        )
        for team in sorted(names, key=lambda pk: names[pk])
    ]  # fmt: skip


def deferrals_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """(asking team, deferred, taken by a plan, withdrawn, still waiting, asked again, overrides)."""
    del viewer, at
    moved = RequestEvent.objects.filter(
        request=OuterRef("pk"), to_state=State.DEFERRED, at__gte=scope.starts_at, at__lt=scope.ends_at
    )
    rows = _of_team(DataRequest.objects.filter(Exists(moved), is_private=False), scope)
    again = Supporter.objects.filter(request=OuterRef("pk"))
    taken = PlanCandidate.objects.filter(requests=OuterRef("pk"), status="taken")
    grouped = (
        rows.annotate(is_taken=Exists(taken), is_asked=Exists(again))
        .values("requester_team__name")
        .annotate(
            deferred=Count("pk"), taken=Count("pk", filter=Q(is_taken=True)),
            withdrawn=Count("pk", filter=Q(state__in=[State.WITHDRAWN, State.DECLINED])),
            waiting=Count("pk", filter=Q(state=State.DEFERRED)), asked=Count("pk", filter=Q(is_asked=True)),
        )
    )  # fmt: skip
    overrides = dict(
        _of_team(BudgetEntry.objects.filter(
            kind="OVERRIDE", request__is_private=False, recorded_at__gte=scope.starts_at, recorded_at__lt=scope.ends_at
        ), scope, "request__team").values_list("request__requester_team__name").annotate(count=Count("pk"))
    )  # fmt: skip
    found = {row["requester_team__name"]: row for row in grouped}
    return [
        (
            name or "nobody's team", *(found.get(name, {}).get(key, 0) for key in
            ("deferred", "taken", "withdrawn", "waiting", "asked")), overrides.get(name, 0),
        )
        for name in sorted({*found, *overrides}, key=lambda one: one or "")
    ]  # fmt: skip


def attainment_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """Promises kept by kind: (team, kind, promise, decided, kept, raw, excused, without the excused, adjusted, hours).

    The adjusted share counts what was re-opened as not solved as missed; counted hours until the end: median and p85.
    """
    del viewer
    cells = attainment(
        start=scope.starts_at, end=scope.ends_at, group_by=("team", "kind", "clock"),
        team=scope.team.slug if scope.team is not None else "", at=at,
    )  # fmt: skip
    names = dict(Team.objects.filter(slug__in={cell.key[0] for cell in cells}).values_list("slug", "name"))
    return [
        (
            names[cell.key[0]], kind_of(cell.key[1]).label, cell.key[2].replace("_", " "), cell.decided, cell.met,
            _share(cell.raw), cell.excused, _share(cell.without_excused), _share(cell.adjusted),
            _hours(cell.at_share(50)), _hours(cell.at_share(85)),
        )
        for cell in sorted(cells, key=lambda cell: (names[cell.key[0]], *cell.key[1:]))
    ]  # fmt: skip


def attainment_links(scope: ReportScope, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, str]]:
    """By row of the report above, the list of cycles behind its counts; one query."""
    slugs = dict(Team.objects.filter(name__in={row[0] for row in rows}).values_list("name", "slug"))
    kinds = {kind.label: code for code, kind in KINDS.items()}
    window = {"decided_from": scope.starts_at.isoformat(), "decided_to": scope.ends_at.isoformat()}
    found = []
    for name, kind, promise, *_ in rows:
        chosen = {"team": slugs[name], "request_kind": kinds[kind], "kind": promise.replace(" ", "_")} | window
        outcomes = {"ended": {}, "kept": {"outcome": "kept"}, "excused": {"outcome": "excused"}}
        found.append({key: f"/sla/cycles/?{urlencode(chosen | more)}" for key, more in outcomes.items()})
    return found


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / HOUR, 1)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def growth_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """(team, quarter, minutes of upkeep, share of capacity, projected): 4 quarters back, 8 ahead."""
    del viewer
    teams = [scope.team] if scope.team is not None else [plan.team for plan in _planned_teams(scope)]
    return [
        (team.name, point.label, point.maintenance, round(point.share, 4), point.is_ahead)
        for team in teams
        for point in growth_of(team, scope.quarter, at).line
    ]


def outcomes_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """The newest look at each model: (team, model, before, days, after, days, verdict, p, minutes saved)."""
    del viewer, at
    rows = _of_team(ModelOutcome.objects.filter(looked_at__lt=scope.ends_at), scope, "item__plan__team")
    newest = rows.order_by("item_id", "-looked_at").distinct("item_id").select_related("item__plan__team")
    words = {"fell": "fell", "not_shown": "not shown yet", "too_early": "too early"}
    return [
        (
            row.item.plan.team.name, row.item.title, row.before, row.before_days, row.after, row.after_days,
            words[row.verdict], round(row.probability, 4), row.minutes_saved,
        )
        for row in newest
    ]  # fmt: skip


def rework_report(scope: ReportScope, viewer: Any, at: datetime) -> Rows:
    """What cutting corners cost: (asset, cut, of them by override, followed by rework within 90 days, share)."""
    del viewer, at
    again = RequestAsset.objects.filter(
        asset=OuterRef("request__assets__asset"), request__kind__in=["data_issue", "change"],
        request__is_private=False, request__filed_at__gt=OuterRef("at"),
        request__filed_at__lte=OuterRef("at") + REWORK_WITHIN,
    ).exclude(request=OuterRef("request"))  # fmt: skip
    cut = Shortcut.objects.filter(request__is_private=False, at__gte=scope.starts_at, at__lt=scope.ends_at)
    rows = (
        _of_team(cut, scope, "request__team")
        .annotate(asset=F("request__assets__asset__name"), is_followed=Exists(again))
        .values("asset")
        .annotate(
            cut=Count("pk"), by_override=Count("pk", filter=Q(is_override=True)),
            followed=Count("pk", filter=Q(is_followed=True)),
        )
        .order_by("asset")
    )  # fmt: skip
    return [
        (row["asset"] or "no asset named", row["cut"], row["by_override"], row["followed"],
         round(row["followed"] / row["cut"], 4))
        for row in rows
    ]  # fmt: skip


def _periods(scope: ReportScope) -> Sequence[BudgetPeriod]:
    rows = with_private(BudgetPeriod.objects.filter(quarter_start=scope.quarter.starts_on).select_related("team"))
    return list(_of_team(rows, scope))


def _planned_teams(scope: ReportScope) -> Sequence[Any]:
    rows = BudgetPeriod.objects.filter(quarter_start=scope.quarter.starts_on).select_related("team")
    return list(rows.order_by("team__name")[:3])


def _adhoc(periods: dict[int, BudgetPeriod], viewer: Any) -> dict[int, list[Cell]]:
    """Net minutes by kind with the number of requests behind them, of those that the viewer knows of."""
    known = visible_to(viewer).values("pk")
    entries = BudgetEntry.objects.filter(period__in=list(periods.values()), request__in=known)
    rows = entries.values("period__team_id", "request__kind").annotate(
        minutes=Sum("d_spent"), requests=Count("request", distinct=True, filter=~Q(d_spent=0))
    )
    cells: dict[int, list[Cell]] = defaultdict(list)
    for row in rows:
        if row["minutes"]:
            label = kind_of(row["request__kind"]).label.lower()
            cells[row["period__team_id"]].append(Cell(label, row["minutes"], row["requests"]))
    return cells


def _filed(scope: ReportScope) -> Any:
    rows = DataRequest.objects.filter(filed_at__gte=scope.starts_at, filed_at__lt=scope.ends_at, is_private=False)
    return _of_team(rows, scope)


def _of_team(rows: Any, scope: ReportScope, path: str = "team") -> Any:
    return rows if scope.team is None else rows.filter(**{path: scope.team})


def _exempt_words(rows: Any) -> dict[int, str]:
    """The exempt requests of each asking team by kind, such as "Legal hold 2"; what is private is not among `rows`."""
    found: dict[int, list[str]] = defaultdict(list)
    by_kind = rows.exclude(exemption=None).values_list("requester_team_id", "exemption__name")
    for team, name, count in by_kind.annotate(count=Count("pk")).order_by("exemption__name"):
        found[team].append(f"{name} {count}")
    return {team: ", ".join(words) for team, words in found.items()}


def _honesty(waits: list[float], urgent: int) -> tuple[float | None, float | None]:
    if urgent < LEAST_URGENT:
        return None, None
    return _rounded(middle(waits)), _rounded(middle(waits, P85))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def quarter_label(day: Any) -> str:
    """The label of the quarter of a day."""
    return quarter_of(day).label
