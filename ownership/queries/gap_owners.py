"""Who might take care of what nobody does: a guess that waits, else the team that is expected to (spec ownership 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.gaps import WITHOUT_OWNER
from ownership.domain.parties import Party
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Ownership
from ownership.queries.expected import expected_teams

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.models import Gap


def suggested_for(gaps: Iterable[Gap], at: datetime) -> dict[int, Party]:
    """By asset the party to ask, for gaps that an owner would close; three queries whatever the number."""
    ids = {gap.asset_id for gap in gaps if gap.kind in WITHOUT_OWNER}
    if not ids:
        return {}
    waiting = Ownership.objects.filter(
        asset__in=ids, state=State.PROPOSED.value, duty=Duty.TECHNICAL, rank=PRIMARY
    ).select_related("person", "team")
    guessed = {row.asset_id: _party(row) for row in waiting.order_by("confidence", "-pk")}
    return expected_teams(ids, at) | guessed


def _party(row: Ownership) -> Party:
    if row.person is not None:
        return Party(row.person.name, row.person.handle, person_id=row.person_id)
    return Party(row.team.name if row.team else "", row.team.slug if row.team else "", team_id=row.team_id)
