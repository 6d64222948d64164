"""A ticket out of an incident: what lies upstream is taken from its alerts (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.failure_kinds import UPSTREAM, FailureKind
from oncall.queries.incidents import upstream_edges
from oncall.queries.tickets import nearest_team
from oncall.services.moving import note_event
from oncall.services.tickets import Asking, open_upstream_ticket
from ownership.models import Asset
from ownership.queries.parties import owning_team

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Incident, UpstreamTicket

PROBLEMS = {
    FailureKind.MISSING_DATA: "missing_data", FailureKind.SCHEMA_CHANGE: "schema_change",
    FailureKind.QUALITY: "quality", FailureKind.LATE: "late",
}  # fmt: skip


def ticket_upstream(*, actor: Any, incident: Incident, at: datetime, insist: bool = False) -> UpstreamTicket | None:
    """Ask upstream if the failure comes from there; `insist` asks whatever the kind. None if nothing is known.

    The incident is locked by the caller. Idempotent: a live ticket is returned.
    """
    if not insist and incident.failure_kind not in UPSTREAM:
        return None
    upstream = upstream_of(incident, at)
    if upstream is None:
        return None
    problem = PROBLEMS.get(FailureKind(incident.failure_kind), "missing_data")
    teams = sorted({each["team"] for each in incident.decision.get("verdicts", []) if each["team"]})
    root = incident.root_asset.slug if incident.root_asset is not None else ""
    asking = Asking(
        problem, f"{upstream.name}: {incident.title}"[:300], upstream, incident=incident, asking_team=incident.team,
        evidence={"incident": incident.number, "asset": root, "since": incident.opened_at.isoformat(), "teams": teams},
    )  # fmt: skip
    known = incident.tickets.filter(state__in=["open", "unblocked"]).exists()
    ticket = open_upstream_ticket(actor=actor, asking=asking, at=at)
    if not known:
        note_event(actor=actor, incident=incident, kind="ticketed", data={"ticket": ticket.number}, at=at)
    return ticket


def ticket_while_held(*, incident: Incident, at: datetime) -> UpstreamTicket | None:
    """Nobody is woken, so nobody could ask: the house asks upstream at once, if it lies there and has an owner."""
    upstream = upstream_of(incident, at) if incident.failure_kind in UPSTREAM else None
    if upstream is None or (owning_team([upstream.pk], at)[upstream.pk] or nearest_team(upstream, at)) is None:
        return None
    return ticket_upstream(actor=None, incident=incident, at=at)


def upstream_of(incident: Incident, at: datetime) -> Asset | None:
    """The upstream asset that a signal named, else the only one that the root reads from and another team owns."""
    alert = incident.alerts.filter(upstream_asset__isnull=False).select_related("upstream_asset").first()
    if alert is not None:
        return alert.upstream_asset
    if incident.root_asset_id is None:
        return None
    above = upstream_edges([incident.root_asset_id], hops=1).get(incident.root_asset_id, set())
    teams = owning_team(sorted(above), at)
    foreign = [pk for pk, team in teams.items() if team is not None and team.pk != incident.team_id]
    return Asset.objects.get(pk=foreign[0]) if len(foreign) == 1 else None
