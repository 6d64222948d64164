"""What is wrong with data and the incident of the same asset are one story, told on both sides (spec additions)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.queries.incidents import open_incidents
from oncall.services.helping import join_report, report_incident
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from requests_queue.policies import can_file
from requests_queue.services.moving import audit, locked, note_event

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Incident
    from requests_queue.models import DataRequest

ISSUE = "data_issue"
JOINED = "incident"
LONGEST_DETAIL = 2000


def join_open_incident(*, actor: Any, request: DataRequest, at: datetime) -> Incident | None:
    """A new data issue joins the oldest open incident on one of its assets; None where nothing is open.

    Nothing of a private request leaves it, and a private incident is not named. Inside the transaction of filing.
    """
    if request.kind != ISSUE or request.is_private:
        return None
    about = list(request.assets.values_list("asset_id", flat=True))
    open_now = open_incidents(about, actor) if about else []
    found = next((one for one in open_now if not one.is_private), None)
    if found is not None:
        join_report(actor=actor, incident=found, title=request.title, request=request.number, at=at)
        _noted(request, found, at)
    return found


@transaction.atomic
def report_broken(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """Open an incident about the first asset of a data issue, or join the one that has opened since. Idempotent.

    It is judged by what was agreed, as every alert. Raises `NotAllowed`, `Conflict` `requests.not_an_issue`,
    `DomainError` `requests.no_asset`, and what `report_incident` raises.
    """
    require(can_file(actor))
    standing = locked(actor=actor, request=request, version=version)
    if standing.kind != ISSUE or standing.is_private or not standing.is_open:
        message = "Only an open report of wrong data that is not private becomes an incident."
        raise Conflict("requests.not_an_issue", message)
    if standing.events.filter(kind=JOINED).exists():
        return standing
    link = standing.assets.select_related("asset").order_by("pk").first()
    if link is None:
        raise DomainError("requests.no_asset", "It names no asset. Write in a message which one is wrong.", "assets")
    incident = report_incident(
        actor=actor, asset=link.asset, title=standing.title, detail=standing.body[:LONGEST_DETAIL],
        request=standing.number, at=at,
    )  # fmt: skip
    _noted(standing, incident, at)
    audit(actor=actor, verb="requests.incident_opened", request=standing, after={"incident": incident.number}, at=at)
    return standing


def _noted(request: DataRequest, incident: Incident, at: datetime) -> None:
    data = {"incident": incident.number, "title": incident.title}
    note_event(actor=None, request=request, kind=JOINED, data=data, at=at)
