"""Deciding whom a name of another system means (spec accounts 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.models import IdentityAlias, Person, Team
from portal.accounts.policies import can_administer
from portal.accounts.queries.people import identity_key
from portal.accounts.services.refusing import refusing
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

TAKEN = {"accounts_identityalias_once": Conflict("accounts.alias_taken", "Somebody has decided on this name.", "raw")}


@transaction.atomic
def settle_identity(
    *, actor: Person | None, system: str, raw: str, party: Person | Team | None, at: datetime
) -> IdentityAlias:
    """`raw` in `system` is this person, this team, or nobody (None), from now on and for every claim with that name.

    Repeating the same decision is no change. Raises `Conflict` when it was decided otherwise.
    """
    if actor is not None:
        require(can_administer(actor, at))
    key = identity_key(raw)[:300]
    if not key:
        raise DomainError("accounts.required", "A name is needed.", "raw")
    person = party if isinstance(party, Person) else None
    team = party if isinstance(party, Team) else None
    standing = IdentityAlias.objects.filter(system=system, key=key, state="confirmed").first()
    if standing is not None and (standing.person, standing.team) == (person, team):
        return standing
    row = IdentityAlias(
        system=system, key=key, shown=raw[:300], person=person, team=team, is_nobody=party is None, state="confirmed",
        decided_by=actor, decided_at=at,
    )  # fmt: skip
    with refusing(TAKEN):
        row.save(force_insert=True)
    record_audit(actor=actor, verb="accounts.identity_settled", subject=row, after={"party": str(party)}, at=at)
    return row


@transaction.atomic
def reject_identity(
    *, actor: Person | None, system: str, raw: str, party: Person | Team, at: datetime
) -> IdentityAlias:
    """Never suggest this pair again. Idempotent."""
    if actor is not None:
        require(can_administer(actor, at))
    person = party if isinstance(party, Person) else None
    team = party if isinstance(party, Team) else None
    facts = {"system": system, "key": identity_key(raw)[:300], "person": person, "team": team, "state": "rejected"}
    standing = IdentityAlias.objects.filter(**facts).first()
    if standing is not None:
        return standing
    row = IdentityAlias(shown=raw[:300], decided_by=actor, decided_at=at, **facts)
    row.save(force_insert=True)
    record_audit(actor=actor, verb="accounts.identity_rejected", subject=row, after={"party": str(party)}, at=at)
    return row
