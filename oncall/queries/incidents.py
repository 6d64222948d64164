"""Incidents and alerts as services, pages and other rooms read them; people start from what they may see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q, Subquery

from oncall.domain.escalation import STEP_KIND
from oncall.domain.grouping import HOPS, JOINS_WITHIN, Failing, Group
from oncall.domain.incident_states import OPEN
from oncall.models import Alert, Contribution, EscalationRun, Incident, IncidentEvent
from oncall.policies import incidents_visible_to
from ownership.models import Edge
from portal.engine.models import Deadline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from oncall.models import Rota
    from ownership.models import Asset

MOST_MINUTES = 480
MOST_OPEN = 500
REOPENS_WITHIN = timedelta(minutes=30)
AWAKE = ("acknowledged",)
ENDS = ("asleep", "resolved", "merged", "unacknowledged", "waiting_upstream")


@dataclass(frozen=True)
class Ladder:
    """A run and when its next step is due; None while none is armed."""

    run: EscalationRun
    due_at: datetime | None

    @property
    def is_climbing(self) -> bool:
        """Whether a step is still to come."""
        return self.run.state == "running"


def listed_incidents(viewer: Any) -> QuerySet[Incident]:
    """Rows of a list with what a line shows."""
    return incidents_visible_to(viewer).select_related("root_asset", "team", "acknowledged_by")


def whole_incidents(viewer: Any) -> QuerySet[Incident]:
    """Incidents with what the page shows."""
    alerts = Prefetch("alerts", Alert.objects.select_related("asset", "upstream_asset").order_by("first_at", "pk"))
    runs = Prefetch("runs", EscalationRun.objects.select_related("policy_version").order_by("-pk"), "climbs")
    rows = listed_incidents(viewer).select_related("rota", "resolved_by", "merged_into", "opened_by")
    pleas = Prefetch("contributions", Contribution.objects.select_related("person", "asked_by").order_by("pk"))
    begun = IncidentEvent.objects.filter(kind="backfill").select_related("actor").order_by("seq")
    return rows.prefetch_related(alerts, runs, pleas, Prefetch("events", begun, "begun"))


def open_incidents(asset_ids: Collection[int], viewer: Any) -> list[Incident]:
    """Open incidents that one of these assets belongs to; for banners of other rooms."""
    return list(open_on(asset_ids, viewer)[:50])


def open_on(asset_ids: Collection[int], viewer: Any) -> QuerySet[Incident]:
    """The same as a query, the oldest first."""
    touched = Alert.objects.filter(asset__in=asset_ids, incident__isnull=False).values("incident")
    rows = listed_incidents(viewer).filter(Q(root_asset__in=asset_ids) | Q(pk__in=touched), state__in=sorted(OPEN))
    return rows.order_by("opened_at", "pk")


def timeline_of(incident: Incident) -> list[IncidentEvent]:
    """The newest 200 events, in order."""
    rows = IncidentEvent.objects.filter(incident=incident).select_related("actor").order_by("-seq")[:200]
    return list(rows)[::-1]


def running_run(incident: Incident) -> EscalationRun | None:
    """The ladder that is climbing now."""
    return EscalationRun.objects.filter(incident=incident, state="running").first()


def ladder_of(incident: Incident) -> Ladder | None:
    """The newest ladder of the incident as it was when it began, with the instant of its next step; one read."""
    armed = Deadline.objects.filter(kind=STEP_KIND, subject_type="oncall.incident", subject_id=incident.pk)
    due = Subquery(armed.filter(state="armed").values("due_at")[:1])
    rows: Any = EscalationRun.objects.filter(incident=incident).select_related("policy_version").annotate(due_at=due)
    run = rows.order_by("-pk").first()
    return Ladder(run, run.due_at) if run is not None else None


def told_by(run: EscalationRun, events: Iterable[IncidentEvent]) -> set[int]:
    """Everybody this ladder has paged, from the lines of the timeline."""
    paged = (event.data for event in events if event.kind == "paged" and event.data.get("run") == run.pk)
    return {pk for data in paged for pk in data.get("people", [])}


def joinable_groups(at: datetime) -> list[Group]:
    """Open incidents young enough to be joined, with their alerts that name an asset; none that is private."""
    rows = Alert.objects.filter(
        incident__state__in=sorted(OPEN), incident__opened_at__gte=at - JOINS_WITHIN * 2, asset__isnull=False,
        incident__is_private=False,
    )  # fmt: skip
    found: dict[int, list[Failing]] = defaultdict(list)
    for incident, asset, since, run in rows.order_by("first_at").values_list(
        "incident_id", "asset_id", "first_at", "run"
    )[:MOST_OPEN]:
        if incident is not None and asset is not None:
            found[incident].append(Failing(asset, since, run))
    return [Group(pk, tuple(alerts)) for pk, alerts in found.items()]


def upstream_edges(asset_ids: Iterable[int], hops: int = HOPS) -> dict[int, set[int]]:
    """What each asset reads from, as far up as `hops` steps from any of these; one query a step."""
    edges: dict[int, set[int]] = {}
    frontier = set(asset_ids)
    for _ in range(hops):
        rows = Edge.objects.filter(dst__in=frontier, closed_at=None).values_list("dst_id", "src_id").distinct()
        below = frontier
        frontier = set()
        for dst, src in rows:
            edges.setdefault(dst, set()).add(src)
            frontier.add(src)
        frontier -= set(edges) | below
        if not frontier:
            break
    return edges


def incident_minutes(*, rota: Rota | None = None, asset: Asset | None = None, start: datetime, end: datetime) -> int:
    """Minutes spent on incidents of a rota or asset in `[start, end)`: from acknowledged to asleep or resolved.

    At most 480 an incident; nobody fills in a timesheet (spec additions, "minutes").
    """
    rows = Incident.objects.filter(opened_at__lt=end)
    if rota is not None:
        rows = rows.filter(rota=rota)
    if asset is not None:
        rows = rows.filter(root_asset=asset)
    events = IncidentEvent.objects.filter(incident__in=rows, kind__in=[*AWAKE, *ENDS], at__lt=end)
    by_incident: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for pk, kind, at in events.order_by("incident_id", "seq").values_list("incident_id", "kind", "at"):
        by_incident[pk].append((kind, at))
    return sum(_minutes(found, start, end) for found in by_incident.values())


def minutes_of_incidents(incident_ids: Collection[int], end: datetime) -> dict[int, int]:
    """The same for each of these incidents alone."""
    events = IncidentEvent.objects.filter(incident__in=incident_ids, kind__in=[*AWAKE, *ENDS], at__lt=end)
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for pk, kind, at in events.order_by("incident_id", "seq").values_list("incident_id", "kind", "at"):
        found[pk].append((kind, at))
    return {pk: _minutes(rows, None, end) for pk, rows in found.items()}


def _minutes(events: list[tuple[str, datetime]], start: datetime | None, end: datetime) -> int:
    seconds, since = 0.0, None
    for kind, at in events:
        if kind in AWAKE and since is None:
            since = at
        elif kind in ENDS and since is not None:
            seconds += _overlap(since, at, start, end)
            since = None
    if since is not None:
        seconds += _overlap(since, end, start, end)
    return min(MOST_MINUTES, int(seconds // 60))


def _overlap(since: datetime, until: datetime, start: datetime | None, end: datetime) -> float:
    low = max(since, start) if start is not None else since
    return max(0.0, (min(until, end) - low).total_seconds())
