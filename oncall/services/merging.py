"""Two incidents that are one, and one that is two (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.incident_states import State
from oncall.models import Alert, Incident
from oncall.services.moving import Move, lock_grouping, locked, move, note_event
from oncall.services.opening import Opening, open_incident
from oncall.services.runs import stop_run, subject
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit
from portal.engine.services.arming import cancel_deadlines
from portal.engine.services.notices import settle_notices

if TYPE_CHECKING:
    from datetime import datetime


def merge_into(*, actor: Any, incident: Incident, survivor: Incident, at: datetime) -> Incident:
    """End a locked incident in another one: its alerts move, its ladder stops, its pages are settled."""
    Alert.objects.filter(incident=incident).update(incident=survivor)
    stop_run(incident=incident, reason="merged", at=at, actor=actor)
    cancel_deadlines(actor=actor, subject=subject(incident), reason="merged", at=at)
    settle_notices(actor=actor, subject=subject(incident), reason=f"merged into {survivor.number}", at=at)
    step = Move(State.MERGED, "merged", {"into": survivor.number}, {"merged_into": survivor})
    move(actor=actor, incident=incident, step=step, at=at)
    note_event(actor=actor, incident=survivor, kind="took_over", data={"from": incident.number}, at=at)
    return incident


@transaction.atomic
def merge_incidents(*, actor: Any, incident: Incident, survivor: Incident, at: datetime) -> Incident:
    """A person says that two open incidents are one. Raises `Conflict` `oncall.bad_transition` for a closed one."""
    lock_grouping()
    if incident.pk == survivor.pk:
        raise DomainError("oncall.same_incident", "An incident cannot be merged into itself.", "into")
    first, second = sorted((incident, survivor), key=lambda row: row.pk)
    rows = {row.pk: locked(actor=actor, incident=row, at=at) for row in (first, second)}
    if not rows[survivor.pk].is_open:
        raise Conflict("oncall.bad_transition", f"{survivor.number} is closed. Merge into an open incident.")
    merge_into(actor=actor, incident=rows[incident.pk], survivor=rows[survivor.pk], at=at)
    return rows[survivor.pk]


@transaction.atomic
def split_incident(*, actor: Any, incident: Incident, alert: Alert, at: datetime) -> Incident:
    """Take one alert out into an incident of its own: the grouping was wrong. The last alert stays."""
    lock_grouping()
    standing = locked(actor=actor, incident=incident, at=at)
    own = standing.alerts.select_related("asset").filter(pk=alert.pk).first()
    if own is None or standing.alerts.count() == 1:
        raise Conflict("oncall.nothing_to_split", "Only one of several alerts can be split off.")
    opening = Opening(own.title, own.asset, standing.team, own.failure_kind, own.detail[:1000], standing.is_private)
    made = open_incident(actor=actor, opening=opening, at=at)
    own.incident = made
    own.save(update_fields=["incident"])
    note_event(actor=actor, incident=standing, kind="split", data={"to": made.number}, at=at)
    record_audit(actor=actor, verb="oncall.incident_split", subject=standing, after={"to": made.number},
                 compartment=standing.compartment, at=at)  # fmt: skip
    return made
