"""One answer to many proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership.queries.proposals import proposals
from ownership.services.owning import accept_ownership
from portal.core.errors import Conflict, DomainError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ownership.models import Ownership
    from portal.accounts.models import Person

MOST_AT_ONCE = 200


@transaction.atomic
def accept_proposals(*, actor: Person, ids: Collection[int], at: datetime) -> list[Ownership]:
    """Say yes to all of these or to none; each is accepted as if it were alone.

    Raises `DomainError` for none or more than 200, `Conflict` when one is answered already, and what
    `accept_ownership` raises, with the name of the asset.
    """
    wanted = sorted(set(ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise DomainError("ownership.limit_proposals", f"Choose 1 to {MOST_AT_ONCE} proposals.", "chosen")
    rows = list(proposals(actor).filter(pk__in=wanted).order_by("asset_id", "pk"))
    if len(rows) < len(wanted):
        raise Conflict("ownership.already_answered", "Some of these are answered already. Load the page again.")
    return [_accept(actor, row, at) for row in rows]


def _accept(actor: Person, row: Ownership, at: datetime) -> Ownership:
    try:
        return accept_ownership(actor=actor, row=row, at=at)
    except Conflict as refusal:
        raise Conflict(refusal.code, f"{row.asset.name}: {refusal.message}", "chosen", **refusal.extra) from None
