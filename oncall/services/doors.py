"""Who may come in by a door: the checks before a message is stored, in their order (spec security 7)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from oncall.models import Integration
from oncall.services.integrations import accept_message, count_storm, hash_secret, opens
from portal.core.domain.signatures import verify
from portal.core.errors import DomainError, NotVisible, TooMany
from portal.core.services.rates import take

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MINUTE, BURST = 60, 2
BEATS_A_MINUTE = 60
BEARER = "bearer "


class NotOpened(DomainError):
    """No such door, or not with this key: the two are answered alike."""

    status = 401

    def __init__(self) -> None:
        super().__init__("oncall.not_opened", "This door does not open with that key.")


def find_door(*, kind: str, slug: str) -> Integration:
    """The active integration of this address; raises `NotOpened`."""
    found = Integration.objects.select_related("team").filter(kind=kind, slug=slug, is_active=True).first()
    if found is None:
        raise NotOpened
    return found


def find_by_routing_key(*, body: Any) -> Integration:
    """The PagerDuty door whose routing key the body carries; raises `NotOpened`."""
    key = body.get("routing_key") if isinstance(body, dict) else None
    if not isinstance(key, str) or not key:
        raise NotOpened
    rows = Integration.objects.select_related("team").filter(kind="pagerduty", is_active=True)
    found = rows.filter(token_hash=hash_secret(key)).first()
    if found is None:
        raise NotOpened
    return found


def limit_door(*, integration: Integration, at: datetime) -> None:
    """One bucket a door. Over it the storm becomes one incident and the sender hears when to come back (429)."""
    rate = integration.rate_per_minute
    try:
        take(key=f"inbound:{integration.pk}", capacity=rate * BURST, per_seconds=MINUTE * BURST, at=at)
    except TooMany:
        count_storm(integration=integration, at=at)
        raise


def check_key(*, integration: Integration, headers: Mapping[str, str], raw: bytes, at: datetime) -> str:
    """The message id of an authentic message: a signature for `generic`, a bearer secret or routing key else.

    Raises `NotOpened`. Senders without an id get the hash of what they sent.
    """
    digest = hashlib.sha256(integration.slug.encode() + b"\0" + raw).hexdigest()
    if integration.kind == "generic":
        message_id = headers.get("webhook-id", "")
        stamp, signatures = headers.get("webhook-timestamp", ""), headers.get("webhook-signature", "")
        if not message_id or not verify([integration.secret], message_id, stamp, signatures, raw, at.timestamp()):
            raise NotOpened
        return message_id[:200]
    given = headers.get("authorization", "")
    secret = given[len(BEARER) :] if given[: len(BEARER)].lower() == BEARER else headers.get("x-routing-key", "")
    if not secret or not opens(integration, secret.strip()):
        raise NotOpened
    return headers.get("webhook-id", "")[:200] or f"{at:%Y%m%d%H%M}:{digest}"


def take_in(*, integration: Integration, message_id: str, body: Any, at: datetime) -> tuple[int, list[str]]:
    """Store it, to be read by a job; see `accept_message`."""
    return accept_message(integration=integration, message_id=message_id, body=body, at=at)


def limit_beats(*, token_hash: str, at: datetime) -> None:
    """A heartbeat a second is no heartbeat. Raises `TooMany`."""
    if not token_hash:
        raise NotVisible
    take(key=f"beat:{token_hash[:32]}", capacity=BEATS_A_MINUTE, per_seconds=MINUTE, at=at)
