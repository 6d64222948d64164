"""What other parts of the room did, kept as traces of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import ChangePlan
from ownership.services.evidence import Act, record_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.engine.domain.subjects import Subject


def note_backfill(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """The topic `ownership.backfill_done`: whose plan it was has worked on the table; a repeat adds nothing."""
    plan = ChangePlan.objects.select_related("owner", "asset").filter(pk=payload["plan"], asset=subject.id).first()
    if plan is not None:
        act = Act("backfill_done", plan.code, plan.finished_at or at, f"/backfills/{plan.code}")
        record_evidence(actor=None, person=plan.owner, assets=[plan.asset], act=act)
