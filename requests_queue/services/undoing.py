"""The inverses of bulk assignment and of a rule of promises (spec site 5), each with its own checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.models import Person
from portal.core.errors import Conflict, NotVisible
from requests_queue.domain.states import Actor, State
from requests_queue.models import PolicyMatch, SlaPolicy
from requests_queue.policies import parts_of, visible_to
from requests_queue.services.assigning import assign_request
from requests_queue.services.moving import audit, check_move, locked, note_event
from requests_queue.services.promising import remove_match

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.models import AuditEntry
    from requests_queue.models import DataRequest

SUPERSEDED = "core.undo_superseded"


@transaction.atomic
def undo_bulk_assigned(*, actor: Any, entry: AuditEntry, at: datetime) -> DataRequest:
    """Who had the request before has it again; refused when it is closed, or went on to somebody else."""
    request = visible_to(actor).select_related("team", "assignee").filter(pk=int(entry.object_id)).first()
    if request is None:
        raise NotVisible
    holder = request.assignee.handle if request.assignee else ""
    if not request.is_open or holder != entry.after["assignee"]:
        raise Conflict(SUPERSEDED, f"{request.number} has moved on since.")
    handle = entry.before["assignee"]
    if not handle:
        return _release(actor, request, at)
    person = Person.objects.filter(handle=handle, state="active").first()
    if person is None:
        raise Conflict(SUPERSEDED, "Who had it before has left.")
    return assign_request(actor=actor, request=request, assignee=person, at=at)


def _release(actor: Any, request: DataRequest, at: datetime) -> DataRequest:
    """Back to the desk, in nobody's hand."""
    row: DataRequest = locked(actor=actor, request=request, version=None)
    if not parts_of(actor, row, at) & {Actor.TRIAGER, Actor.ASSIGNEE}:
        check_move(actor=actor, request=row, target=State.TRIAGE, part=Actor.TRIAGER, at=at)
    before = row.assignee.handle if row.assignee else ""
    row.assignee = row.backup = None
    row.version += 1
    row.save(update_fields=["assignee", "backup", "version"])
    note_event(actor=actor, request=row, kind="assigned", data={"assignee": ""}, at=at)
    audit(actor=actor, verb="requests.assigned", request=row, before={"assignee": before}, after={"assignee": ""},
          at=at)  # fmt: skip
    return row


def undo_rule_added(*, actor: Any, entry: AuditEntry, at: datetime) -> SlaPolicy:
    """The rule goes; what was promised by it stands. Refused when another rule has its rank by now."""
    told = entry.after
    rows = PolicyMatch.objects.select_related("policy", "team")
    row = rows.filter(rank=told["rank"], policy=int(entry.object_id), kind=told["kind"], size=told["size"],
                      urgency=told["urgency"]).first()  # fmt: skip
    if row is None or (row.team.slug if row.team else None) != told["team"]:
        raise Conflict(SUPERSEDED, "This rule is gone, or was changed since.")
    policy = row.policy
    remove_match(actor=actor, match=row, at=at)
    return policy
