"""The relations of a request as one person may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from oncall.models import UpstreamTicket
from requests_queue.models import RequestLink
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from requests_queue.models import DataRequest

WORDS = {"blocks": "blocks", "relates_to": "relates to", "follow_up_of": "follows up", "rework_of": "is rework of",
         "part_of": "is a part of"}  # fmt: skip
BACK = {"blocks": "is blocked by", "relates_to": "relates to", "follow_up_of": "is followed up by",
        "rework_of": "was reworked in", "part_of": "was split into"}  # fmt: skip


@dataclass(frozen=True)
class Related:
    """Another request and how this one stands to it, in words."""

    words: str
    request: DataRequest


def related_to(request: DataRequest, viewer: Any) -> list[Related]:
    """Links in both directions; what the viewer may not see is not there. One query."""
    seen = visible_to(viewer).values("pk")
    rows = RequestLink.objects.filter(Q(source=request) | Q(target=request), source__in=seen, target__in=seen)
    return [
        Related(WORDS[link.kind], link.target)
        if link.source_id == request.pk
        else Related(BACK[link.kind], link.source)
        for link in rows.select_related("source", "target").order_by("pk")
    ]


def upstream_of(request: DataRequest) -> list[UpstreamTicket]:
    """The tickets upstream that the request waits for or waited for, newest first. One query."""
    rows = UpstreamTicket.objects.filter(waiting_requests__request=request).select_related("team")
    return list(rows.order_by("-pk")[:10])
