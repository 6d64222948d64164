"""A leaver's name and addresses go; the number stays, and so does the audit (spec operations 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Absence, AbsenceFeed, ContactMethod, IdentityAlias, Person
from portal.accounts.policies import can_administer
from portal.accounts.queries.gone import GONE, handle_mark
from portal.accounts.services.changing import locked
from portal.core.errors import Conflict
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

NAME = "Somebody who left"


@transaction.atomic
def anonymize_person(*, actor: Person | None, person: Person, reason: str, at: datetime) -> Person:
    """Name, handle, mail, addresses, notes and foreign names are removed for good; what the person did stays theirs.

    The old handle is never given again: its hash is kept. Raises `Conflict` unless the account is closed. Idempotent.
    """
    if actor is not None:
        require(can_administer(actor, at))
    row: Person = locked(Person, person.pk)
    if row.state != PersonState.INACTIVE:
        raise Conflict("accounts.still_here", "Only a closed account is made nameless. Close it first.")
    if row.name == NAME:
        return row
    _keep_hash(row.handle, actor, at)
    row.name, row.handle, row.email = NAME, f"left-{row.pk}", None
    row.version += 1
    row.set_unusable_password()
    row.save(update_fields=["name", "handle", "email", "password", "version"])
    EmailAddress.objects.filter(user=row).delete()
    SocialAccount.objects.filter(user=row).delete()
    AbsenceFeed.objects.filter(person=row).delete()
    IdentityAlias.objects.filter(person=row).delete()
    Absence.objects.filter(person=row).update(note="", briefing="")
    for method in ContactMethod.objects.filter(person=row):
        method.address, method.address_hash, method.label = "", uuid4().hex, ""
        method.save(update_fields=["address", "address_hash", "label"])
    record_audit(actor=actor, verb="accounts.person_anonymized", subject=row, reason=reason, at=at)
    return row


def _keep_hash(handle: str, actor: Person | None, at: datetime) -> None:
    row = IdentityAlias(system=GONE, key=handle_mark(handle), shown="", is_nobody=True, state="confirmed",
                        source="left", decided_by=actor, decided_at=at)  # fmt: skip
    row.save(force_insert=True)
