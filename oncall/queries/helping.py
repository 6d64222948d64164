"""Who is asked for help and has not answered (spec additions, "help and credit")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.incident_states import OPEN
from oncall.models import Contribution
from oncall.policies import incidents_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST = 10


def pleas_to(viewer: Any) -> QuerySet[Contribution]:
    """What colleagues ask of the viewer in incidents that are open, the oldest first."""
    rows = Contribution.objects.filter(
        person=viewer, state="asked", incident__in=incidents_visible_to(viewer), incident__state__in=sorted(OPEN)
    )
    return rows.select_related("incident", "asked_by").order_by("asked_at", "pk")[:MOST]
