"""One decision about a foreign name settles every claim that carries it (spec ownership 4, 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.states import Outcome
from ownership.models import Claim
from ownership.queries.identities import domain_teams_behind
from ownership.queries.parties import teams_led_by
from ownership.services.claims import resolve_claims
from portal.accounts.models import IdentityAlias, Person, Team
from portal.accounts.queries.people import nobodies_among
from portal.accounts.services.identities import settle_identity
from portal.accounts.services.people import create_person
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.core.models import AuditEntry

ANY_SYSTEM = "any"
DECIDED = "ownership.identity_decided"


@transaction.atomic
def decide_identity(*, actor: Person, raw: str, party: Person | Team | None, at: datetime) -> AuditEntry:
    """`raw` is this person, this team, or nobody (None): every claim with that text is settled anew.

    Locks the assets in id order. Raises `Conflict` when it was decided otherwise, `NotAllowed` outside one's domains.
    """
    _check_right(actor, raw, at)
    if isinstance(party, Person) and not party.is_active:
        raise DomainError("ownership.inactive_party", f"{party.name} has no active account.", "party")
    alias = settle_identity(actor=None, system=ANY_SYSTEM, raw=raw, party=party, at=at)
    claims = _carrying(raw).filter(person=None, team=None)
    ids = list(claims.values_list("pk", flat=True))
    assets = set(claims.values_list("asset_id", flat=True))
    _point(Claim.objects.filter(pk__in=ids), party)
    resolve_claims(actor=actor, asset_ids=assets, known_since=at, at=at)
    after = {"raw": raw, "party": str(party or "nobody"), "claims": ids, "assets": len(assets)}
    return record_audit(actor=actor, verb=DECIDED, subject=alias, after=after, at=at)


@transaction.atomic
def decide_new_person(*, actor: Person, raw: str, email: str, at: datetime) -> AuditEntry:
    """A colleague whom the portal does not know yet: an account without password, then the decision. Admins only."""
    if not email.strip():
        raise DomainError("ownership.email_missing", "Write the mail address of the new person.", "email")
    local = email.strip().partition("@")[0]
    name = raw.partition("<")[0].strip() if "<" in raw else local.replace(".", " ").replace("_", " ").title()
    handle = "".join(letter if letter.isalnum() else "-" for letter in local.lower()).strip("-")
    person = create_person(actor=actor, handle=_free_handle(handle), name=name or local, email=email.strip(), at=at)
    return decide_identity(actor=actor, raw=raw, party=person, at=at)


@transaction.atomic
def undo_identity(*, actor: Person, entry: AuditEntry, at: datetime) -> IdentityAlias:
    """The inverse of a decision: the name is unknown again, and what it started ends."""
    raw: str = entry.after["raw"]
    _check_right(actor, raw, at)
    alias = IdentityAlias.objects.select_for_update().filter(pk=entry.object_id, state="confirmed").first()
    if alias is None:
        raise Conflict("ownership.decided", "This was decided anew since.")
    shown = IdentityAlias(pk=alias.pk, system=alias.system, key=alias.key, shown=alias.shown)
    alias.delete()
    claims = Claim.objects.filter(pk__in=entry.after["claims"], closed_at=None)
    assets = set(claims.values_list("asset_id", flat=True))
    claims.update(person=None, team=None, outcome=Outcome.UNRESOLVED.value)
    resolve_claims(actor=actor, asset_ids=assets, known_since=at, at=at)
    return shown


def mute_nobodies(claims: QuerySet[Claim]) -> int:
    """Claims whose text people decided to mean nobody leave the queue; returns how many. For imports."""
    waiting = claims.filter(outcome=Outcome.UNRESOLVED.value, closed_at=None, person=None, team=None)
    raws = list(waiting.values_list("raw", flat=True).distinct())
    nobodies = nobodies_among(raws) if raws else set()
    return waiting.filter(raw__in=nobodies).update(outcome=Outcome.MUTED.value) if nobodies else 0


def _free_handle(wanted: str) -> str:
    taken = set(Person.objects.filter(handle__startswith=wanted).values_list("handle", flat=True))
    return next(
        handle for n in range(1, len(taken) + 2) if (handle := f"{wanted}-{n}" if n > 1 else wanted) not in taken
    )


def _check_right(actor: Person, raw: str, at: datetime) -> None:
    led = teams_led_by(actor, at)
    require(policies.identities.can_decide(actor, led, domain_teams_behind(raw)))


def _carrying(raw: str) -> QuerySet[Claim]:
    return Claim.objects.filter(raw__iexact=raw, closed_at=None)


def _point(claims: QuerySet[Claim], party: Person | Team | None) -> None:
    if party is None:
        claims.update(outcome=Outcome.MUTED.value)
    elif isinstance(party, Person):
        claims.update(person=party)
    else:
        claims.update(team=party)
