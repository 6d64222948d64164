"""Shared addresses of a team; the secret is shown once (spec accounts 5)."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.models import Endpoint, FallbackRecipient, Person, Team
from portal.accounts.policies import can_manage_team
from portal.accounts.services.changing import apply_changes, check_seen, locked
from portal.accounts.services.refusing import refusing
from portal.accounts.services.urls import clean_url
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.registries import topic_registry
from portal.core.services.audit import record_audit
from portal.core.services.rates import take
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.registries import channels
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.engine.models import Notice

MOST_ENDPOINTS = 20
TESTS_AN_HOUR, HOUR = 3, 3600
CHANNELS = {"webhook": "webhook", "slack": "slack", "mail": "email"}
SLUG_TAKEN = {"accounts_endpoint_slug_key": Conflict("accounts.slug_taken", "This name is used.", "slug")}


@dataclass(frozen=True)
class NewEndpoint:
    slug: str
    kind: str
    address: str
    topics: Sequence[str] = ()


def new_webhook_secret() -> str:
    """A signing secret in the form of Standard Webhooks: `whsec_` and 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def create_endpoint(*, actor: Person | None, team: Team, wish: NewEndpoint, at: datetime) -> tuple[Endpoint, str]:
    """The row and, for a webhook, its signing secret, which is shown once. The lead or an admin may."""
    if actor is not None:
        require(can_manage_team(actor, team, at))
    locked(Team, team.pk)
    if Endpoint.objects.filter(team=team).count() >= MOST_ENDPOINTS:
        raise DomainError("accounts.limit_endpoints", f"At most {MOST_ENDPOINTS} a team.", "slug")
    secret = new_webhook_secret() if wish.kind == "webhook" else ""
    row = Endpoint(
        slug=checks.clean_slug(wish.slug), team=team, kind=wish.kind, address=_address(wish.kind, wish.address),
        topics=_topics(wish.kind, wish.topics), secrets=secret,
    )  # fmt: skip
    with refusing(SLUG_TAKEN):
        row.save(force_insert=True)
    after = {"slug": row.slug, "kind": row.kind, "team": team.slug}
    record_audit(actor=actor, verb="accounts.endpoint_created", subject=row, after=after, at=at)
    return row, secret


@transaction.atomic
def delete_endpoint(*, actor: Person | None, endpoint: Endpoint, version: int | None = None, at: datetime) -> None:
    """Gone with its secrets. Raises `Conflict` while the organization's fallback leads to it."""
    if actor is not None:
        require(can_manage_team(actor, endpoint.team, at))
    row: Endpoint = locked(Endpoint, endpoint.pk)
    check_seen(row, version)
    if FallbackRecipient.objects.filter(endpoint=row).exists():
        raise Conflict("accounts.endpoint_needed", "The organization's fallback leads here. Change the fallback first.")
    before = {"slug": row.slug, "kind": row.kind}
    record_audit(actor=actor, verb="accounts.endpoint_removed", subject=row, before=before, at=at)
    row.delete()


def send_endpoint_test(*, actor: Person, endpoint: Endpoint, at: datetime) -> Notice:
    """A test message to the endpoint, three an hour. Raises `Conflict` when no way leads there."""
    require(can_manage_team(actor, endpoint.team, at))
    take(key=f"test-page:{actor.pk}", capacity=TESTS_AN_HOUR, per_seconds=HOUR, at=at)
    draft = NoticeDraft(
        kind="engine.test",
        dedup_key=f"engine.test:endpoint.{endpoint.pk}:{at.isoformat()}",
        subject=Subject("engine.test", actor.pk),
        to=Recipient(endpoint=f"endpoint:{endpoint.pk}"),
        severity="info",
        context={"name": endpoint.slug},
    )
    notice = raise_notice(actor=actor, draft=draft, at=at) if endpoint.is_active else None
    if notice is None:
        raise Conflict("accounts.endpoint_closed", "This endpoint is switched off. Switch it on first.")
    return notice


@transaction.atomic
def update_endpoint(
    *, actor: Person | None, endpoint: Endpoint, changes: Mapping[str, Any], version: int | None = None, at: datetime
) -> Endpoint:
    """Change address, topics or whether it is active."""
    if actor is not None:
        require(can_manage_team(actor, endpoint.team, at))
    row: Endpoint = locked(Endpoint, endpoint.pk)
    check_seen(row, version)
    unknown = sorted(set(changes) - {"address", "topics", "is_active"})
    if unknown:
        raise DomainError("accounts.unknown_field", f"This cannot be changed: {unknown[0]}.", unknown[0])
    kept = dict(changes)
    if "address" in kept:
        kept["address"] = _address(row.kind, kept["address"])
    if "topics" in kept:
        kept["topics"] = _topics(row.kind, kept["topics"])
    if kept.get("is_active") and not row.is_active:
        kept |= {"disabled_at": None, "disabled_reason": "", "first_failed_at": None}
    apply_changes(row, kept, actor=actor, verb="accounts.endpoint_changed", at=at)
    return row


@transaction.atomic
def rotate_endpoint_secret(*, actor: Person | None, endpoint: Endpoint, at: datetime) -> str:
    """A new signing secret, shown once; the newest two are kept, newest first."""
    if actor is not None:
        require(can_manage_team(actor, endpoint.team, at))
    row: Endpoint = locked(Endpoint, endpoint.pk)
    if row.kind != "webhook":
        raise DomainError("accounts.no_secret", "Only webhooks are signed.", "kind")
    secret = new_webhook_secret()
    kept = "\n".join([secret, *row.secrets.split("\n")[:1]])
    apply_changes(row, {"secrets": kept}, actor=actor, verb="accounts.endpoint_rotated", at=at)
    return secret


def _address(kind: str, address: str) -> str:
    if kind not in CHANNELS:
        raise DomainError("accounts.unknown_kind", "webhook, slack or mail.", "kind")
    channel = channels.get(CHANNELS[kind])
    if channel is None:
        raise DomainError("accounts.unknown_channel", "This installation has no such channel.", "kind")
    kept = checks.clean_text(address, "address", longest=500)
    if kind == "mail":
        return checks.clean_email(kept, "address")
    return clean_url(kept, channel)


def _topics(kind: str, topics: Sequence[str]) -> list[str]:
    if topics and kind != "webhook":
        raise DomainError("accounts.bad_topics", "Only a webhook subscribes to topics.", "topics")
    known = [name for name, entry in topic_registry.items() if entry.is_external]
    for topic in topics:
        if not any(fnmatchcase(name, topic) for name in known):
            raise DomainError("accounts.unknown_topic", f"There is no topic {topic[:60]!r}.", "topics")
    return sorted(set(topics))
