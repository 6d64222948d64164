"""Which incident a backfill came of: the contribution `plan.cause` to the room of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import Incident, IncidentEvent
from oncall.policies import incidents_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet


def incidents_of_backfill(plan_id: int) -> QuerySet[IncidentEvent, int]:
    """Keys of the incidents that asked for the plan."""
    return IncidentEvent.objects.filter(kind="backfill", data__plan=plan_id).values_list("incident_id", flat=True)


def cause_of_plan(plan_id: int, viewer: Any) -> list[tuple[str, str]]:
    """Number and address of the incidents behind a plan that the viewer may see; one query."""
    rows: QuerySet[Incident] = incidents_visible_to(viewer).filter(pk__in=incidents_of_backfill(plan_id))
    return [(row.number, row.get_absolute_url()) for row in rows.order_by("pk")]
