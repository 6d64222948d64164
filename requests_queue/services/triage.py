"""The desk: claiming what is new, and letting a claim go that nobody followed up (spec requests 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.domain.working_time import add
from portal.core.queries.calendars import load_calendar
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline
from requests_queue.domain.states import Actor, State
from requests_queue.services.moving import Move, locked, move

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

CLAIM_KIND = "requests.claim_lapse"
CLAIM_SECONDS = 30 * 60


def counted_after(request: DataRequest, seconds: int, at: datetime) -> datetime | None:
    """The instant after so many counted seconds in the calendar of the request's clocks."""
    clock = request.clocks.order_by("id")[0]
    return add(load_calendar(clock.calendar_version_id), at, seconds)


@transaction.atomic
def claim_for_triage(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """Take a new request for reading; the claim lapses after 30 counted minutes without a decision."""
    standing = locked(actor=actor, request=request, version=version)
    move(
        actor=actor, request=standing, part=Actor.TRIAGER, at=at,
        step=Move(State.TRIAGE, "requests.claimed", columns={"assignee": actor}),
    )  # fmt: skip
    lapses_at = counted_after(standing, CLAIM_SECONDS, at)
    if lapses_at is not None:
        arm_deadline(actor=actor, kind=CLAIM_KIND, subject=subject_of(standing), due_at=lapses_at, at=at)
    return standing


@transaction.atomic
def release_claim(*, request: DataRequest, at: datetime) -> bool:
    """Put a claimed request back to the new ones, if nobody decided; says whether it did. For the deadline."""
    standing = locked(actor=None, request=request)
    if standing.state != State.TRIAGE:
        return False
    step = Move(State.NEW, "requests.claim_lapsed", columns={"assignee": None})
    move(actor=None, request=standing, step=step, at=at)
    return True
