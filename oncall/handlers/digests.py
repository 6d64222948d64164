"""The hourly look at what would go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.services.digests import send_digests
from oncall.services.parting import end_with_archived_teams
from oncall.services.reviewing import review_pages
from oncall.services.unfinished import list_unfinished_nights
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping


def run_digests(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The Job; telling is once a day, so it may run as often as it likes."""
    del args
    at = clock.now()
    count, asked, open_nights = send_digests(at=at), review_pages(at=at), list_unfinished_nights(at=at)
    ended = end_with_archived_teams(at=at)
    progress.tell(teams=count)
    return {"teams": count, "asked": asked, "open_nights": open_nights, "ended": ended}
