"""Tokens of programs: issued, rotated, revoked; the secret is shown once (spec security 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.domain.scopes import SCOPES
from portal.accounts.domain.secrets import digest, new_token
from portal.accounts.models import ApiToken, Person
from portal.accounts.policies import can_administer, can_manage_team, may
from portal.accounts.services.changing import locked
from portal.core import context
from portal.core.errors import DomainError
from portal.core.policies import ALLOWED, Decision, require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

DEFAULT_DAYS, MOST_DAYS, MOST_TOKENS = 90, 366, 50
OVERLAP = timedelta(hours=24)
EXPIRY_KIND = "accounts.token_expiry"
WARN_DAYS = (30, 7, 1)


@dataclass(frozen=True)
class NewToken:
    """What a token may: `scopes` of `domain.scopes`, `networks` in CIDR form (none: from everywhere)."""

    name: str
    scopes: Sequence[str]
    days: int = DEFAULT_DAYS
    networks: Sequence[str] = ()


@transaction.atomic
def issue_token(*, actor: Person | None, person: Person, wish: NewToken, at: datetime) -> tuple[ApiToken, str]:
    """The row and the secret, which is shown once. Never a scope or a life beyond those of the token that asks."""
    if actor is not None:
        require(can_issue(actor, person, at))
    person = locked(Person, person.pk)
    if not person.is_active:
        raise DomainError("accounts.person_inactive", "This account is not active.", "person")
    if ApiToken.objects.filter(person=person, revoked_at__isnull=True, expires_at__gt=at).count() >= MOST_TOKENS:
        raise DomainError("accounts.limit_tokens", f"At most {MOST_TOKENS} live tokens.", "name")
    scopes, networks = _checked_scopes(wish.scopes), _checked_networks(wish.networks)
    name = checks.clean_text(wish.name, "name", longest=80)
    expires_at = at + timedelta(days=_checked_days(wish.days))
    _check_maker(scopes, expires_at)
    token, secret = _written(person, name, scopes, networks, at, expires_at, context.current().token_id)
    after = {"name": name, "scopes": scopes, "networks": networks, "expires_at": token.expires_at.isoformat()}
    record_audit(actor=actor, verb="accounts.token_issued", subject=token, after=after, at=at)
    return token, secret


def can_issue(actor: Person, person: Person, at: datetime) -> Decision:
    """One's own, or those of a program of one's team."""
    if actor.pk == person.pk:
        return ALLOWED
    if person.is_service and person.owner_team is not None:
        return can_manage_team(actor, person.owner_team, at)
    return Decision(allowed=False, code="accounts.not_allowed", message="A token is made by its own person.")


def _check_maker(scopes: list[str], expires_at: datetime) -> None:
    maker_id = context.current().token_id
    if maker_id is None:
        return
    maker = ApiToken.objects.get(pk=maker_id)
    beyond = sorted(set(scopes) - set(maker.scopes))
    if beyond:
        raise DomainError("accounts.token_scope", f"The token that asks lacks {beyond[0]} itself.", "scopes")
    if expires_at > maker.expires_at:
        raise DomainError("accounts.token_scope", "It would outlive the token that asks.", "days")


def _written(
    person: Person, name: str, scopes: list[str], networks: list[str], at: datetime, expires_at: datetime,
    made_by: int | None,
) -> tuple[ApiToken, str]:  # fmt: skip
    secret, prefix = new_token()
    token = ApiToken(
        person=person, name=name, prefix=prefix, secret_hash=digest(secret), scopes=scopes, networks=networks,
        created_at=at, expires_at=expires_at, made_by_id=made_by,
    )  # fmt: skip
    token.save(force_insert=True)
    warnings = [
        DeadlineDraft(EXPIRY_KIND, subject_of(token), expires_at - timedelta(days=days), step=days)
        for days in WARN_DAYS
        if expires_at - timedelta(days=days) > at
    ]
    arm_deadlines(drafts=warnings, at=at)
    return token, secret


def _checked_scopes(scopes: Sequence[str]) -> list[str]:
    unknown = sorted(scope for scope in scopes if scope not in SCOPES)
    if unknown:
        raise DomainError("accounts.unknown_scope", f"There is no scope {unknown[0][:60]!r}.", "scopes")
    if not scopes:
        raise DomainError("accounts.no_scope", "A token without a scope can do nothing.", "scopes")
    return sorted(set(scopes))


def _checked_networks(networks: Sequence[str]) -> list[str]:
    try:
        return [str(ip_network(network)) for network in networks]
    except ValueError:
        message = "Networks are written like 10.2.0.0/16, without bits set after the slash."
        raise DomainError("accounts.bad_network", message, "networks") from None


def _checked_days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise DomainError("accounts.token_life", f"A token lives 1 to {MOST_DAYS} days.", "days")
    return days


@transaction.atomic
def rotate_token(*, actor: Person | None, token: ApiToken, at: datetime) -> tuple[ApiToken, str]:
    """A new token with the same rights and life; the old one stays valid for 24 hours."""
    if actor is not None:
        require(can_issue(actor, token.person, at))
    old: ApiToken = locked(ApiToken, token.pk)
    if old.revoked_at is not None or old.expires_at <= at or old.replaced_by_id is not None:
        raise DomainError("accounts.token_ended", "This token has ended or was rotated. Make a new one.")
    life = old.expires_at - old.created_at
    _check_maker(old.scopes, at + life)
    asking = context.current().token_id
    made_by = old.made_by_id if asking in (None, old.pk) else asking
    new, secret = _written(old.person, old.name, old.scopes, old.networks, at, at + life, made_by)
    old.replaced_by = new
    old.expires_at = min(old.expires_at, at + OVERLAP)
    old.save(update_fields=["replaced_by", "expires_at"])
    cancel_deadlines(actor=actor, subject=subject_of(old), reason="rotated", at=at)
    record_audit(actor=actor, verb="accounts.token_rotated", subject=new, after={"replaces": old.prefix}, at=at)
    return new, secret


@transaction.atomic
def revoke_token(*, actor: Person | None, token: ApiToken, reason: str = "", at: datetime) -> ApiToken:
    """It opens nothing from now on, nor do those that it made, and those they made; the rows stay. Idempotent.

    Whoever held a leaked token may have made others with it. Its successor by rotation stays; revoking that one ends
    what both have made.
    """
    if actor is not None:
        require(can_revoke(actor, token, at))
    row: ApiToken = locked(ApiToken, token.pk)
    if row.revoked_at is not None:
        return row
    _end(actor, row, reason, at)
    for made in ApiToken.objects.select_for_update().filter(pk__in=_made_with(row), revoked_at=None).order_by("pk"):
        _end(actor, made, f"made with {row.name}, which was revoked"[:300], at)
    return row


def revoke_tokens(*, person: Person | None, reason: str, at: datetime) -> int:
    """Every live token of a person or program, or of everybody, opens nothing from now on; how many those were.

    For operators. One transaction a token, so that a large house is not held up. Safe to repeat.
    """
    live = ApiToken.objects.filter(revoked_at=None, expires_at__gt=at)
    rows = list((live if person is None else live.filter(person=person)).order_by("pk"))
    for row in rows:
        revoke_token(actor=None, token=row, reason=reason[:300], at=at)
    return len(rows)


def _made_with(token: ApiToken) -> set[int]:
    """What a token made, or one that it replaced did, and so on down."""
    makers, made = _line_of({token.pk}), set[int]()
    while makers:
        fresh = set(ApiToken.objects.filter(made_by__in=makers).values_list("pk", flat=True)) - made
        made |= fresh
        makers = _line_of(fresh)
    return made - {token.pk}


def _line_of(keys: set[int]) -> set[int]:
    """These tokens and all that they replaced by rotation."""
    line, newest = set(keys), keys
    while newest:
        newest = set(ApiToken.objects.filter(replaced_by__in=newest).values_list("pk", flat=True)) - line
        line |= newest
    return line


def _end(actor: Person | None, row: ApiToken, reason: str, at: datetime) -> None:
    row.revoked_at, row.revoked_by = at, actor
    row.save(update_fields=["revoked_at", "revoked_by"])
    cancel_deadlines(actor=actor, subject=subject_of(row), reason="revoked", at=at)
    record_audit(actor=actor, verb="accounts.token_revoked", subject=row, reason=reason, at=at)


def can_revoke(actor: Person, token: ApiToken, at: datetime) -> Decision:
    """One's own; those of a program also its lead; admins everybody's."""
    if actor.pk == token.person_id:
        return ALLOWED
    owner = token.person
    if owner.is_service and owner.owner_team is not None:
        return may(actor, "revoke_token", owner.owner_team, at)
    return can_administer(actor, at)
