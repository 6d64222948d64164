"""Everything the page of one incident shows, in a handful of reads (ux: at most 15 a page)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, JSONObject

from oncall.domain.incident_states import State
from oncall.models import Alert, Contribution, Incident, IncidentEvent, IncidentUpdate, ShiftNote, UpstreamTicket
from oncall.queries.board import NOTE_FRESH
from oncall.queries.incidents import listed_incidents
from oncall.queries.night import HOURS, hours_columns, hours_from
from ownership.models import ChangePlan
from portal.accounts.models import Follow

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from oncall.domain.decision import Hours
    from portal.accounts.models import Person

MOST_LISTED, MOST_SIGNALS, MOST_PAST, MOST_LIKE, MOST_COLLEAGUES = 10, 100, 3, 40, 3
SUBJECT = "oncall.incident"
LIKE_WITHIN = timedelta(days=730)
SAME_ASSET, SAME_KIND = 2, 1


@dataclass(frozen=True)
class Aside:
    """What stands beside the timeline: rows as plain values."""

    signals: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    helpers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    backfills: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Colleague:
    """Somebody who has ended something like this, and how often."""

    handle: str
    name: str
    times: int
    last: Incident


@dataclass(frozen=True)
class Before:
    """The last times this asset broke in this way, and who could help, over all teams."""

    past: list[Incident]
    colleagues: list[Colleague]


def page_incidents(viewer: Any) -> QuerySet[Incident]:
    """Incidents with what their page shows, and the hours of their team; one read."""
    rows = listed_incidents(viewer).select_related(
        "rota__borrowed_from", "resolved_by", "merged_into", "opened_by"
    )  # fmt: skip
    followed = Follow.objects.filter(person=viewer, subject_type=SUBJECT, subject_id=OuterRef("pk"))
    return rows.annotate(**hours_columns("team__"), is_followed=Exists(followed))


def hours_of_incident(incident: Any) -> Hours:
    """The hours of the team of an incident that `page_incidents` found."""
    version, zone = (getattr(incident, name) for name in HOURS)
    return hours_from(version, zone or incident.team.zone)


def aside_of(incident: Incident, at: datetime) -> Aside:
    """Signals, tickets, drafts, helpers and the fresh note of the handover; one read."""
    here = OuterRef("pk")
    notes = ShiftNote.objects.filter(rota=OuterRef("rota"), at__gt=at - NOTE_FRESH, at__lte=at).order_by("-at")
    begun = IncidentEvent.objects.filter(incident=OuterRef(OuterRef("pk")), kind="backfill")
    plans = ChangePlan.objects.filter(
        pk__in=begun.values(plan_id=Cast(KeyTextTransform("plan", "data"), BigIntegerField()))
    )
    asked = {
        "signals": _rows(Alert.objects.filter(incident=here).order_by("first_at", "pk"), MOST_SIGNALS,
            title="title", status="status", asset="asset__name", source="source", count="count", url="url",
            door="integration__slug"),
        "tickets": _rows(UpstreamTicket.objects.filter(incident=here).order_by("-pk"), MOST_LISTED,
            pk="pk", team="team__name", state="state", unblock_due="unblock_due"),
        "drafts": _rows(IncidentUpdate.objects.filter(incident=here).order_by("-pk"), MOST_LISTED,
            text="text", state="state", due_at="due_at", teams="teams", next_at="next_update_at"),
        "helpers": _rows(Contribution.objects.filter(incident=here).order_by("pk"), MOST_LISTED,
            person="person__name", handle="person__handle", asker="asked_by__name", state="state", text="text"),
        "notes": _rows(notes, 1, author="author__name", at="at", text="text"),
        "backfills": _rows(plans.order_by("pk"), MOST_LISTED, pk="pk", state="state", range="range_text"),
    }  # fmt: skip
    found = Incident.objects.filter(pk=incident.pk).values_list(*asked.values()).get()
    return Aside(*([_timed(row) for row in rows] for rows in found))


def before(incident: Incident, viewer: Any, at: datetime) -> Before:
    """What was like this in two years: the last times of the same asset and kind, and who ended what; one read.

    A colleague counts more by the asset than by the kind; the viewer and who left are not named.
    """
    like = Q(root_asset=incident.root_asset_id) if incident.root_asset_id is not None else Q(pk=None)
    rows = (
        listed_incidents(viewer)
        .filter(like | Q(failure_kind=incident.failure_kind), state=State.RESOLVED, resolved_at__gt=at - LIKE_WITHIN)
        .exclude(pk=incident.pk).select_related("resolved_by").order_by("-resolved_at")[:MOST_LIKE]
    )  # fmt: skip
    found = list(rows)
    same = [row for row in found if row.root_asset_id is not None and row.root_asset_id == incident.root_asset_id]
    past = [row for row in same if row.failure_kind == incident.failure_kind][:MOST_PAST]
    return Before(past, _colleagues(found, incident, viewer))


def _colleagues(rows: list[Incident], incident: Incident, viewer: Any) -> list[Colleague]:
    weight: Counter[int] = Counter()
    times: Counter[int] = Counter()
    people: dict[int, tuple[Person, Incident]] = {}
    for row in rows:
        person = row.resolved_by
        if person is None or person.pk == viewer.pk or not person.is_active:
            continue
        is_same = incident.root_asset_id is not None and row.root_asset_id == incident.root_asset_id
        weight[person.pk] += SAME_ASSET * is_same + SAME_KIND * (row.failure_kind == incident.failure_kind)
        times[person.pk] += 1
        people.setdefault(person.pk, (person, row))
    order = sorted(people, key=lambda pk: (-weight[pk], people[pk][0].handle))
    return [
        Colleague(people[pk][0].handle, people[pk][0].name, times[pk], people[pk][1]) for pk in order[:MOST_COLLEAGUES]
    ]  # fmt: skip


def _rows(rows: QuerySet[Any], most: int, **columns: str) -> ArraySubquery:
    return ArraySubquery(rows.values(shown=JSONObject(**columns))[:most])


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    """JSON has no instants: those of a row are read back."""
    times = {
        name: datetime.fromisoformat(row[name]) for name in ("at", "due_at", "unblock_due", "next_at") if row.get(name)
    }
    return row | times
