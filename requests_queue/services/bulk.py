"""One act on many requests, named one by one, with one way back (spec requests 11)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.models import Person
from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from portal.core.services.audit import record_audit
from requests_queue.domain.states import OPEN, UNDECIDED, WAITING, State
from requests_queue.policies import visible_to
from requests_queue.services.assigning import assign_request
from requests_queue.services.clocks import Happening, live_clocks, pause_clocks, record
from requests_queue.services.moving import note_event
from requests_queue.services.talking import watch_request
from requests_queue.services.waiting import await_reply
from requests_queue.services.working import appeal_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_queue.models import DataRequest

MOST = 100
TRIAGED = "requests.bulk_triaged"
UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def assign_many(*, actor: Any, numbers: Sequence[str], assignee: Person, at: datetime) -> uuid.UUID:
    """Hand open requests to one member of their team, all or none; gives the key of the undo.

    Raises `DomainError` (`requests.bulk_size`, `requests.unknown_request`) and what `assign_request` raises.
    """
    group = uuid.uuid4()
    for request in _chosen(actor, numbers):
        before = request.assignee.handle if request.assignee else ""
        assign_request(actor=actor, request=request, assignee=assignee, at=at)
        record_audit(
            actor=actor, verb="requests.bulk_assigned", subject=request, before={"assignee": before},
            after={"assignee": assignee.handle}, group=group, at=at,
            compartment=request.number if request.is_private else "",
        )  # fmt: skip
    return group


@transaction.atomic
def watch_many(*, actor: Any, numbers: Sequence[str], at: datetime) -> int:
    """Follow many requests; says how many."""
    chosen = _chosen(actor, numbers)
    for request in chosen:
        watch_request(actor=actor, request=request, at=at)
    return len(chosen)


@transaction.atomic
def triage_many(*, actor: Any, numbers: Sequence[str], reason: str, at: datetime) -> uuid.UUID:
    """The lead sends work in hand and deferred work back to the desk, all or none; gives the key of the undo.

    What stands at the desk already stays there. Raises `DomainError` (`requests.nothing_to_send`) and what
    `appeal_request` raises.
    """
    group, moved = uuid.uuid4(), 0
    for request in _chosen(actor, numbers):
        if request.state in UNDECIDED:
            continue
        before = {"state": request.state, "assignee": request.assignee.handle if request.assignee else ""}
        standing = appeal_request(actor=actor, request=request, reason=reason, at=at)
        record_audit(
            actor=actor, verb=TRIAGED, subject=standing, before=before, group=group, at=at,
            after={"state": standing.state, "version": standing.version},
            compartment=request.number if request.is_private else "",
        )  # fmt: skip
        moved += 1
    if not moved:
        raise DomainError("requests.nothing_to_send", "All of these stand at the desk already.", "numbers")
    return group


@transaction.atomic
def undo_many(*, actor: Any, group: uuid.UUID, at: datetime) -> int:
    """Within ten minutes everything is as it was before the bulk act, as far as nobody moved it; says how many.

    Raises `Conflict` (`requests.undo_gone`).
    """
    rows = AuditEntry.objects.filter(group=group, actor=actor, verb=TRIAGED, undone_by=None)
    entries = list(rows.order_by("pk"))
    if not entries:
        return undo_assign_many(actor=actor, group=group, at=at)
    _refuse_late(entries, at)
    return sum(_put_back(actor, entry, at) for entry in entries)


@transaction.atomic
def undo_assign_many(*, actor: Any, group: uuid.UUID, at: datetime) -> int:
    """Within ten minutes: who had each request before has it again, unless it moved on; says how many.

    Raises `Conflict` (`requests.undo_gone`).
    """
    rows = AuditEntry.objects.filter(group=group, actor=actor, verb="requests.bulk_assigned", undone_by=None)
    entries = list(rows.order_by("pk"))
    _refuse_late(entries, at)
    count = 0
    for entry in entries:
        count += _give_back(actor, entry, at)
    return count


def _give_back(actor: Any, entry: AuditEntry, at: datetime) -> int:
    found = visible_to(actor).select_for_update(of=("self",)).select_related("team", "assignee")
    request = found.filter(pk=int(entry.object_id), assignee__handle=entry.after["assignee"]).first()
    if request is None or not request.is_open:
        return 0
    handle = entry.before["assignee"]
    request.assignee = Person.objects.filter(handle=handle, state="active").first() if handle else None
    request.version += 1
    request.save(update_fields=["assignee", "version"])
    record_audit(
        actor=actor, verb="requests.bulk_undone", subject=request, before=entry.after, after=entry.before, undoes=entry,
        compartment=entry.compartment, at=at,
    )  # fmt: skip
    return 1


def _refuse_late(entries: Sequence[AuditEntry], at: datetime) -> None:
    if not entries or at - entries[0].at > UNDO_WITHIN:
        raise Conflict("requests.undo_gone", "This can be taken back for ten minutes only.")


def _put_back(actor: Any, entry: AuditEntry, at: datetime) -> int:
    """Out of the desk again, with whoever had it; the promises made for the second reading are taken back."""
    found = visible_to(actor).select_for_update(of=("self",)).select_related("team")
    request = found.filter(pk=int(entry.object_id), state=State.TRIAGE, version=entry.after["version"]).first()
    if request is None:
        return 0
    handle = entry.before["assignee"]
    request.assignee = Person.objects.filter(handle=handle, state="active").first() if handle else None
    request.state, request.version = entry.before["state"], request.version + 1
    request.save(update_fields=["state", "assignee", "version"])
    states = (State.TRIAGE.value, request.state)
    note_event(actor=actor, request=request, kind="moved", states=states, data={"undone": True}, at=at)
    made = [clock for clock in live_clocks(request) if clock.start_at == entry.at]
    record(made, Happening("cancel", actor, at, "sent back by mistake"), at=at)
    if request.state in WAITING:
        pause_clocks(actor=actor, request=request, state=request.state, reason="still waiting", at=at)
    if request.state == State.WAITING_ON_REQUESTER:
        await_reply(actor=actor, request=request, at=at)
    record_audit(
        actor=actor, verb="requests.bulk_undone", subject=request, before=entry.after, after=entry.before, undoes=entry,
        compartment=entry.compartment, at=at,
    )  # fmt: skip
    return 1


def _chosen(actor: Any, numbers: Sequence[str]) -> list[DataRequest]:
    if not 1 <= len(set(numbers)) <= MOST:
        raise DomainError("requests.bulk_size", f"Choose 1 to {MOST} requests.", "numbers")
    rows = visible_to(actor).filter(number__in=numbers, state__in=sorted(OPEN)).select_related("team", "assignee")
    found = {request.number: request for request in rows}
    for number in numbers:
        if number not in found:
            raise DomainError("requests.unknown_request", f"{number[:16]} is not open, or not there.", "numbers")
    return [found[number] for number in sorted(found)]
