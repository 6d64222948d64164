"""Asking the people whom the fairest matrix names; each answers for themself (spec exercise 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.states import PRIMARY
from ownership.queries.parties import teams_led_by
from ownership.queries.suggested import suggested_owners
from ownership.services.owning import Nomination, propose_owner
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ownership.queries.suggested import Line
    from portal.accounts.models import Person, Team

BACKUP = 2
NOTE = "Suggested for the team by load and by who knows it."


@transaction.atomic
def ask_suggested(*, actor: Person, team: Team, slugs: Collection[str], at: datetime) -> int:
    """Ask primary and backup of these lines, as the matrix is now; returns how many were asked.

    A lead of the team or an admin may. Raises `DomainError` for no line, `Conflict` for one that is not suggested any
    more or was asked before; then nobody was asked.
    """
    require(policies.shapes.can_suggest(actor, team, teams_led_by(actor, at)))
    wanted = set(slugs)
    if not wanted:
        raise DomainError("ownership.no_line_chosen", "Tick at least one line.", "chosen")
    lines = {line.asset.slug: line for line in suggested_owners(team, at).lines if line.primary and not line.is_asked}
    gone = sorted(wanted - set(lines))
    if gone:
        raise Conflict("ownership.not_suggested", f"{gone[0][:80]} is not suggested any more. Load the page again.")
    return sum(_ask(actor, lines[slug], at) for slug in sorted(wanted))


def _ask(actor: Person, line: Line, at: datetime) -> int:
    asked = 0
    for person, rank in ((line.primary, PRIMARY), (line.backup, BACKUP)):
        if person is not None:
            nomination = Nomination(person=person, rank=rank, note=NOTE, takes_over=rank == PRIMARY)
            propose_owner(actor=actor, asset=line.asset, nomination=nomination, at=at)
            asked += 1
    return asked
