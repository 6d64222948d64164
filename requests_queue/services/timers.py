"""What happens when an instant of a request is reached and nobody has moved (spec additions, waiting for approval)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.models import Deputy
from portal.accounts.queries.teams import leads_of_team, responsible_leads
from requests_queue.domain.states import State
from requests_queue.services.moving import audit, locked, note_event
from requests_queue.services.telling import tell_people

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

APPROVAL_WAITS_NOTICE = "requests.approval_waits"


@transaction.atomic
def remind_approval(*, request: DataRequest, at: datetime) -> bool:
    """After nine counted hours lead, deputies and the leads above hear it, and the timeline says so to the requester.

    Says whether it still waits.
    """
    standing = locked(actor=None, request=request)
    if standing.state != State.AWAITING_APPROVAL:
        return False
    leads = leads_of_team(standing.team, at.date())
    people = {lead.pk for lead in leads}
    people |= set(Deputy.objects.filter(person__in=leads, during__contains=at, ended_at=None).values_list(
        "deputy_id", flat=True
    ))  # fmt: skip
    if standing.team.parent is not None:
        people |= {lead.pk for lead in responsible_leads(standing.team.parent, at.date())}
    key = f"{APPROVAL_WAITS_NOTICE}:{standing.pk}:v{standing.version}"
    tell_people(
        request=standing, people=people, kind=APPROVAL_WAITS_NOTICE, key=key, line="9 working hours have passed", at=at
    )
    note_event(actor=None, request=standing, kind="approval_waits", data={}, at=at)
    audit(actor=None, verb="requests.approval_waits", request=standing, at=at)
    return True
