"""What the review still asks of somebody who has left: handed on to who acts, else closed (spec ownership 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.reviews import ASKED, HAND_OVER, NOT_MINE
from ownership.domain.states import PRIMARY, EndReason, State
from ownership.models import Ownership, ReviewItem
from ownership.queries.reviews import OPEN_ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT_NOTE = "They have left."


def pass_on_lines(*, asset_ids: Iterable[int]) -> int:
    """Open lines of these assets whose row has ended ask the party that acts now; returns how many were handed on.

    Inside the transaction of the caller. A line without somebody who acts is closed, and so is a second one of the
    same party; the gap of the asset says the rest. Repeating changes nothing.
    """
    ids = list(asset_ids)
    lines = ReviewItem.objects.filter(campaign__closed_at=None, state=ASKED, ownership__asset__in=ids)
    ended = lines.exclude(OPEN_ROW).select_related("ownership").order_by("ownership__rank", "pk")
    acting = Ownership.objects.filter(
        asset__in=ids, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True, acting=True
    )
    heirs = {(row.asset_id, row.duty): row for row in acting}
    asked = set(lines.filter(ownership__in=acting).values_list("campaign_id", "ownership_id"))
    passed = 0
    for line in ended:
        row = line.ownership
        heir = heirs.get((row.asset_id, row.duty)) if row.rank == PRIMARY else None
        if heir is not None and (line.campaign_id, heir.pk) not in asked:
            line.ownership, passed = heir, passed + 1
            asked.add((line.campaign_id, heir.pk))
        else:
            took_over = row.end_reason == EndReason.HANDOFF
            line.state, line.note = (HAND_OVER, "") if took_over else (NOT_MINE, LEFT_NOTE)
        line.save(update_fields=["ownership", "state", "note"])
    return passed
