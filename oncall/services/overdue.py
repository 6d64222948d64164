"""A ticket that is overdue takes its incident up again: nobody upstream has moved (spec oncall 6, the table)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.domain.incident_states import State
from oncall.models import Incident
from oncall.services.moving import Move, move
from oncall.services.opening import act_or_hold, judge, take_decision
from oncall.services.runs import subject
from portal.engine.services.arming import cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import UpstreamTicket

WAITING = (State.ASLEEP, State.WAITING_UPSTREAM)
WAKE_KIND = "oncall.wake"


def take_up_again(*, ticket: UpstreamTicket, asked_at: datetime, at: datetime) -> datetime | None:
    """Trigger the incident that sleeps or waits for this ticket, as the agreements said at `asked_at`.

    Returns the instant at which to ask again where they say that it waits; None when there is nothing left to do.
    Inside the transaction of the deadline.
    """
    rows = Incident.objects.select_for_update(of=("self",)).select_related("root_asset", "team", "rota")
    incident = rows.filter(pk=ticket.incident_id or 0, state__in=WAITING).first()
    if incident is None:
        return None
    judged = judge(asset=incident.root_asset, team=incident.team, at=asked_at)
    if judged.act_at > at:
        return judged.act_at
    take_decision(incident, judged)
    cancel_deadlines(actor=None, subject=subject(incident), kinds=[WAKE_KIND], reason="ticket overdue", at=at)
    columns = {"wake_at": None, "acknowledged_by": None, "acknowledged_at": None, "triggered_at": at}
    step = Move(State.TRIGGERED, "overdue", {"ticket": ticket.number}, columns)
    move(actor=None, incident=incident, step=step, at=at)
    act_or_hold(incident=incident, at=at)
    return None
