"""Nights cost something: points for a page and for waking, and the rules that give a night away (spec oncall 4, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.sleeping import night_of
from oncall.models import DutyLedgerEntry
from oncall.services.runs import subject
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Incident

GUARDRAIL_KIND = "oncall.guardrail"
NIGHT_PAGE, WOKEN, NIGHT_CAP = 250, 500, 1000


def note_woken(*, person: Any, incident: Incident, at: datetime) -> None:
    """Points for a page at night and for waking, once a night each and capped; then the guardrails are asked.

    The incident is locked by the caller. Idempotent by (incident, person, night).
    """
    night = night_of(at, person.zone, person.night_to)
    if incident.rota is not None:
        had = DutyLedgerEntry.objects.filter(person=person, local_date=night, kind__in=["night_page", "woken"])
        total = sum(had.values_list("milli_points", flat=True))
        for kind, points in (("night_page", NIGHT_PAGE), ("woken", WOKEN)):
            given = min(points, NIGHT_CAP - total)
            if given > 0:
                DutyLedgerEntry.objects.bulk_create(
                    [
                        DutyLedgerEntry(
                            rota=incident.rota, person=person, local_date=night, kind=kind, milli_points=given,
                            source=incident.number, reason="", recorded_at=at,
                        )
                    ],
                    ignore_conflicts=True,
                )  # fmt: skip
                total += given
    arm_deadline(
        actor=None, kind=GUARDRAIL_KIND, subject=subject(incident), due_at=at, payload={"person": person.pk}, at=at
    )  # fmt: skip
