"""Where a call of a pipeline goes: the engine's destination `pipeline:<id>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.models import PipelineTrigger
from portal.engine.channels.call import call_address
from portal.engine.domain.drafts import DeliveryDraft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts


def plan_calls(notice: NoticeFacts) -> Sequence[DeliveryDraft]:
    """One signed call to the endpoint of the pipeline; none where it was switched off."""
    pk = notice.endpoint_ref.partition(":")[2]
    rows = PipelineTrigger.objects.select_related("endpoint").filter(pk=int(pk), endpoint__is_active=True)
    return [
        DeliveryDraft(
            "call",
            notice.endpoint_ref,
            call_address(row.endpoint.address, row.endpoint.secrets.split(), row.authorization),
        )
        for row in rows
    ]
