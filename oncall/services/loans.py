"""A stopgap that worked at night is a loan: the next plan is told to pay it back (spec additions, runbooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.services.runs import subject
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.runbooks import Step
    from oncall.models import Incident, RunbookUse

TAKEN = "oncall.loan_taken"
WORKED = "worked"


def tell_loan(*, actor: Any, incident: Incident, use: RunbookUse, step: Step, at: datetime) -> bool:
    """Publish that a step marked as a loan worked for the incident's asset; whether it was told.

    Nothing of a private incident: plans are public.
    """
    if not step.is_loan or use.outcome != WORKED or incident.is_private or incident.root_asset_id is None:
        return False
    payload = {"asset": incident.root_asset_id, "team": incident.team_id, "use": use.pk}
    publish_event(actor=actor, topic=TAKEN, subject=subject(incident), payload=payload, at=at)
    return True
