"""Entering by the company's own sign-in: who may, as whom, and what it never does (spec accounts 7, security 3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.models import Person, Team
from portal.accounts.queries.people import resolve_identities
from portal.accounts.services.arriving import proposed_handle
from portal.accounts.services.changing import locked
from portal.accounts.services.people import create_person
from portal.accounts.services.placing import ask_for_team
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

MOST_PROPOSED = 3
MOST_GROUPS = 200
TRIES = 50
TAKEN = Conflict("accounts.company_taken", "Somebody else here has this company account.")
NOT_FROM_HERE = NotAllowed(
    "accounts.company_domain", "This address is not of a company that may come in by itself. Ask for an invitation."
)
UNVERIFIED = NotAllowed("accounts.company_unverified", "The company's sign-in has not verified your e-mail address.")
KNOWN = Conflict(
    "accounts.company_known",
    "Somebody here has this e-mail address. Sign in as before, then connect the company account under Me, Sessions.",
)
LAST_DOOR = Conflict("accounts.last_door", "This is your only way in. Set a password first.")


@dataclass(frozen=True)
class Vouched:
    """What a verified ID token says of somebody; `uid` is the digest of issuer and subject."""

    provider: str
    uid: str
    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    name: str = ""
    handle: str = ""
    groups: tuple[str, ...] = ()


@transaction.atomic
def enter_by_company(*, vouched: Vouched, at: datetime) -> SocialAccount:
    """The account of a first sign-in: a new person in *No team yet*, for a verified address of an allowed domain.

    Groups only ask their teams' leads; they give no right, ever. The same address in another account never links by
    itself: raises `Conflict`, or `NotAllowed` for a foreign or unverified address.
    """
    if not vouched.is_email_verified:
        raise UNVERIFIED
    email = checks.clean_email(vouched.email)
    if email.rpartition("@")[2] not in {domain.lower() for domain in settings.ENV.oidc_domains}:
        raise NOT_FROM_HERE
    if Person.objects.filter(email=email).exists():
        raise KNOWN
    handle = _free_handle(proposed_handle(vouched.handle or email) or proposed_handle(email))
    name = _name(vouched.name) or handle
    person = create_person(actor=None, handle=handle, name=name, email=email, at=at)
    account = _insert(person, vouched)
    record_audit(
        actor=person, verb="accounts.company_connected", subject=person, after={"issuer": vouched.issuer}, at=at
    )
    for team in _teams_of(vouched.groups):
        ask_for_team(actor=person, team=team, at=at)
    return account


@transaction.atomic
def connect_company(*, actor: Person, vouched: Vouched, at: datetime) -> SocialAccount:
    """From now on this person may come in by the company's sign-in as well. Idempotent; raises `Conflict` if taken."""
    if not actor.is_authenticated or not actor.is_active:
        raise NotAllowed("accounts.person_inactive", "Sign in first, then connect.")
    person: Person = locked(Person, actor.pk)
    standing = SocialAccount.objects.filter(provider=vouched.provider, uid=vouched.uid).first()
    if standing is not None:
        if standing.user_id != person.pk:
            raise TAKEN
        return standing
    account = _insert(person, vouched)
    record_audit(
        actor=person, verb="accounts.company_connected", subject=person, after={"issuer": vouched.issuer}, at=at
    )
    return account


@transaction.atomic
def disconnect_company(*, actor: Person, at: datetime) -> int:
    """The company's sign-in opens this account no more; says how many it was. Raises `Conflict` for the last door."""
    person: Person = locked(Person, actor.pk)
    accounts = SocialAccount.objects.filter(user=person)
    if accounts and not person.has_usable_password():
        raise LAST_DOOR
    ended: int = accounts.delete()[0]
    if ended:
        record_audit(actor=person, verb="accounts.company_disconnected", subject=person, at=at)
    return ended


def _insert(person: Person, vouched: Vouched) -> SocialAccount:
    facts = {"issuer": vouched.issuer, "subject": vouched.subject}
    account, _ = SocialAccount.objects.get_or_create(
        provider=vouched.provider, uid=vouched.uid, defaults={"user": person, "extra_data": facts}
    )
    if account.user_id != person.pk:
        raise TAKEN
    return account


def _name(told: str) -> str:
    """The name the provider gives, if it can be shown safely."""
    with suppress(DomainError):
        return checks.clean_text(told, "name", longest=120)
    return ""


def _free_handle(wanted: str) -> str:
    """`wanted`, or with the first number behind it that nobody has or had."""
    stem = wanted[:36] if len(wanted) > 1 else f"person{wanted}"
    taken = set(Person.objects.filter(handle__startswith=stem).values_list("handle", flat=True))
    for handle in (stem, *(f"{stem}{number}" for number in range(2, TRIES))):
        if handle not in taken:
            return handle
    raise Conflict("accounts.handle_taken", "There are too many people of this name. Ask for an invitation.")


def _teams_of(groups: tuple[str, ...]) -> list[Team]:
    """The teams the groups are called after, at most three: whoever leads them hears of the newcomer."""
    found = resolve_identities(groups[:MOST_GROUPS], "oidc").values()
    teams = {party.pk: party for party in found if isinstance(party, Team)}
    return list(teams.values())[:MOST_PROPOSED]
