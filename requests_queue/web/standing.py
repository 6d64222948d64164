"""Why a request stands still, and whose turn it is: the line above its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import Banner, Link, when
from requests_queue.domain.states import State
from requests_queue.queries.resting_on import approval_due, place_in_line

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest


def standing_of(shown: DataRequest, viewer: Any, at: datetime) -> Banner | None:
    """What it waits for, for whoever reads; None while it moves. At most one query."""
    match State(shown.state):
        case State.WAITING_ON_REQUESTER if shown.requester_id == viewer.pk:
            line = "The promise stands still until you write; your reply lets it go on."
            icon, reply = "message-circle-question-mark", Link("Reply", "#message-text")
            return Banner("The team asks you something", line, "", icon, reply)
        case State.WAITING_ON_REQUESTER:
            title = f"Waits for a reply by {shown.requester.name}"
            return Banner(title, "The promise stands still meanwhile.", "note", "message-circle-question-mark")
        case State.AWAITING_APPROVAL:
            due_at = approval_due(shown)
            until = f" by {when(due_at, viewer.zone, at).text}; then the leads above are asked too" if due_at else ""
            line = f"It fits only with their word. They answer{until}."
            return Banner("Waits for the lead's yes", line, "note", "clock-3")
        case State.QUEUED:
            line = "Small work is taken in as soon as there is room, the oldest first."
            return Banner(f"Number {place_in_line(shown)} in line", line, "note", "clock-3")
    return None
