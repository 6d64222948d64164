"""A backfill that an incident asks for, and its end on the timeline (spec additions, "start backfill")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.models import Incident
from oncall.queries.backfills import incidents_of_backfill
from oncall.services.moving import locked, note_event
from ownership.domain.plans import PlanKind
from ownership.services.planning import PlanDraft, start_plan
from portal.core.errors import Conflict
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import ChangePlan

STARTED, DONE = "backfill", "backfill_done"


@transaction.atomic
def start_backfill(
    *, actor: Any, incident: Incident, range_text: str = "", dialect: str = "postgres", at: datetime
) -> ChangePlan:
    """Plan the rebuild of the incident's asset; the timeline and the plan name each other.

    Raises `Conflict` `oncall.no_asset`, and what `start_plan` raises: `NotAllowed` for others than its owners,
    `Conflict` while another plan for the table lives, `DomainError` for a wrong range.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    if standing.root_asset is None:
        raise Conflict("oncall.no_asset", f"Nobody knows which asset {standing.number} is about.")
    about = "" if standing.is_private else f": {standing.title}"
    draft = PlanDraft(standing.root_asset, PlanKind.SMALL, f"After {standing.number}{about}", dialect, range_text)
    plan = start_plan(actor=actor, draft=draft, at=at)
    note_event(actor=actor, incident=standing, kind=STARTED, data={"plan": plan.pk, "code": plan.code}, at=at)
    record_audit(actor=actor, verb="oncall.backfill_started", subject=standing, after={"plan": plan.code},
                 compartment=standing.compartment, at=at)  # fmt: skip
    return plan


def note_backfill_done(*, plan: ChangePlan, at: datetime) -> None:
    """Say on the timeline of each incident that asked for it that the rebuild is done. Idempotent."""
    rows = Incident.objects.select_for_update().filter(pk__in=incidents_of_backfill(plan.pk)).order_by("pk")
    for incident in rows:
        if not incident.events.filter(kind=DONE, data__plan=plan.pk).exists():
            note_event(actor=None, incident=incident, kind=DONE, data={"plan": plan.pk, "code": plan.code}, at=at)
