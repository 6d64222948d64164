"""Rest until noon after a broken night: one's own word, and the lead hears when, not why (spec additions, "rest")."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.models import Incident
from oncall.queries.burden import rest_offered
from oncall.services.shift_news import tell_leads
from portal.accounts.domain.vocabulary import AbsenceKind
from portal.accounts.models import Absence
from portal.accounts.services.absences import OVERLAP, apply_steps
from portal.accounts.services.refusing import refusing
from portal.core.errors import Conflict
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person


@transaction.atomic
def rest_until_noon(*, actor: Person, at: datetime) -> Absence:
    """The person is away until their noon; cover follows at once as for any absence, and the lead is told the time.

    Idempotent while the rest lasts. Raises `Conflict` `oncall.no_rest` after a calm night, and what the absence of
    the last one of a rota raises.
    """
    standing = Absence.objects.filter(
        person=actor, kind=AbsenceKind.REST, cancelled_at=None, during__contains=at
    ).first()  # fmt: skip
    if standing is not None:
        return standing
    until = rest_offered(actor, at)
    if until is None:
        raise Conflict("oncall.no_rest", "Rest until noon follows an hour awake at night, or a second broken night.")
    day = at.astimezone(ZoneInfo(actor.zone)).date()
    row = Absence(
        person=actor, during=(at, until), first_on=day, last_on=day, kind=AbsenceKind.REST, entered_by=actor
    )  # fmt: skip
    with refusing(OVERLAP):
        row.save(force_insert=True)
    row.refresh_from_db()
    after = {"first_on": day.isoformat(), "last_on": day.isoformat()}
    record_audit(actor=actor, verb="accounts.absence_entered", subject=row, after=after, at=at)
    apply_steps(row, "created", at)
    _tell(actor, row, until, at)
    return row


def _tell(actor: Person, row: Absence, until: datetime, at: datetime) -> None:
    taken = Incident.objects.filter(acknowledged_by=actor, rota__isnull=False).select_related("rota__team")
    last = taken.order_by("-acknowledged_at").first()
    if last is not None and last.rota is not None:
        here = until.astimezone(ZoneInfo(actor.zone))
        tell_leads(last.rota, f"{actor.name} rests until {here:%H:%M} today.", key=f"rest.{row.pk}", at=at)
