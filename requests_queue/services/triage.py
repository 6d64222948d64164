"""The desk: claiming, accepting, declining, answering, and pointing at the older twin (spec requests 5, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.models import Ownership
from portal.core.domain.working_time import add
from portal.core.errors import DomainError
from portal.core.queries.calendars import load_calendar
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from requests_queue.domain.kinds import LANES
from requests_queue.domain.states import Actor, State
from requests_queue.models import DataRequest, Supporter, TeamDesk
from requests_queue.policies import parts_of, visible_to
from requests_queue.services.messages import watch, write_message
from requests_queue.services.moving import Move, audit, check_move, locked, move, note_event

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

CLAIM_KIND = "requests.claim_lapse"
CLAIM_SECONDS = 30 * 60
MOST_MINUTES = 100_000


@dataclass(frozen=True)
class Estimate:
    """How triage sees the work; a question has the team's default, `assignee` without a name is who decides."""

    lane: str
    minutes: int | None = None
    assignee: Person | None = None
    note: str = ""


@transaction.atomic
def claim_for_triage(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """Take a new request for reading; the claim lapses after 30 counted minutes without a decision."""
    standing = locked(actor=actor, request=request, version=version)
    move(
        actor=actor, request=standing, part=Actor.TRIAGER, at=at,
        step=Move(State.TRIAGE, "requests.claimed", columns={"assignee": actor}),
    )  # fmt: skip
    clock = standing.clocks.order_by("id")[0]
    lapses_at = add(load_calendar(clock.calendar_version_id), at, CLAIM_SECONDS)
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


@transaction.atomic
def accept_request(
    *, actor: Any, request: DataRequest, estimate: Estimate, version: int | None = None, at: datetime
) -> DataRequest:
    """Take the work in with a lane and an estimate; stops the decision clock.

    Raises `DomainError` naming `lane`, `minutes` or `assignee`.
    """
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.ACCEPTED, at=at)
    minutes = _minutes(standing, estimate)
    assignee = _member(standing, estimate.assignee or actor, at)
    backup = _backup_of(standing, assignee)
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[CLAIM_KIND], reason="decided", at=at)
    move(
        actor=actor, request=standing, at=at,
        step=Move(
            State.ACCEPTED, "requests.accepted", line=f"Accepted; {assignee.name} has it",
            data={"lane": estimate.lane, "minutes": minutes, "assignee": assignee.handle},
            columns={"lane": estimate.lane, "estimate_minutes": minutes, "assignee": assignee, "backup": backup},
        ),
    )  # fmt: skip
    watch(request=standing, person=assignee, at=at)
    if estimate.note:
        write_message(actor=actor, request=standing, body=estimate.note, field="note", at=at)
    return standing


@transaction.atomic
def decline_request(
    *, actor: Any, request: DataRequest, reason: str, alternative: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Say no with a reason and an alternative, as a public letter; ends every promise.

    Raises `DomainError` (`requests.letter_incomplete`) when one of the two is missing.
    """
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.DECLINED, at=at)
    for field, text in (("reason", reason), ("alternative", alternative)):
        if not text.strip():
            raise DomainError("requests.letter_incomplete", "A decline needs a reason and an alternative.", field)
    letter = f"{reason.strip()}\n\nInstead: {alternative.strip()}"
    write_message(actor=actor, request=standing, body=letter, is_last=True, field="reason", at=at)
    return _end(actor, standing, Move(State.DECLINED, "requests.declined", reason=reason, line="Declined"), at)


@transaction.atomic
def answer_request(
    *, actor: Any, request: DataRequest, body: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Answer a request that needs no work; stops all clocks."""
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.ANSWERED, part=Actor.TRIAGER, at=at)
    write_message(actor=actor, request=standing, body=body, is_last=True, at=at)
    return _end(
        actor, standing,
        Move(State.ANSWERED, "requests.answered", line="Answered", columns={"resolved_at": at}), at, Actor.TRIAGER,
    )  # fmt: skip


@transaction.atomic
def mark_solved(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """The requester found the answer: the promises are taken back, they are neither kept nor broken."""
    standing = locked(actor=actor, request=request, version=version)
    step = Move(
        State.ANSWERED, "requests.solved", line="Solved by the requester", data={"cancels": True},
        columns={"resolved_at": at},
    )  # fmt: skip
    return _end(actor, standing, step, at, Actor.REQUESTER)


@transaction.atomic
def mark_duplicate(
    *, actor: Any, request: DataRequest, survivor: DataRequest, version: int | None = None, at: datetime
) -> DataRequest:
    """The older request serves both: this one's clocks are cancelled, its requester joins the older one.

    Refused as if the survivor did not exist when it is private or not visible (spec requests 6).
    """
    standing = locked(actor=actor, request=request, version=version)
    other = visible_to(actor).filter(pk=survivor.pk, is_private=standing.is_private).first()
    if other is None or standing.is_private:
        raise DomainError("requests.merge_refused", "There is no such request to join this one to.", "survivor")
    if other.pk == standing.pk or not other.is_open:
        raise DomainError("requests.merge_refused", f"{other.number} is not another open request.", "survivor")
    _end(
        actor, standing,
        Move(
            State.DUPLICATE, "requests.merged", line=f"Continued in {other.number}", data={"survivor": other.number},
            columns={"merged_into": other},
        ), at,
    )  # fmt: skip
    Supporter.objects.get_or_create(
        request=other, person=standing.requester,
        defaults={"team": standing.requester_team, "wording": standing.title, "at": at},
    )  # fmt: skip
    watch(request=other, person=standing.requester, at=at)
    return standing


@transaction.atomic
def assign_request(
    *, actor: Any, request: DataRequest, assignee: Person, version: int | None = None, at: datetime
) -> DataRequest:
    """Hand an open request to a member of the team. Raises `DomainError` naming `assignee`, or `NotAllowed`."""
    standing = locked(actor=actor, request=request, version=version)
    if not parts_of(actor, standing, at) & {Actor.TRIAGER, Actor.ASSIGNEE}:
        check_move(actor=actor, request=standing, target=State.TRIAGE, part=Actor.TRIAGER, at=at)
    before = standing.assignee.handle if standing.assignee else ""
    standing.assignee = _member(standing, assignee, at)
    standing.backup = _backup_of(standing, assignee)
    standing.version += 1
    standing.save(update_fields=["assignee", "backup", "version"])
    watch(request=standing, person=assignee, at=at)
    note_event(actor=actor, request=standing, kind="assigned", data={"assignee": assignee.handle}, at=at)
    audit(
        actor=actor, verb="requests.assigned", request=standing, at=at,
        before={"assignee": before}, after={"assignee": assignee.handle},
    )  # fmt: skip
    return standing


def _end(actor: Any, standing: DataRequest, step: Move, at: datetime, part: Actor | None = None) -> DataRequest:
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[CLAIM_KIND], reason="decided", at=at)
    return move(actor=actor, request=standing, step=step, part=part, at=at)


def _minutes(request: DataRequest, estimate: Estimate) -> int:
    if estimate.lane not in LANES or estimate.lane == "exempt":
        raise DomainError("requests.unknown_lane", "Choose quick win, question or complex.", "lane")
    desk = TeamDesk.objects.filter(team_id=request.team_id).first() or TeamDesk()
    defaults = {"question": desk.question_minutes, "quick_win": desk.quick_win_minutes}
    minutes = estimate.minutes if estimate.minutes is not None else defaults.get(estimate.lane)
    if minutes is None:
        raise DomainError("requests.no_estimate", "Complex work needs an estimate in minutes.", "minutes")
    if not 1 <= minutes <= MOST_MINUTES:
        raise DomainError("requests.bad_estimate", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    return minutes


def _member(request: DataRequest, person: Any, at: datetime) -> Any:
    if Actor.MEMBER not in parts_of(person, request, at):
        message = f"{person.name} is not in {request.team.name}."
        raise DomainError("requests.not_member", message, "assignee")
    if request.is_private and not request.members.filter(person=person, removed_at=None).exists():
        raise DomainError("requests.not_member", f"{person.name} cannot see this request.", "assignee")
    return person


def _backup_of(request: DataRequest, assignee: Any) -> Any:
    """The backup owner of what it is about, if that is somebody else; else nobody is invented."""
    row = (
        Ownership.objects.filter(
            asset__request_links__request=request, state="accepted", valid__upper_inf=True, person__isnull=False
        )
        .exclude(person=assignee)
        .select_related("person")
        .order_by("rank", "id")
        .first()
    )
    return row.person if row else None
