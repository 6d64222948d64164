"""Who stands by somebody who carries a rota alone (spec additions, "a person island has a named buddy")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oncall.queries.resolving import resolve_oncall

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota


@dataclass(frozen=True)
class Buddy:
    """A person, and the rota that lends them."""

    handle: str
    name: str
    rota: str


def buddy_of(rota: Rota | None, at: datetime) -> Buddy | None:
    """The primary of the rota that lends a hand; None where none lends, or nobody serves there now.

    `rota` comes with its `borrowed_from`.
    """
    lender = rota.borrowed_from if rota is not None else None
    held = resolve_oncall(rota=lender, at=at).holder("primary") if lender is not None else None
    if lender is None or held is None or held.person_id is None:
        return None
    return Buddy(held.handle, held.name, lender.name)
