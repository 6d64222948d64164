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
from requests_queue.domain.states import OPEN
from requests_queue.policies import visible_to
from requests_queue.services.assigning import assign_request
from requests_queue.services.talking import watch_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_queue.models import DataRequest

MOST = 100
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
def undo_assign_many(*, actor: Any, group: uuid.UUID, at: datetime) -> int:
    """Within ten minutes: who had each request before has it again, unless it moved on; says how many.

    Raises `Conflict` (`requests.undo_gone`).
    """
    rows = AuditEntry.objects.filter(group=group, actor=actor, verb="requests.bulk_assigned", undone_by=None)
    entries = list(rows.order_by("pk"))
    if not entries or at - entries[0].at > UNDO_WITHIN:
        raise Conflict("requests.undo_gone", "This can be taken back for ten minutes only.")
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


def _chosen(actor: Any, numbers: Sequence[str]) -> list[DataRequest]:
    if not 1 <= len(set(numbers)) <= MOST:
        raise DomainError("requests.bulk_size", f"Choose 1 to {MOST} requests.", "numbers")
    rows = visible_to(actor).filter(number__in=numbers, state__in=sorted(OPEN)).select_related("team", "assignee")
    found = {request.number: request for request in rows}
    for number in numbers:
        if number not in found:
            raise DomainError("requests.unknown_request", f"{number[:16]} is not open, or not there.", "numbers")
    return [found[number] for number in sorted(found)]
