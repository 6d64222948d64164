"""One change of an incident, always the same way: lock, table, row, event, audit (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Max

from oncall.domain.incident_states import STATE_WORDS, State, may_move
from oncall.models import Incident, IncidentEvent
from oncall.policies import can_answer, incidents_visible_to
from portal.core.errors import Conflict, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

GROUPING_LOCK = 0x4F4E_4341_4C4C  # one number for the whole room; nothing else uses it


@dataclass(frozen=True)
class Move:
    """Where to, the kind of its event and audit verb `oncall.incident_<kind>`, and the columns that go with it."""

    target: State
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def lock_grouping() -> None:
    """One alert at a time finds its incident; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GROUPING_LOCK])


def locked(*, actor: Any, incident: Incident, at: datetime) -> Incident:
    """The incident under a row lock, for somebody who may answer it; the system (None) may always.

    Raises `NotVisible` or `NotAllowed`.
    """
    rows = Incident.objects.all() if actor is None else incidents_visible_to(actor)
    found = (
        rows.select_for_update(of=("self",)).select_related("root_asset", "team", "rota").filter(pk=incident.pk).first()
    )
    if found is None:
        raise NotVisible
    if actor is not None:
        require(can_answer(actor, found, at))
    return found


def move(*, actor: Any, incident: Incident, step: Move, at: datetime) -> Incident:
    """Make the move of a locked incident. Raises `Conflict` `oncall.bad_transition`; nothing is written then."""
    if not may_move(incident.state, step.target):
        words = f"{incident.number} is {STATE_WORDS[State(incident.state)]}; it cannot be {STATE_WORDS[step.target]}."
        raise Conflict("oncall.bad_transition", words, state=incident.state)
    before = incident.state
    incident.state = step.target.value
    incident.version += 1
    for name, value in step.columns.items():
        setattr(incident, name, value)
    incident.save(update_fields=["state", "version", *step.columns])
    note_event(actor=actor, incident=incident, kind=step.kind, states=(before, incident.state), data=step.data, at=at)
    record_audit(
        actor=actor, verb=f"oncall.incident_{step.kind}", subject=incident, before={"state": before},
        after={"state": incident.state} | step.data, reason=step.reason, at=at,
        compartment=incident.number if incident.is_private else "",
    )  # fmt: skip
    return incident


def note_event(
    *,
    actor: Any,
    incident: Incident,
    kind: str,
    states: tuple[str, str] = ("", ""),
    data: dict[str, Any] | None = None,
    at: datetime,
) -> IncidentEvent:
    """The next line of the timeline of a locked incident."""
    last = IncidentEvent.objects.filter(incident=incident).aggregate(last=Max("seq"))["last"] or 0
    return IncidentEvent.objects.create(
        incident=incident, seq=last + 1, kind=kind, from_state=states[0], to_state=states[1], actor=actor, at=at,
        data=data or {},
    )  # fmt: skip
