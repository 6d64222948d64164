"""Reading plans, their references, and what stands in the way of a step (spec ownership 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from ownership.domain.plan_sql import Table
from ownership.domain.plans import READS_OF
from ownership.domain.references import OPEN, Obstacles, Sight, is_recent_read, is_stale_import
from ownership.domain.staleness import EVENT_SOURCES
from ownership.models import AssetAlias, ChangePlan, Edge, Reference
from ownership.policies import plans as policy
from ownership.queries.announcements import open_objections
from portal.core.context import once
from portal.core.models import ImportRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

    from portal.accounts.models import Person

CODE = re.compile(r"(?:BKF|MIG)-([0-9]{1,15})", re.IGNORECASE)
MOST_BELOW, MOST_OF_ASSET = 500, 5
BELOW_EDGES = """
WITH RECURSIVE below(id, depth) AS (
    SELECT %(root)s::bigint, 0 UNION
    SELECT edge.dst_id, below.depth + 1 FROM below
    JOIN ownership_edge AS edge ON edge.src_id = below.id AND edge.closed_at IS NULL AND edge.kind = 1
    WHERE below.depth < 5
), near AS (
    SELECT DISTINCT below.id FROM below JOIN ownership_asset AS asset ON asset.id = below.id
    WHERE asset.retired_at IS NULL ORDER BY below.id LIMIT %(most)s
)
SELECT edge.src_id, edge.dst_id, max(edge.last_seen) FROM ownership_edge AS edge
WHERE edge.closed_at IS NULL AND edge.kind = 1
  AND edge.src_id IN (SELECT id FROM near) AND edge.dst_id IN (SELECT id FROM near)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def listed_plans(viewer: Any) -> QuerySet[ChangePlan]:
    """All plans, with how many references are open."""
    rows = policy.visible_to(viewer).select_related("asset", "successor", "owner")
    return rows.annotate(
        open_references=Count("references", filter=Q(references__state=OPEN), distinct=True),
        all_references=Count("references", distinct=True),
    )


def plan_by_code(code: str, viewer: Any) -> ChangePlan | None:
    """The visible plan of BKF-7 or MIG-7; the letters must fit."""
    found = CODE.fullmatch(code)
    row = listed_plans(viewer).filter(pk=int(found[1])).first() if found else None
    return row if row is not None and row.code == code.upper() else None


def table_of(plan: ChangePlan) -> Table:
    """The table of a plan, as its statements need it."""
    facts = plan.columns
    return Table(
        name=plan.asset.relation or plan.asset.name,
        keys=tuple(facts.get("keys", ())),
        sums=tuple(facts.get("sums", ())),
        columns=tuple(facts.get("columns", ())),
        where=plan.range_text,
    )


def references_of(plan: ChangePlan) -> list[Reference]:
    """All, the open ones first, then by date and name."""
    rows = Reference.objects.filter(plan=plan).select_related("referrer", "person", "team", "plan", "waived_by")
    return sorted(rows, key=lambda row: (row.phase, row.state != OPEN, row.due_on is None, row.due_on, str(row)))


def sights_of(plan: ChangePlan, at: datetime) -> dict[int, tuple[Sight, int, bool]]:
    """What the sources show of each referrer now: what it reads, the kind of its asset, and whether a run told."""
    old, new = plan.asset_id, plan.successor_id
    rows = Edge.objects.filter(src_id__in=[pk for pk in (old, new) if pk], closed_at=None)
    rows = rows.exclude(Q(source__importer__in=EVENT_SOURCES) & Q(last_seen__lt=at - READS_OF))
    found: dict[int, tuple[Sight, int, bool]] = {}
    seen = rows.values("dst_id", "src_id", "dst__kind").annotate(
        last=Max("last_seen"), by_run=Count("source", filter=Q(source__importer__in=EVENT_SOURCES))
    )
    for row in seen.order_by("dst_id", "src_id"):
        if row["dst_id"] == new:
            continue
        sight, _, by_run = found.get(row["dst_id"], (Sight(None, None), 0, False))
        if row["src_id"] == old:
            sight = Sight(row["last"], sight.reads_new_at)
        else:
            sight = Sight(sight.reads_old_at, row["last"])
        found[row["dst_id"]] = (sight, row["dst__kind"], by_run or bool(row["by_run"]))
    return found


def obstacles(plan: ChangePlan, at: datetime) -> Obstacles:
    """What forbids the drop: open references, unanswered objections, old imports, reads of the last week; 5 queries."""
    rows = [row for row in references_of(plan) if row.state == OPEN and row.phase == 1]
    return Obstacles(
        references=tuple(reference_words(row) for row in rows),
        objections=objection_words(plan),
        stale_sources=_stale_sources(plan.asset_id, at),
        recent_reads=_recent_reads(plan.asset_id, at),
    )


def objection_words(plan: ChangePlan) -> tuple[str, ...]:
    """Who objects and has had no answer."""
    rows = open_objections(plan.announcements.values_list("pk", flat=True))
    return tuple(f"{row.person.name}: {row.objection[:200]}" for row in rows)


def reference_words(row: Reference) -> str:
    """The referrer and who must move it."""
    party = row.person.name if row.person else row.team.name if row.team else "nobody"
    return f"{row} ({party})"


def suffix_names(plan: ChangePlan) -> list[str]:
    """Names with the suffix that a source still used in its newest file; empty once the plain name is all there is."""
    wanted = (plan.asset.relation or plan.asset.name).rsplit(".", 1)[-1] + "_v2"
    rows = AssetAlias.objects.filter(asset_id__in=[plan.asset_id, plan.successor_id or 0], key__iendswith=wanted)
    newest = _newest_runs([row.source_id for row in rows if row.source_id])
    return [
        f"{row.system}: {row.key}"
        for row in rows.exclude(system__in=["slug", "manual"])
        if row.source_id and newest.get(row.source_id) and row.last_seen >= newest[row.source_id]
    ]


def edges_below(asset_id: int) -> list[tuple[int, int, datetime]]:
    """Edges of kind data up to five steps below, with their last sight."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW_EDGES, {"root": asset_id, "most": MOST_BELOW})
        found: list[tuple[int, int, datetime]] = cursor.fetchall()
        return found


@dataclass(frozen=True)
class ShownPlan:
    """A plan as a line of another page."""

    code: str
    kind: str
    state: str
    reason: str
    created_at: datetime
    open_references: int


def plans_of_asset(asset_id: int) -> list[ShownPlan]:
    """The newest plans that change this asset or build it as a second version; asked once in a request that reads."""
    return remember_plans(asset_id, lambda: [each["row"] for each in plan_facts(asset_id)])


def remember_plans(asset_id: int, rows: Callable[[], list[dict[str, Any]]]) -> list[ShownPlan]:
    """What a page has learnt from `plan_facts` among other things, for `plans_of_asset` in the same request."""
    return once(f"plans of {asset_id}", lambda: [_shown(row) for row in rows()])


def _shown(row: dict[str, Any]) -> ShownPlan:
    code = ChangePlan(pk=row["id"], kind=row["kind"]).code
    at = datetime.fromisoformat(row["at"])
    return ShownPlan(code, row["kind"], row["state"], row["reason"], at, row["left"] or 0)


def plan_facts(asset: Any) -> QuerySet[ChangePlan, Any]:
    """One JSON object a plan, so that a page can ask for it among other things."""
    left = Reference.objects.filter(plan=OuterRef("pk"), state=OPEN).order_by().values("plan").annotate(n=Count("pk"))
    facts = JSONObject(
        id="pk", kind="kind", state="state", reason="reason", at="created_at", left=Subquery(left.values("n"))
    )
    rows = ChangePlan.objects.filter(Q(asset=asset) | Q(successor=asset)).order_by("-created_at", "-pk")
    return rows[:MOST_OF_ASSET].values(row=facts)


def references_to_move(person: Person, parties: Iterable[int]) -> QuerySet[Reference]:
    """Open references of the person or their teams in running plans, the one due first."""
    teams = [-key for key in parties if key < 0]
    rows = Reference.objects.filter(Q(person=person) | Q(team_id__in=teams), state=OPEN, plan__state="running")
    return rows.select_related("plan__asset", "referrer").order_by("due_on", "opened_at")


def _stale_sources(asset_id: int, at: datetime) -> tuple[str, ...]:
    """Sources that ever showed an edge from the table and whose newest import is older than a day."""
    sources = dict(
        Edge.objects.filter(src_id=asset_id).exclude(source__importer__in=EVENT_SOURCES)
        .values_list("source_id", "source__name").distinct().order_by("source_id")
    )  # fmt: skip
    newest = _newest_runs(list(sources))
    return tuple(name for pk, name in sources.items() if is_stale_import(newest.get(pk), at))


def _newest_runs(source_ids: list[int]) -> dict[int, datetime]:
    rows = ImportRun.objects.filter(source_id__in=source_ids, state=ImportRun.State.APPLIED)
    return dict(rows.values_list("source_id").annotate(newest=Max("applied_at")))


def _recent_reads(asset_id: int, at: datetime) -> tuple[str, ...]:
    rows = Edge.objects.filter(
        src_id=asset_id, source__importer__in=EVENT_SOURCES, last_seen__gt=at - timedelta(days=8)
    )
    found = rows.values_list("dst__name").annotate(last=Max("last_seen")).order_by("dst__name")
    return tuple(f"{name}, {last:%d %b %H:%M} UTC" for name, last in found if is_recent_read(last, at))
