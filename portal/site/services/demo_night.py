"""Nights of the demo: what was agreed, what broke, who answered; all by the room's services at past instants."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from oncall.domain.escalation_text import to_steps
from oncall.domain.failure_kinds import FailureKind
from oncall.domain.runbooks import to_json
from oncall.domain.signals import FIRING, Signal
from oncall.models import Incident, Rota, Runbook
from oncall.services.agreements import (
    Drafted,
    draft_agreement,
    end_agreement,
    owner_of,
    register_downstream,
    sign_agreement,
)
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.asset_duties import set_asset_duty
from oncall.services.checking import Checking, create_precheck, record_check
from oncall.services.escalating import publish_escalation
from oncall.services.expecting import create_expectation
from oncall.services.failure_rules import keep_failure_rule
from oncall.services.incidents import acknowledge_incident, resolve_incident, wait_for_upstream
from oncall.services.integrations import create_integration
from oncall.services.moving import note_event
from oncall.services.notes import write_shift_note
from oncall.services.quiet import Window, create_maintenance, create_silence
from oncall.services.runbooks import Used, draft_runbook, publish_runbook, record_use
from ownership.models import Asset
from portal.accounts.models import Person, Team
from portal.accounts.services.organization import update_organization
from portal.engine.models import Notice
from portal.engine.services.notices import cancel_queued
from portal.site.demo import night
from requests_queue.models import DataRequest
from requests_queue.services.broken import report_broken

if TYPE_CHECKING:
    from portal.site.demo.night import Broken, Promise

REASON = "demo"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UPSTREAM = "identity.signup_export"


def load_night(*, since: datetime, at: datetime) -> None:
    """Runbooks, agreements, thirteen weeks of incidents, and what goes on now. Inside a transaction."""
    team, lead = Team.objects.get(slug="core-data"), Person.objects.get(handle="ruth")
    assets = {asset.name: asset for asset in Asset.objects.filter(retired_at=None)}
    for name in night.INVESTORS:
        set_asset_duty(actor=None, asset=assets[name], is_investor_facing=True, at=since)
    for name in night.RUNBOOKS:
        _write_runbook(assets[name], since)
    for promise in night.AGREEMENTS:
        _agree(promise, assets[promise.asset], since + DAY, at)
    for n, (steps, repeat) in enumerate(night.LADDERS):
        publish_escalation(actor=lead, team=team, steps=to_steps(steps), repeat=repeat, at=since + n * DAY)
    for broken in night.INCIDENTS:
        _break(broken, assets[broken.asset], team, at)
    _waiting(assets, at)
    _now(assets, team, lead, at)
    _words(team, at)
    update_organization(actor=None, changes={}, fallback=night.FALLBACK, at=since)
    _reported(at)
    quiet = Notice.objects.filter(kind__startswith="oncall.")
    cancel_queued(notice_ids=list(quiet.values_list("pk", flat=True)), reason=REASON, at=at)
    quiet.filter(state="open").update(state="settled", settled_at=at, settled_reason=REASON)


def _write_runbook(asset: Asset, at: datetime) -> None:
    owner = Person.objects.get(handle="ines")
    draft_runbook(actor=None, asset=asset, team=None, issues=to_json(night.RUNBOOKS[asset.name]), at=at)
    version = publish_runbook(actor=None, runbook=Runbook.objects.get(asset=asset, archived_at=None), at=at)
    record_use(actor=owner, version=version, used=Used(0, 0, "worked"), at=at + HOUR)


def _agree(promise: Promise, asset: Asset, signed_at: datetime, at: datetime) -> None:
    team = Team.objects.get(slug=promise.team)
    owner = owner_of(asset, signed_at)
    lead = Person.objects.filter(memberships__team=owner, memberships__role="lead").first()
    reader = Person.objects.filter(memberships__team=team, memberships__role="lead").first()
    agreement = register_downstream(actor=lead, asset=asset, team=team, at=signed_at)
    if promise.terms is None:
        return
    version = draft_agreement(actor=lead, agreement=agreement, drafted=Drafted(promise.terms), at=signed_at)
    for person in (lead, reader):
        sign_agreement(actor=person, agreement=agreement, text_sha256=version.text_sha256, at=signed_at + HOUR)
    if promise.ended:
        end_agreement(actor=None, version=version, reason="its last day is over", at=at - 2 * DAY)


def _break(broken: Broken, asset: Asset, team: Team, at: datetime) -> Incident:
    """Open, taken, resolved; each at its own past instant."""
    began = _instant(broken, at)
    incident = _open(broken, asset, team, began)
    person = Person.objects.get(handle=broken.who)
    if incident.page_at == began:
        said = {"to": [person.name], "people": [person.pk]}
        note_event(actor=None, incident=incident, kind="paged", data=said, at=began)
    acknowledge_incident(actor=person, incident=incident, at=began + 4 * MINUTE)
    ended = began + (4 + broken.minutes) * MINUTE
    incident.refresh_from_db()
    cause = "accepted" if incident.has_woken and broken.cause == "false_alarm" else broken.cause
    resolve_incident(actor=person, incident=incident, cause=cause, note=broken.note, at=ended)
    return incident


def _open(broken: Broken, asset: Asset, team: Team, began: datetime) -> Incident:
    signal = Signal(f"demo:{broken.title}", FIRING, broken.title)
    arrival = Arrival(signal, "demo", team, asset, failure_kind=broken.kind.value)
    alert = receive_alert(arrival=arrival, at=began)
    return Incident.objects.get(pk=alert.incident_id or 0)


def _waiting(assets: dict[str, Asset], at: datetime) -> None:
    """The one that still waits for somebody upstream: found by a check, with its ticket."""
    broken = night.WAITING
    began = _instant(broken, at)
    person = Person.objects.get(handle=broken.who)
    checking = Checking(assets[UPSTREAM], assets[broken.asset], "row_count", {"least": 900_000})
    check = create_precheck(actor=None, checking=checking, at=began - DAY)
    record_check(actor=None, pre_check=check, ok=False, detail="412,008 of about 1.0 M rows", at=began)
    incident = Incident.objects.filter(alerts__source="pre_check").latest("opened_at")
    acknowledge_incident(actor=person, incident=incident, at=began + 5 * MINUTE)
    wait_for_upstream(actor=person, incident=incident, at=began + broken.minutes * MINUTE)


def _now(assets: dict[str, Asset], team: Team, lead: Person, at: datetime) -> None:
    """A silence, maintenance next week, what data is owed, and one door of each kind."""
    kind = FailureKind.QUALITY.value
    create_silence(
        actor=lead, team=team, matcher={"asset": assets[night.ENGAGEMENT].slug, "failure_kind": kind},
        until=at + 2 * DAY, reason="Duplicates are known until the client's release on Thursday", at=at,
    )  # fmt: skip
    begins = datetime.combine((at + 7 * DAY).date(), time(18), UTC)
    window = Window(begins, begins + 3 * HOUR, [assets[night.PROFIT], assets[night.PROFIT_UNIT]])
    create_maintenance(actor=lead, team=team, window=window, reason="The warehouse is upgraded", at=at)
    rota = Rota.objects.get(slug="core-pipelines")
    write_shift_note(actor=Person.objects.get(handle=night.NOTE_BY), rota=rota, text=night.NOTE, at=at - 3 * HOUR)
    for name, rule, zone in night.EXPECTATIONS:
        create_expectation(actor=None, asset=assets[name], rule=rule, zone=zone, at=at)
    for door, slug in night.SAMPLES.items():
        create_integration(actor=lead, team=team, kind=door, slug=slug, name=door.capitalize(), at=at)


def _words(team: Team, at: datetime) -> None:
    """What words of alerts mean, kept some days ago."""
    for n, (handle, phrase, kind) in enumerate(night.WORDS):
        kept_at = at - (n + 2) * DAY
        keep_failure_rule(
            actor=Person.objects.get(handle=handle), team=team, phrase=phrase, failure_kind=kind.value, at=kept_at
        )


def _reported(at: datetime) -> None:
    """An analyst's report stands behind the incident that waits for upstream."""
    handle, title = night.REPORTED
    request = DataRequest.objects.get(title=title)
    report_broken(actor=Person.objects.get(handle=handle), request=request, at=at - HOUR)


def _instant(broken: Broken, at: datetime) -> datetime:
    day = (at - broken.days_ago * DAY).date()
    return datetime.combine(day, time(0), UTC) + broken.hour * HOUR
