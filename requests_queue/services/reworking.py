"""What was left out comes back: as a wish for the next plan, and as the work that follows (spec additions)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from requests_queue.domain.texts import checked_text
from requests_queue.models import RequestLink, Shortcut
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.moving import audit

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

MOST_TEXT = 1000
MOST_LINKS = 20
REWORK_KINDS = frozenset({"data_issue", "change"})
REWORK_WITHIN = timedelta(days=90)


def add_shortcut(
    *, actor: Any, request: DataRequest, text: str, is_override: bool = False, at: datetime
) -> Shortcut | None:
    """What was left out to be in time, and a candidate of the next plan to make up for it; nothing for an empty text.

    A private request leaves no candidate: plans are public. Inside a transaction; plans are held and the request is
    locked.
    """
    plain = checked_text(text, "left_out")
    if not plain:
        return None
    cut = Shortcut.objects.create(request=request, text=plain[:MOST_TEXT], by=actor, at=at, is_override=is_override)
    audit(actor=actor, verb="requests.corner_cut", request=request, reason=plain[:500], at=at)
    if not request.is_private:
        links = request.assets.select_related("asset").order_by("asset_id").distinct("asset_id")
        wish = Wish(
            f"Make up for {request.number}: {plain}"[:200], plain[:500], assets=[link.asset for link in links],
            source_type="shortcut", source_id=cut.pk,
        )  # fmt: skip
        add_candidate(actor=actor, team=request.team, wish=wish, at=at)
    return cut


def link_rework(*, request: DataRequest, at: datetime) -> int:
    """A new data issue or change within 90 days of a cut corner on the same asset follows from it; says how many.

    Nothing of a private request on either side. Idempotent; inside the transaction of filing.
    """
    if request.is_private or request.kind not in REWORK_KINDS:
        return 0
    cut = (
        Shortcut.objects.filter(request__is_private=False, at__gt=at - REWORK_WITHIN, at__lte=at)
        .filter(request__assets__asset__in=request.assets.values("asset"))
        .exclude(request=request)
        .order_by("request_id")
        .values_list("request_id", flat=True)
        .distinct()[:MOST_LINKS]
    )
    made = [RequestLink(source=request, target_id=target, kind="rework_of", at=at) for target in cut]
    RequestLink.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)
