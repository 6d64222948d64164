"""A pause that nobody said at the time: the clock stood still since an instant of the past (spec sla 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError, NotAllowed
from requests_queue.domain.states import WAITING, Actor
from requests_queue.policies import can_judge_clock, parts_of
from requests_queue.services.clocks import LEAST_REASON, MOST_REASON, Happening, live_clocks, record
from requests_queue.services.moving import audit, locked, note_event, words
from requests_queue.services.telling import tell_watchers

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest, RequestMessage, SlaClock

PAUSED_KINDS = ("resolution", "next_update")
ENTERED_LATE = "entered_late"


@dataclass(frozen=True)
class LatePause:
    """It waited in `[since, until)`; without an end it still does. `question` is the public message it cites."""

    since: datetime
    until: datetime | None = None
    waits_for: str = ""
    question: int | None = None
    reason: str = ""


@transaction.atomic
def pause_late(
    *, actor: Any, request: DataRequest, pause: LatePause, version: int | None = None, at: datetime
) -> DataRequest:
    """Result and next word did not count while it waited; a breach that had happened by now stays.

    The assignee reaches back to the public question that is cited; anything earlier, or nothing cited, is the lead's,
    with a reason of 20 characters. Locks the request and its clocks. Raises `NotAllowed`, `Conflict`
    (`sla.clock_closed`), or `DomainError` naming since, until, waits_for or reason.
    """
    standing = locked(actor=actor, request=request, version=version)
    judges = bool(can_judge_clock(actor, standing, at))
    if not judges and Actor.ASSIGNEE not in parts_of(actor, standing, at):
        raise NotAllowed("requests.not_yours", f"Who has {standing.number}, or the lead, can say that it waited.")
    waits_for = _checked_stretch(standing, pause, at)
    reason = _checked_reason(standing, pause, judges=judges)
    clocks = _standing_still(standing, waits_for, pause.until or at)
    why = f"{words(waits_for)}, entered late"
    key = waits_for if pause.until is None else ENTERED_LATE
    record(
        clocks, Happening("pause", actor, pause.since, f"{why}: {reason}" if reason else why, {"reason": key}), at=at
    )
    if pause.until is not None:
        record(clocks, Happening("resume", actor, pause.until, why, {"reason": key}), at=at)
    standing.version += 1
    standing.save(update_fields=["version"])
    data = {"since": pause.since.isoformat(), "until": pause.until and pause.until.isoformat(), "waits_for": waits_for}
    note_event(actor=actor, request=standing, kind="paused_late", data=data, at=at)
    audit(actor=actor, verb="requests.pause_backdated", request=standing, reason=reason, after=data, at=at)
    tell_watchers(
        actor=actor, request=standing, line="It had waited before; the promises moved", key=f"v{standing.version}",
        at=at,
    )  # fmt: skip
    return standing


def _checked_stretch(standing: DataRequest, pause: LatePause, at: datetime) -> str:
    """For whom it waited; the stretch lies in the life of the request and in the past."""
    if not standing.filed_at <= pause.since < at:
        raise DomainError("sla.bad_pause", "Between the day it was filed and now.", "since")
    if pause.until is None:
        if standing.state not in WAITING:
            raise DomainError("sla.bad_pause", "It waits for nobody now. Say until when it waited.", "until")
        return standing.state
    if not pause.since < pause.until <= at:
        raise DomainError("sla.bad_pause", "After the beginning, and not ahead.", "until")
    if pause.waits_for not in WAITING:
        raise DomainError("sla.bad_pause", "Say whom it waited for: the requester, or somebody upstream.", "waits_for")
    return pause.waits_for


def _checked_reason(standing: DataRequest, pause: LatePause, *, judges: bool) -> str:
    """The reason as it is kept; a cited question that is old enough needs none."""
    reason = pause.reason.strip()
    if pause.question is not None:
        said = standing.messages.filter(pk=pause.question, is_public=True, deleted_at=None, is_automatic=False)
        question: RequestMessage | None = said.exclude(author=standing.requester_id).first()
        if question is None:
            raise DomainError("sla.backdate_refused", "Cite a public message of the team on this request.", "question")
        if question.created_at <= pause.since:
            return reason[:MOST_REASON]
    if not judges:
        message = "Not before the public question that you cite. Anything earlier is the lead's to say."
        raise DomainError("sla.backdate_refused", message, "since")
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise DomainError("sla.reason_too_short", "Say why in 20 to 500 characters.", "reason")
    return reason


def _standing_still(standing: DataRequest, waits_for: str, until: datetime) -> list[SlaClock]:
    """The locked clocks that the pause touches."""
    clocks = [
        clock
        for clock in live_clocks(standing, PAUSED_KINDS)
        if clock.start_at < until and waits_for in clock.policy_version.pause_states
    ]
    if not clocks:
        message = "No promise of this request stands still for that: it has ended, or its policy counts the waiting."
        raise Conflict("sla.clock_closed", message)
    return clocks
