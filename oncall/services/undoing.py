"""The inverses of making a rota and of publishing its rules (spec site 5): acts of their own, with their own checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.models import PlannedShift, Rota, RotaVersion, ShiftChange
from oncall.services.locking import lock_rota
from oncall.services.rotas import Applying, publish_rota_version, rules_of_version
from portal.core.errors import Conflict, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.models import AuditEntry

SUPERSEDED = "core.undo_superseded"
A_MOMENT = timedelta(seconds=1)


@transaction.atomic
def archive_rota(*, actor: Any, rota: Rota, reason: str = "", at: datetime) -> Rota:
    """Nobody is planned any more and no alert goes here; what was served stays. Idempotent.

    Locks the rota. Raises `NotAllowed` for other than leads.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    if rota.is_archived:
        return rota
    PlannedShift.objects.filter(rota=rota, during__startswith__gte=at).delete()
    for row in RotaVersion.objects.filter(rota=rota, valid__isempty=False):
        first, past = row.valid.lower, row.valid.upper
        if past is None or past > at:
            row.valid = DateTimeTZRange(first, at) if first is None or first < at else DateTimeTZRange(empty=True)
            row.save(update_fields=["valid"])
    rota.is_archived = True
    rota.version += 1
    rota.save(update_fields=["is_archived", "version"])
    cancel_deadlines(actor=actor, subject=subject_of(rota), reason="archived", at=at)
    record_audit(actor=actor, verb="oncall.rota_archived", subject=rota, reason=reason, at=at)
    return rota


def undo_rota_created(*, actor: Any, entry: AuditEntry, at: datetime) -> Rota:
    """The rota goes to the archive; refused once somebody has changed a shift of it."""
    rota = _rota(entry)
    if rota.is_archived:
        raise Conflict(SUPERSEDED, "This rota is archived already.")
    if ShiftChange.objects.filter(rota=rota).exists():
        raise Conflict(SUPERSEDED, "Shifts of this rota were changed since.")
    return archive_rota(actor=actor, rota=rota, reason="taken back", at=at)


@transaction.atomic
def undo_version_published(*, actor: Any, entry: AuditEntry, at: datetime) -> Rota:
    """The rules of before come back as the next version, from now on; whoever is moved within the notice is told.

    Refused when rules were published since, or when there was nothing before.
    """
    rota = lock_rota(_rota(entry))
    versions = RotaVersion.objects.filter(rota=rota).order_by("-number")
    newest, number = versions.first(), entry.after["version"]
    if rota.is_archived or newest is None or newest.number != number:
        raise Conflict(SUPERSEDED, "Rules were published since.")
    before = versions.filter(number__lt=number).first()
    if before is None:
        raise Conflict(SUPERSEDED, "There were no rules before.")
    begins = newest.valid.lower
    rules = replace(rules_of_version(before), ends_at=None, starts_at=max(begins or at, at + A_MOMENT))
    applying = Applying(reason="taken back", told_reason="The rules of before hold again.")
    publish_rota_version(actor=actor, rota=rota, rules=rules, applying=applying, at=at)
    return rota


def _rota(entry: AuditEntry) -> Rota:
    rota = Rota.objects.select_related("team").filter(pk=int(entry.object_id)).first()
    if rota is None:
        raise NotVisible
    return rota
