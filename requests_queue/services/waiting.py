"""What happens while somebody waits: reminders, "no reply", and the quiet closing of what is done (spec requests 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.models import CalendarVersion
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines
from requests_queue.domain.states import State
from requests_queue.models import RequestMessage, TeamDesk
from requests_queue.services.moving import Move, locked, move
from requests_queue.services.settling import end_request, locked_with_books
from requests_queue.services.telling import tell_people
from requests_queue.services.triage import counted_after

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

NO_REPLY_KIND = "requests.no_reply"
CLOSE_KIND = "requests.close"
ASKED_KIND = "requests.asked_of"
REMIND_NOTICE = "requests.reply_wanted"
ASKED_NOTICE = "requests.asked_of"
REMINDERS = (2, 5)
UNANSWERED_DAYS = 30  # as long as what ended without a reply may be re-opened
ASKED_DAYS = 1


def await_reply(*, actor: Any, request: DataRequest, at: datetime) -> None:
    """Arm the reminders after 2 and 5 working days and the end after 10 (per team); the request is locked."""
    desk = TeamDesk.objects.filter(team_id=request.team_id).first() or TeamDesk()
    drafts = [
        DeadlineDraft(NO_REPLY_KIND, subject_of(request), due_at, step)
        for step, days in enumerate((*REMINDERS, desk.no_reply_days))
        if (due_at := counted_after(request, days * _day_of(request), at)) is not None
    ]
    del actor
    arm_deadlines(drafts=drafts, at=at)


def await_closing(*, request: DataRequest, days: int = 0, at: datetime) -> None:
    """Arm the closing of what is resolved or answered, `days` on, else seven (per team); the request is locked."""
    days = days or (TeamDesk.objects.filter(team_id=request.team_id).first() or TeamDesk()).close_days
    draft = DeadlineDraft(CLOSE_KIND, subject_of(request), at + timedelta(days=days))
    arm_deadlines(drafts=[draft], at=at)


def await_answer(*, message: RequestMessage, at: datetime) -> None:
    """Arm the reminder of somebody who was asked, one working day on; the request is locked."""
    due_at = counted_after(message.request, ASKED_DAYS * _day_of(message.request), at)
    if due_at is not None:
        arm_deadlines(drafts=[DeadlineDraft(ASKED_KIND, subject_of(message), due_at)], at=at)


@transaction.atomic
def chase_reply(*, request: DataRequest, step: int, at: datetime) -> bool:
    """Remind the requester, or end the request as "no reply"; says whether it still waited. For the deadline."""
    standing, shelf = locked_with_books(actor=None, request=request, at=at)
    if standing.state != State.WAITING_ON_REQUESTER:
        return False
    if step < len(REMINDERS):
        key = f"{REMIND_NOTICE}:{standing.pk}:v{standing.version}:s{step}"
        line = "the team waits for your reply; the clock stands still"
        people = {standing.requester_id}
        tell_people(request=standing, people=people, kind=REMIND_NOTICE, key=key, line=line, at=at)
        return True
    step_out = Move(
        State.RESOLVED, "requests.no_reply", line="Closed without a reply; re-open it within 30 days",
        data={"reason": "no_reply"}, columns={"resolved_at": at},
    )  # fmt: skip
    end_request(actor=None, request=standing, shelf=shelf, step=step_out, at=at, fired_by=NO_REPLY_KIND)
    await_closing(request=standing, days=UNANSWERED_DAYS, at=at)
    return True


@transaction.atomic
def close_quietly(*, request: DataRequest, at: datetime) -> bool:
    """Nobody came back within a week: it is over; says whether it was. For the deadline."""
    standing = locked(actor=None, request=request)
    if standing.state not in {State.RESOLVED, State.ANSWERED}:
        return False
    move(actor=None, request=standing, step=Move(State.CLOSED, "requests.closed", columns={"closed_at": at}), at=at)
    return True


@transaction.atomic
def remind_asked(*, message: RequestMessage, at: datetime) -> bool:
    """Tell who was asked once more, unless they have written since; says whether it did. For the deadline."""
    standing = locked(actor=None, request=message.request)
    if message.asked_of_id is None or not standing.is_open:
        return False
    if standing.messages.filter(author=message.asked_of_id, pk__gt=message.pk).exists():
        return False
    key = f"{ASKED_NOTICE}:{message.pk}:again"
    line = "this question still waits for you"
    tell_people(request=standing, people={message.asked_of_id}, kind=ASKED_NOTICE, key=key, line=line, at=at)
    return True


def stop_waiting(*, actor: Any, request: DataRequest, reason: str, at: datetime) -> None:
    """Disarm the reminders; the request is locked. Idempotent."""
    kinds = [NO_REPLY_KIND, CLOSE_KIND]
    cancel_deadlines(actor=actor, subject=subject_of(request), kinds=kinds, reason=reason, at=at)


def _day_of(request: DataRequest) -> int:
    """Counted seconds of a working day in the calendar of the request's clocks."""
    version = request.clocks.order_by("id").values_list("calendar_version_id", flat=True)[0]
    return CalendarVersion.objects.values_list("nominal_day_seconds", flat=True).get(pk=version)
