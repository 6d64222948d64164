"""Pre-checks: what they last said, what a failed one starts, and the refusal of a run (spec oncall 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.failure_kinds import BY_SOURCE
from oncall.domain.signals import FIRING, RESOLVED, Signal
from oncall.models import PreCheck, PreCheckResult
from oncall.models.upstream import CHECKS
from oncall.policies import can_work_in
from oncall.queries.tickets import nearest_team
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.expecting import team_of
from oncall.services.moving import note_event
from oncall.services.tickets import Asking, open_upstream_ticket
from ownership.queries.parties import owning_team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oncall.models import Alert
    from ownership.models import Asset

SOURCE = "pre_check"
LONGEST_DETAIL = 500


@dataclass(frozen=True)
class Checking:
    """What is to be checked of an upstream asset before its consumer runs."""

    upstream: Asset
    consumer: Asset
    kind: str
    params: Mapping[str, Any]
    on_unreachable: str = "open"
    opens_ticket: bool = True


@transaction.atomic
def create_precheck(*, actor: Any, checking: Checking, at: datetime) -> PreCheck:
    """Write down a check; its results come by the API. Raises `NotAllowed`, `DomainError`, `Conflict`."""
    require(can_work_in(actor, team_of(checking.consumer, at), at))
    if checking.kind not in CHECKS:
        raise DomainError("oncall.unknown_check", f"A check is one of {', '.join(CHECKS)}.", "kind")
    if checking.on_unreachable not in ("open", "closed"):
        raise DomainError("oncall.bad_unreachable", "Without an answer the run is open or closed.", "on_unreachable")
    if checking.upstream.pk == checking.consumer.pk:
        raise DomainError("oncall.same_asset", "A check is on an asset upstream of the one that runs.", "upstream")
    live = PreCheck.objects.filter(
        upstream_asset=checking.upstream, consumer_asset=checking.consumer, kind=checking.kind, is_paused=False
    )
    if live.exists():
        raise Conflict("oncall.check_exists", "This check is there already.")
    made = PreCheck.objects.create(
        upstream_asset=checking.upstream, consumer_asset=checking.consumer, kind=checking.kind,
        params=dict(checking.params), on_unreachable=checking.on_unreachable, opens_ticket=checking.opens_ticket,
    )  # fmt: skip
    record_audit(actor=actor, verb="oncall.precheck_made", subject=made, after={"kind": made.kind}, at=at)
    return made


@transaction.atomic
def record_check(*, actor: Any, pre_check: PreCheck, ok: bool, detail: str = "", at: datetime) -> PreCheckResult:
    """What the check said. A failed one is an alert on the consumer naming the upstream asset, and opens the ticket.

    While it is paused its word is kept and starts nothing. Raises `NotAllowed`.
    """
    rows = PreCheck.objects.select_for_update(of=("self",)).select_related("upstream_asset", "consumer_asset")
    standing = rows.get(pk=pre_check.pk)
    if actor is not None:
        require(can_work_in(actor, team_of(standing.consumer_asset, at), at))
    result = PreCheckResult.objects.create(pre_check=standing, at=at, ok=ok, detail=detail[:LONGEST_DETAIL])
    was_ok = standing.last_ok
    standing.last_at, standing.last_ok, standing.last_detail = at, ok, detail[:LONGEST_DETAIL]
    standing.save(update_fields=["last_at", "last_ok", "last_detail"])
    if standing.is_paused:
        return result
    if not ok:
        _failed(actor, standing, detail, at)
    elif was_ok is False:
        receive_alert(arrival=_arrival(standing, RESOLVED, "", at), at=at)
    return result


@transaction.atomic
def pause_precheck(*, actor: Any, pre_check: PreCheck, is_paused: bool, at: datetime) -> PreCheck:
    """Stop asking it before a run, or ask it again. What it fired is over while it is paused. Idempotent.

    Raises `NotAllowed`, `Conflict` `oncall.check_exists` if another one has taken its place.
    """
    rows = PreCheck.objects.select_for_update(of=("self",)).select_related("upstream_asset", "consumer_asset")
    standing = rows.get(pk=pre_check.pk)
    require(can_work_in(actor, team_of(standing.consumer_asset, at), at))
    if standing.is_paused == is_paused:
        return standing
    twin = PreCheck.objects.filter(
        upstream_asset=standing.upstream_asset, consumer_asset=standing.consumer_asset, kind=standing.kind,
        is_paused=False,
    )  # fmt: skip
    if not is_paused and twin.exists():
        raise Conflict("oncall.check_exists", "Such a check runs already. Pause that one first.")
    standing.is_paused, standing.version = is_paused, standing.version + 1
    standing.save(update_fields=["is_paused", "version"])
    if is_paused and standing.last_ok is False:
        receive_alert(arrival=_arrival(standing, RESOLVED, "", at), at=at)
    record_audit(actor=actor, verb="oncall.precheck_paused", subject=standing, after={"is_paused": is_paused}, at=at)
    return standing


def evaluate(consumer: Asset, at: datetime) -> dict[str, Any]:
    """Whether the consumer may run, from stored results alone, with the age of each; writes nothing."""
    rows = PreCheck.objects.filter(consumer_asset=consumer, is_paused=False).select_related("upstream_asset")
    checks = [
        {
            "id": row.pk, "upstream": row.upstream_asset.slug, "kind": row.kind, "ok": row.last_ok,
            "detail": row.last_detail, "on_unreachable": row.on_unreachable,
            "age_seconds": int((at - row.last_at).total_seconds()) if row.last_at else None,
        }
        for row in rows.order_by("pk")
    ]  # fmt: skip
    failed = [each for each in checks if each["ok"] is False]
    silent = [each for each in checks if each["ok"] is None and each["on_unreachable"] == "closed"]
    return {"ok": not failed and not silent, "failed": failed + silent, "checks": checks}


def _failed(actor: Any, check: PreCheck, detail: str, at: datetime) -> None:
    title = f"{check.upstream_asset.name}: {check.kind.replace('_', ' ')} failed before {check.consumer_asset.name}"
    alert = receive_alert(arrival=_arrival(check, FIRING, title, at, detail), at=at)
    upstream = check.upstream_asset
    if check.opens_ticket and (owning_team([upstream.pk], at)[upstream.pk] or nearest_team(upstream, at)) is not None:
        _ticket(actor, check, alert, title, detail, at)


def _ticket(actor: Any, check: PreCheck, alert: Alert, title: str, detail: str, at: datetime) -> None:
    team = team_of(check.consumer_asset, at)
    problem = "schema_change" if BY_SOURCE[check.kind] == "schema_change" else "missing_data"
    incident = alert.incident
    asking = Asking(
        problem, title[:300], check.upstream_asset, incident=incident, pre_check=check, asking_team=team,
        evidence={"check": check.kind, "detail": detail[:LONGEST_DETAIL], "since": at.isoformat(),
                  "consumer": check.consumer_asset.slug, "teams": [team.name]},
    )  # fmt: skip
    known = check.tickets.filter(state__in=["open", "unblocked"]).exists()
    ticket = open_upstream_ticket(actor=actor, asking=asking, at=at)
    if incident is not None and not known:
        note_event(actor=actor, incident=incident, kind="ticketed", data={"ticket": ticket.number}, at=at)


def _arrival(check: PreCheck, status: str, title: str, at: datetime, detail: str = "") -> Arrival:
    signal = Signal(f"pre_check:{check.pk}", status, title[:300] or f"check {check.pk}", detail[:LONGEST_DETAIL])
    return Arrival(
        signal, SOURCE, team_of(check.consumer_asset, at), check.consumer_asset, check.upstream_asset,
        kind_source=check.kind,
    )  # fmt: skip
