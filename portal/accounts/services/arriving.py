"""Ways in: the setup link of the first admin, and invitations (spec accounts 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.domain.secrets import digest, new_secret
from portal.accounts.models import FallbackRecipient, Invitation, Person, Team
from portal.accounts.policies import can_administer, can_manage_team
from portal.accounts.services.memberships import Place
from portal.accounts.services.people import create_person, set_flags
from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SETUP_LIFE, INVITATION_LIFE = timedelta(hours=24), timedelta(hours=72)
MOST_INVITED = 200
NOT_IN_HANDLE = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class Newcomer:
    """What a person says of themselves on the welcome page."""

    handle: str
    name: str
    password: str
    email: str = ""
    zone: str = "UTC"


@dataclass(frozen=True)
class Invited:
    """An invitation and its secret, which only the mail or the link carries."""

    invitation: Invitation
    secret: str


@transaction.atomic
def offer_setup(*, at: datetime) -> str:
    """The secret of a link that makes the first admin, once, within 24 hours; an earlier link ends.

    Raises `Conflict` when somebody is there already.
    """
    if Person.objects.filter(is_admin=True).exists():
        raise Conflict("accounts.already_set_up", "There is an admin already; they can invite others.")
    Invitation.objects.filter(kind="setup", accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=at)
    secret = new_secret()
    Invitation(kind="setup", secret_hash=digest(secret), created_at=at, expires_at=at + SETUP_LIFE).save()
    return secret


@transaction.atomic
def invite_people(
    *, actor: Person, emails: Sequence[str], team: Team | None, discipline: str = "", at: datetime
) -> list[Invited]:
    """One invitation an address; a known address is answered alike and gets none. All or nothing.

    The lead invites into their team, an admin anywhere. Raises `DomainError` naming the first bad line.
    """
    require(can_manage_team(actor, team, at) if team is not None else can_administer(actor, at))
    if len(emails) > MOST_INVITED:
        raise DomainError("accounts.limit_invitations", f"At most {MOST_INVITED} addresses at once.", "emails")
    addresses = {_line(number, email): None for number, email in enumerate(emails, start=1)}
    known = set(Person.objects.filter(email__in=addresses).values_list("email", flat=True))
    checks.clean_discipline(discipline)
    return [_invite(actor, address, team, discipline, at) for address in addresses if address not in known]


def _line(number: int, email: str) -> str:
    try:
        return checks.clean_email(email, "emails")
    except DomainError as refusal:
        raise DomainError(refusal.code, f"Line {number}: {refusal.message}", "emails", line=number) from None


def _invite(actor: Person, address: str, team: Team | None, discipline: str, at: datetime) -> Invited:
    Invitation.objects.filter(email=address, accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=at)
    secret = new_secret()
    row = Invitation(
        email=address, team=team, discipline=discipline, secret_hash=digest(secret), invited_by=actor, created_at=at,
        expires_at=at + INVITATION_LIFE,
    )  # fmt: skip
    row.save(force_insert=True)
    after = {"team": team.slug if team else ""}
    record_audit(actor=actor, verb="accounts.person_invited", subject=row, after=after, at=at)
    return Invited(row, secret)


def find_invitation(secret: str, at: datetime) -> Invitation:
    """The live invitation of a link. Raises `NotVisible` for one that is unknown, used, revoked or too old."""
    row = Invitation.objects.select_related("team").filter(secret_hash=digest(secret)).first()
    if row is None or row.accepted_at is not None or row.revoked_at is not None or row.expires_at <= at:
        raise NotVisible("accounts.no_invitation", "This link was used, has ended, or never was one.")
    return row


@transaction.atomic
def accept_invitation(*, secret: str, newcomer: Newcomer, at: datetime) -> Person:
    """Makes the account, in the team of the invitation from today; a setup link makes the first admin.

    Locks the invitation, so that it works once. Raises `DomainError` for a weak password.
    """
    row = Invitation.objects.select_for_update().get(pk=find_invitation(secret, at).pk)
    if row.accepted_at is not None:
        raise NotVisible("accounts.no_invitation", "This link was used, has ended, or never was one.")
    email = row.email or newcomer.email
    _check_password(newcomer, email)
    team = row.team if row.team is not None and row.team.archived_at is None else None
    person = create_person(
        actor=None, handle=newcomer.handle, name=newcomer.name, email=email, zone=newcomer.zone,
        password=newcomer.password, home=(team, Place(discipline=row.discipline)) if team else None, at=at,
    )  # fmt: skip
    if row.kind == "setup":
        person = _first_admin(person, at)
    row.accepted_at, row.accepted_by = at, person
    row.save(update_fields=["accepted_at", "accepted_by"])
    return person


def _first_admin(person: Person, at: datetime) -> Person:
    if Person.objects.filter(is_admin=True).exists():
        raise Conflict("accounts.already_set_up", "There is an admin already; they can invite others.")
    admin = set_flags(actor=None, person=person, is_admin=True, is_auditor=False, reason="setup link", at=at)
    if not FallbackRecipient.objects.exists():
        FallbackRecipient(position=1, person=admin).save(force_insert=True)
    return admin


def _check_password(newcomer: Newcomer, email: str) -> None:
    person = Person(handle=newcomer.handle, name=newcomer.name, email=email)
    try:
        validate_password(newcomer.password, person)
    except ValidationError as error:
        raise DomainError("accounts.weak_password", " ".join(error.messages), "password") from None


def proposed_handle(email: str) -> str:
    """A handle that the part of an address before @ suggests."""
    return NOT_IN_HANDLE.sub("", email.partition("@")[0].lower()).lstrip("._-")[:40]
