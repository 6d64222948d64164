"""One signal finds its alert, and the alert its incident, under one lock (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.failure_kinds import failure_kind
from oncall.domain.grouping import Failing, groups_of, root_of
from oncall.domain.incident_states import State
from oncall.domain.signals import RESOLVED, Signal
from oncall.models import Alert, Incident, Integration
from oncall.queries.failure_rules import kind_by_rule
from oncall.queries.incidents import REOPENS_WITHIN, joinable_groups, upstream_edges
from oncall.queries.quiet import suppression_of
from oncall.services.merging import merge_into
from oncall.services.moving import Move, lock_grouping, move, note_event
from oncall.services.opening import Opening, act_or_hold, go_on_failing, judge, open_incident, rejudge
from oncall.services.runs import start_run, subject
from oncall.services.telling import tell_affected
from oncall.services.ticketing import ticket_while_held
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Team

RECOVERED_KIND = "oncall.recovered"
RECOVERS_AFTER = timedelta(minutes=5)
LATE = "late"
# A check says itself whether it asks upstream.
CHECKED = "pre_check"


@dataclass(frozen=True)
class Arrival:
    """A signal with where it came from and what it is about; `team` answers if the asset is unknown or unowned."""

    signal: Signal
    source: str
    team: Team
    asset: Asset | None = None
    upstream_asset: Asset | None = None
    integration: Integration | None = None
    kind_source: str = ""
    failure_kind: str = ""
    actor: Any = None
    is_private: bool = False


@transaction.atomic
def receive_alert(*, arrival: Arrival, at: datetime) -> Alert:
    """Take a signal: the same key while it fires is the same alert; a new one joins or opens an incident.

    Alert, incident, events, run, first notice and deadlines are one transaction under the grouping lock. A signal
    older than what the source has said since is stored and changes nothing (spec H32). Idempotent for a repeat.
    """
    lock_grouping()
    known = Alert.objects.filter(source=arrival.source, dedup_key=arrival.signal.dedup_key)
    newest = known.select_for_update(of=("self",)).order_by("-last_at", "-pk").first()
    if arrival.signal.status == RESOLVED:
        return _resolved(arrival, newest, at)
    if newest is not None and newest.status == "firing":
        return _again(newest, arrival, at)
    if newest is not None and _is_older(arrival.signal, newest):
        return _store(arrival, at, is_late=True)
    alert = _store(arrival, at)
    hidden = suppression_of(alert, at)
    if hidden:
        alert.suppressed_by = hidden
        alert.save(update_fields=["suppressed_by"])
        return alert
    place_alert(alert=alert, before=newest, arrival=arrival, at=at)
    return alert


def place_alert(*, alert: Alert, before: Alert | None, arrival: Arrival, at: datetime) -> Incident:
    """Find the incident of a firing alert: the one it belonged to, one on its lineage, or a new one.

    What is private joins nothing, and nothing joins it.
    """
    former = _reopenable(before, at)
    if former is not None:
        return _reopen(former, alert, at)
    if alert.asset is None or arrival.is_private:
        return _open(alert, arrival, at)
    failing = Failing(alert.asset.pk, alert.first_at, alert.run)
    groups = joinable_groups(at)
    edges = upstream_edges({alert.asset.pk} | {each.asset for group in groups for each in group.alerts})
    fitting = groups_of(failing, groups, edges)
    if not fitting:
        return _open(alert, arrival, at)
    incidents = Incident.objects.select_for_update(of=("self",)).select_related("root_asset", "team", "rota")
    rows = incidents.in_bulk([group.incident for group in fitting])
    survivor, *others = [rows[group.incident] for group in fitting]
    for other in others:
        merge_into(actor=None, incident=other, survivor=survivor, at=at)
    members = [each for group in fitting for each in group.alerts]
    _join(survivor, alert, root_of([*members, failing], edges), at)
    return survivor


def recover(*, incident: Incident, at: datetime) -> bool:
    """All alerts have been quiet for five minutes: the incident is over. The incident is locked by the caller."""
    if not incident.is_open or incident.alerts.filter(status="firing").exists() or not incident.alerts.exists():
        return False
    columns = {"resolved_at": at, "cause": "recovered"}
    move(actor=None, incident=incident, step=Move(State.RESOLVED, "resolved", columns=columns), at=at)
    return True


def _resolved(arrival: Arrival, newest: Alert | None, at: datetime) -> Alert:
    if newest is None or newest.status != "firing":
        return _store(arrival, at)
    if arrival.signal.at is not None and newest.source_at is not None and arrival.signal.at < newest.source_at:
        return newest
    newest.status, newest.resolved_at, newest.last_at = "resolved", at, at
    newest.source_at = arrival.signal.at or newest.source_at
    newest.save(update_fields=["status", "resolved_at", "last_at", "source_at"])
    incident = Incident.objects.select_for_update().filter(pk=newest.incident_id or 0).first()
    if incident is not None and incident.is_open and not incident.alerts.filter(status="firing").exists():
        note_event(actor=None, incident=incident, kind="quiet", data={"alert": newest.pk}, at=at)
        arm_deadline(
            actor=None, kind=RECOVERED_KIND, subject=subject(incident), due_at=at + RECOVERS_AFTER, at=at
        )  # fmt: skip
    return newest


def _again(alert: Alert, arrival: Arrival, at: datetime) -> Alert:
    alert.count += 1
    alert.last_at = at
    alert.source_at = max(filter(None, (alert.source_at, arrival.signal.at)), default=None)
    alert.save(update_fields=["count", "last_at", "source_at"])
    return alert


def _is_older(signal: Signal, newest: Alert) -> bool:
    return signal.at is not None and newest.source_at is not None and signal.at < newest.source_at


def _store(arrival: Arrival, at: datetime, *, is_late: bool = False) -> Alert:
    """The row; a resolve without its trigger, and a trigger that comes after its resolve, are kept as resolved."""
    signal = arrival.signal
    is_over = is_late or signal.status == RESOLVED
    text = f"{signal.title} {signal.detail}"
    return Alert.objects.create(
        integration=arrival.integration, source=arrival.source, dedup_key=signal.dedup_key, team=arrival.team,
        asset=arrival.asset, upstream_asset=arrival.upstream_asset, status="resolved" if is_over else "firing",
        title=signal.title,
        failure_kind=arrival.failure_kind
        or kind_by_rule(arrival.team, text)
        or failure_kind(arrival.kind_source or arrival.source, text),
        detail=signal.detail, url=signal.url, run=signal.run, payload=_facts(arrival), first_at=at, last_at=at,
        source_at=signal.at, resolved_at=at if is_over else None, suppressed_by=LATE if is_late else "",
    )  # fmt: skip


def _facts(arrival: Arrival) -> dict[str, Any]:
    """What the source said; of an asset nobody knows also what it was called, so that somebody can say which it is."""
    unknown = {"names": list(arrival.signal.names)} if arrival.asset is None and arrival.signal.names else {}
    return dict(arrival.signal.facts) | unknown


def _reopenable(before: Alert | None, at: datetime) -> Incident | None:
    """The incident this key belonged to: still open, or resolved less than 30 minutes ago."""
    if before is None or before.incident_id is None:
        return None
    found = Incident.objects.select_for_update(of=("self",)).select_related("root_asset", "team", "rota").get(
        pk=before.incident_id
    )  # fmt: skip
    if found.state == State.MERGED and found.merged_into_id is not None:
        found = Incident.objects.select_for_update(of=("self",)).select_related("root_asset", "team", "rota").get(
            pk=found.merged_into_id
        )  # fmt: skip
    is_fresh = found.resolved_at is not None and at - found.resolved_at <= REOPENS_WITHIN
    return found if found.is_open or (found.state == State.RESOLVED and is_fresh) else None


def _reopen(incident: Incident, alert: Alert, at: datetime) -> Incident:
    alert.incident = incident
    alert.save(update_fields=["incident"])
    cancel_deadlines(actor=None, subject=subject(incident), kinds=[RECOVERED_KIND], reason="it fires again", at=at)
    if incident.is_open:
        note_event(actor=None, incident=incident, kind="fires_again", data={"alert": alert.pk}, at=at)
        go_on_failing(incident=incident, at=at)
        return incident
    judged = judge(asset=incident.root_asset, team=incident.team, at=at)
    is_now = judged.act_at <= at
    columns = {
        "resolved_at": None, "resolved_by": None, "cause": "", "close_reason": "", "decision": judged.decision,
        "act_at": judged.act_at, "page_at": judged.page_at, "fix_by": judged.fix_by, "acknowledged_by": None,
        "acknowledged_at": None, "triggered_at": at if is_now else None,
    }  # fmt: skip
    target = State.TRIGGERED if is_now else State.HELD
    move(actor=None, incident=incident, step=Move(target, "reopened", columns=columns), at=at)
    act_or_hold(incident=incident, at=at)
    return incident


def _open(alert: Alert, arrival: Arrival, at: datetime) -> Incident:
    opening = Opening(
        alert.title, alert.asset, arrival.team, alert.failure_kind, alert.detail[:1000], arrival.is_private
    )  # fmt: skip
    incident = open_incident(actor=arrival.actor, opening=opening, at=at)
    alert.incident = incident
    alert.save(update_fields=["incident"])
    if incident.state == State.HELD and arrival.source != CHECKED:
        ticket_while_held(incident=incident, at=at)
    return incident


def _join(incident: Incident, alert: Alert, root: int, at: datetime) -> None:
    """The alert belongs here; a root further up moves the incident to its owner, a stricter word brings it forward."""
    if alert.asset is None:
        return
    alert.incident = incident
    alert.save(update_fields=["incident"])
    cancel_deadlines(actor=None, subject=subject(incident), kinds=[RECOVERED_KIND], reason="another alert", at=at)
    note_event(actor=None, incident=incident, kind="joined", data={"alert": alert.pk, "asset": alert.asset.slug}, at=at)
    told = {person for data in incident.events.filter(kind="paged").values_list("data", flat=True)
            for person in data.get("people", [])}  # fmt: skip
    if root != incident.root_asset_id and root == alert.asset.pk:
        before = incident.root_asset_id
        _reroute(incident, alert, at)
        if before is not None:
            tell_affected(incident=incident, asset_id=before, but=told, at=at)
        go_on_failing(incident=incident, at=at)
        return
    rejudge(incident=incident, asset=alert.asset, at=at)
    go_on_failing(incident=incident, at=at)
    if alert.asset.pk != incident.root_asset_id:
        tell_affected(incident=incident, asset_id=alert.asset.pk, but=told, at=at)


def _reroute(incident: Incident, alert: Alert, at: datetime) -> None:
    """The root is further up: title, owner and decision follow it. Whoever acknowledged keeps it until the new run."""
    judged = judge(asset=alert.asset, team=incident.team, at=at)
    moved = judged.rota != incident.rota or judged.team.pk != incident.team_id
    before = incident.root_asset.slug if incident.root_asset is not None else ""
    incident.root_asset, incident.title, incident.failure_kind = alert.asset, alert.title, alert.failure_kind
    incident.team, incident.rota = judged.team, judged.rota
    incident.decision, incident.fix_by = judged.decision, judged.fix_by
    incident.save(update_fields=["root_asset", "title", "failure_kind", "team", "rota", "decision", "fix_by"])
    data = {"from": before, "to": alert.asset.slug if alert.asset else "", "team": judged.team.slug}
    note_event(actor=None, incident=incident, kind="rerouted", data=data, at=at)
    pages_now = judged.page_at is not None and judged.page_at <= at
    if incident.state == State.HELD and judged.act_at < incident.act_at and alert.asset is not None:
        rejudge(incident=incident, asset=alert.asset, at=at)
    elif moved and pages_now and incident.state != State.HELD:
        if incident.state != State.TRIGGERED:
            columns = {"acknowledged_by": None, "acknowledged_at": None, "wake_at": None, "triggered_at": at}
            move(actor=None, incident=incident, step=Move(State.TRIGGERED, "worse", columns=columns), at=at)
        start_run(incident=incident, at=at)


def resume_suppressed(*, alert: Alert, at: datetime) -> Incident:
    """A silence or maintenance ended while this still fires: now it makes an incident (spec H37)."""
    lock_grouping()
    alert.suppressed_by = ""
    alert.save(update_fields=["suppressed_by"])
    signal = Signal(alert.dedup_key, alert.status, alert.title, alert.detail)
    arrival = Arrival(signal, alert.source, alert.team, alert.asset, integration=alert.integration)
    return place_alert(alert=alert, before=None, arrival=arrival, at=at)
