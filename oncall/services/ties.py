"""What a rota has to do with others: whose members lend a hand, and what nobody holds beside it (spec oncall 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall import policies
from oncall.domain.rules import bad
from oncall.services.locking import lock_rota
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.models import Rota

MOST_EXCLUSIVE = 20


@transaction.atomic
def set_rota_ties(
    *, actor: Any, rota: Rota, borrowed_from: Rota | None, exclusive_with: Sequence[Rota], at: datetime
) -> Rota:
    """Whose members may lend a hand, and whose primary counts as absent here; exclusion holds both ways.

    Plans made from now on keep it. Locks the rota. Raises `NotAllowed`, `DomainError` with the field.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    check_ties(rota, borrowed_from, exclusive_with)
    before = _said(rota)
    rota.borrowed_from = borrowed_from
    rota.version += 1
    rota.save(update_fields=["borrowed_from", "version"])
    rota.exclusive_with.set(exclusive_with)
    record_audit(actor=actor, verb="oncall.ties_set", subject=rota, before=before, after=_said(rota), at=at)
    return rota


def check_ties(rota: Rota, borrowed_from: Rota | None, exclusive_with: Sequence[Rota]) -> None:
    """Raise `DomainError` for a rota tied to itself, to one in the archive, or to too many."""
    if borrowed_from is not None and (borrowed_from.pk == rota.pk or borrowed_from.is_archived):
        raise bad("borrowed_from", "A rota borrows from another one that is in use.")
    if any(other.pk == rota.pk or other.is_archived for other in exclusive_with):
        raise bad("exclusive_with", "A rota excludes other ones that are in use.")
    if len(exclusive_with) > MOST_EXCLUSIVE:
        raise bad("exclusive_with", f"At most {MOST_EXCLUSIVE} rotas.")


def _said(rota: Rota) -> dict[str, Any]:
    others = rota.exclusive_with.order_by("slug").values_list("slug", flat=True)
    lender = rota.borrowed_from.slug if rota.borrowed_from is not None else ""
    return {"borrowed_from": lender, "exclusive_with": list(others)}
