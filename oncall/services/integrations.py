"""The doors by which other systems report, and what is done with what they say (spec oncall 7, security 7)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.signals import ACKNOWLEDGED, Signal, parse
from oncall.models import Alert, Integration
from oncall.models.inbound import KINDS
from oncall.policies import can_work_in
from oncall.queries.naming import assets_named
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.moving import note_event
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.models import EngineInbound
from portal.engine.services.enqueueing import enqueue_job
from portal.engine.services.inbound import MAX_TRIES, receive_inbound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Team

JOB_KIND = "oncall.receive_alert"
SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$")
LONGEST_NAME, MOST_MAPPING = 80, 200
STORM_KEY = "alert-storm"


@transaction.atomic
def create_integration(
    *, actor: Any, team: Team, kind: str, slug: str, name: str = "", mapping: Mapping[str, Any] | None = None,
    at: datetime,
) -> tuple[Integration, str]:  # fmt: skip
    """A new door, with its secret, which is shown once: a bearer token, a routing key, or `whsec_` for `generic`.

    Raises `NotAllowed`, `DomainError` with the field, `Conflict` `oncall.slug_taken`.
    """
    require(can_work_in(actor, team, at))
    if kind not in KINDS:
        raise DomainError("oncall.unknown_integration", f"A kind is one of {', '.join(KINDS)}.", "kind")
    if not SLUG.fullmatch(slug):
        raise DomainError("oncall.bad_slug", "3 to 60 small letters, digits and hyphens.", "slug")
    if Integration.objects.filter(slug=slug).exists():
        raise Conflict("oncall.slug_taken", f"There is an integration called {slug}.", "slug")
    secret = new_secret(kind)
    made = Integration.objects.create(
        team=team, kind=kind, slug=slug, name=(name.strip() or slug)[:LONGEST_NAME], token_hash=hash_secret(secret),
        secret=secret if kind == "generic" else "", mapping=checked_mapping(mapping or {}), created_by=actor,
        created_at=at,
    )  # fmt: skip
    record_audit(actor=actor, verb="oncall.integration_made", subject=made, after={"kind": kind, "slug": slug}, at=at)
    return made, secret


@transaction.atomic
def rotate_integration(*, actor: Any, integration: Integration, at: datetime) -> tuple[Integration, str]:
    """A new secret at once; the old one opens nothing any more."""
    standing = _locked(integration)
    require(can_work_in(actor, standing.team, at))
    secret = new_secret(standing.kind)
    standing.token_hash = hash_secret(secret)
    standing.secret = secret if standing.kind == "generic" else ""
    standing.version += 1
    standing.save(update_fields=["token_hash", "secret", "version"])
    record_audit(actor=actor, verb="oncall.integration_rotated", subject=standing, at=at)
    return standing, secret


@transaction.atomic
def change_integration(
    *, actor: Any, integration: Integration, mapping: Mapping[str, Any] | None = None, is_active: bool | None = None,
    at: datetime,
) -> Integration:  # fmt: skip
    """Another mapping of names to assets, or closed and opened again."""
    standing = _locked(integration)
    require(can_work_in(actor, standing.team, at))
    if mapping is not None:
        standing.mapping = checked_mapping(mapping)
    if is_active is not None:
        standing.is_active = is_active
    standing.version += 1
    standing.save(update_fields=["mapping", "is_active", "version"])
    after = {"is_active": standing.is_active, "mapping": sorted(standing.mapping)}
    record_audit(actor=actor, verb="oncall.integration_changed", subject=standing, after=after, at=at)
    return standing


@transaction.atomic
def name_asset(*, actor: Any, integration: Integration, name: str, asset: Asset, at: datetime) -> Integration:
    """Say which asset a name of the sender means; later messages find it. Raises `NotAllowed`, `DomainError`."""
    standing = _locked(integration)
    if not name.strip():
        raise DomainError("oncall.bad_mapping", "Say which name it is.", "name")
    renamed = dict(standing.mapping.get("assets", {})) | {name.strip(): asset.slug}
    mapping = standing.mapping | {"assets": renamed}
    return change_integration(actor=actor, integration=standing, mapping=mapping, at=at)


@transaction.atomic
def accept_message(
    *, integration: Integration, message_id: str, body: Mapping[str, Any], at: datetime
) -> tuple[int, list[str]]:
    """Store a message and the job that reads it, in one transaction; a replay has no effect.

    Returns the stored id and the keys of its signals. Raises `DomainError` `oncall.bad_signal` for a body that cannot
    be read: nothing is stored then.
    """
    signals = parse(integration.kind, body, integration.mapping)
    stored = dict(body)
    if integration.kind == "pagerduty":
        stored = {name: value for name, value in body.items() if name != "routing_key"}
        stored["dedup_key"] = signals[0].dedup_key
    pk, is_new = receive_inbound(source=source_of(integration), message_id=message_id, body=stored, at=at)
    if is_new:
        Integration.objects.filter(pk=integration.pk).update(last_seen_at=at)
        enqueue_job(actor=None, kind=JOB_KIND, args={"message": pk}, unique_key=f"{JOB_KIND}:{pk}", at=at)
    return pk, [signal.dedup_key for signal in signals]


@transaction.atomic
def read_message(*, message_id: int, at: datetime) -> int:
    """Make alerts of one stored message; a second run finds it done. Returns how many signals it held."""
    message = EngineInbound.objects.select_for_update().filter(pk=message_id, state="new").first()
    if message is None:
        return 0
    integration = Integration.objects.select_related("team").filter(slug=message.source.partition(":")[2]).first()
    if integration is None:
        message.state, message.error = "failed", "the integration is gone"
        message.save(update_fields=["state", "error"])
        return 0
    signals = parse(integration.kind, message.body, integration.mapping)
    for signal in signals:
        receive_signal(integration=integration, signal=signal, at=at)
    message.state = "done"
    message.save(update_fields=["state"])
    return len(signals)


def receive_signal(*, integration: Integration, signal: Signal, at: datetime) -> Alert | None:
    """One signal of an integration: its asset by name, its incident by lineage; an unknown asset is the team's."""
    if signal.status == ACKNOWLEDGED:
        return _acknowledged_there(integration, signal, at)
    asset = assets_named(signal.names)
    arrival = Arrival(
        signal, integration.slug, integration.team, asset, integration=integration, kind_source=integration.kind
    )  # fmt: skip
    return receive_alert(arrival=arrival, at=at)


@transaction.atomic
def count_storm(*, integration: Integration, at: datetime) -> Alert:
    """More than the door takes: one incident for the storm, its alert counted, never silence."""
    signal = Signal(f"{STORM_KEY}:{integration.slug}", "firing", f"Alert storm from {integration.name}",
                    "More messages than this integration takes; the rest were turned away.")  # fmt: skip
    arrival = Arrival(signal, "storm", integration.team, None, integration=integration, failure_kind="infra")
    return receive_alert(arrival=arrival, at=at)


def note_failure(*, message_id: int, error: str) -> None:
    """A message that could not be read is tried five times, then kept as failed."""
    message = EngineInbound.objects.filter(pk=message_id, state="new").first()
    if message is not None:
        message.tries += 1
        message.error = error[:500]
        message.state = "failed" if message.tries >= MAX_TRIES else "new"
        message.save(update_fields=["tries", "error", "state"])


def source_of(integration: Integration) -> str:
    """The name of the integration's messages in the engine's one inbox."""
    return f"oncall:{integration.slug}"


def new_secret(kind: str) -> str:
    """A secret for a door: 32 random bytes; PagerDuty clients want a short routing key."""
    if kind == "generic":
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_hex(16) if kind == "pagerduty" else f"hwi_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> str:
    """How the secret of a door is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def opens(integration: Integration, secret: str) -> bool:
    """Whether this is the door's secret, compared in constant time."""
    return hmac.compare_digest(integration.token_hash, hash_secret(secret))


def checked_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """`asset_label`, `assets` (their name: our slug) and, for `generic`, dotted paths. Raises `DomainError`."""
    if len(mapping) > MOST_MAPPING or any(not isinstance(name, str) for name in mapping):
        raise DomainError("oncall.bad_mapping", f"At most {MOST_MAPPING} names.", "mapping")
    for name, value in mapping.items():
        fits = isinstance(value, dict) if name == "assets" else isinstance(value, str)
        if not fits:
            raise DomainError("oncall.bad_mapping", f"{name[:40]} is no text.", "mapping")
    return dict(mapping)


def _acknowledged_there(integration: Integration, signal: Signal, at: datetime) -> Alert | None:
    """Somebody acknowledged it in the other system: noted; whoever is paged here still decides here."""
    rows = Alert.objects.filter(source=integration.slug, dedup_key=signal.dedup_key, status="firing")
    alert = rows.select_related("incident").first()
    if alert is not None and alert.incident is not None:
        note_event(actor=None, incident=alert.incident, kind="noted_elsewhere", data={"alert": alert.pk}, at=at)
    return alert


def _locked(integration: Integration) -> Integration:
    return Integration.objects.select_for_update(of=("self",)).select_related("team").get(pk=integration.pk)
