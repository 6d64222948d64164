"""Deciding where a file and a person name different owners (spec ownership 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.states import Outcome
from ownership.models import Asset, Claim, Ownership
from ownership.queries.owners import current_owners
from ownership.queries.parties import teams_led_by
from ownership.services.owning import Nomination, propose_owner
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.domain.parties import Owners
    from portal.accounts.models import Person

DECISIONS = {"keep": "keep ours", "take": "take theirs", "mute": "mute"}


@transaction.atomic
def decide_conflict(*, actor: Person, claim: Claim, decision: str, at: datetime) -> Claim:
    """`keep`: ours stays, until the owner or the file changes; `take`: theirs is asked to take over; `mute`: never.

    Locks the asset. Raises `Conflict` when the claim is none of this inbox any more.
    """
    if decision not in DECISIONS:
        raise DomainError("ownership.unknown_decision", "Decide keep, take or mute.", "decision")
    Asset.objects.select_for_update().get(pk=claim.asset_id)
    locked = Claim.objects.select_related("asset", "person", "team").get(pk=claim.pk)
    owners = current_owners([locked.asset_id])[locked.asset_id]
    held = {holder.party.key for holder in owners.holders}
    require(policies.assets.can_write(actor, teams_led_by(actor, at), held))
    if locked.outcome != Outcome.CONFLICT or locked.closed_at is not None:
        raise Conflict("ownership.decided", "This was decided already, or the file changed.")
    if decision == "mute":
        locked.outcome = Outcome.MUTED.value
    elif decision == "keep":
        locked.kept_for = next((holder.party.key for holder in owners.holders if holder.duty == locked.duty), 0)
    else:
        _ask_theirs(actor, locked, owners, at)
    locked.save(update_fields=["outcome", "kept_for"])
    after = {"raw": locked.raw, "decision": decision}
    record_audit(actor=actor, verb="ownership.conflict_decided", subject=locked.asset, after=after, at=at)
    return locked


def _ask_theirs(actor: Person, claim: Claim, owners: Owners, at: datetime) -> None:
    """Whom the file names is asked; until the yes, ours stays accountable."""
    ids = [holder.id for holder in owners.holders if holder.duty == claim.duty and holder.rank == claim.rank]
    for row in Ownership.objects.filter(pk__in=ids):
        require(policies.ownerships.can_end(actor, row, teams_led_by(actor, at)))
    wanted = Nomination(
        person=claim.person, team=claim.team, duty=claim.duty, rank=claim.rank,
        note=f"{claim.raw}, says {claim.source}"[:300], takes_over=True,
    )  # fmt: skip
    propose_owner(actor=actor, asset=claim.asset, nomination=wanted, at=at)
    claim.kept_for = next((holder.party.key for holder in owners.holders if holder.duty == claim.duty), 0)
