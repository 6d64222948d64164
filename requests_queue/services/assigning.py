"""Who has a request: members of the owning team, and a backup where ownership names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.models import Ownership
from portal.core.errors import DomainError
from requests_queue.domain.states import Actor, State
from requests_queue.policies import parts_of
from requests_queue.services.messages import watch
from requests_queue.services.moving import audit, check_move, locked, note_event

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from requests_queue.models import DataRequest


@transaction.atomic
def assign_request(
    *, actor: Any, request: DataRequest, assignee: Person, version: int | None = None, at: datetime
) -> DataRequest:
    """Hand an open request to a member of the team. Raises `DomainError` naming `assignee`, or `NotAllowed`."""
    standing = locked(actor=actor, request=request, version=version)
    if not parts_of(actor, standing, at) & {Actor.TRIAGER, Actor.ASSIGNEE}:
        check_move(actor=actor, request=standing, target=State.TRIAGE, part=Actor.TRIAGER, at=at)
    before = standing.assignee.handle if standing.assignee else ""
    standing.assignee = checked_member(standing, assignee, at)
    standing.backup = backup_for(standing, assignee)
    standing.version += 1
    standing.save(update_fields=["assignee", "backup", "version"])
    watch(request=standing, person=assignee, at=at)
    note_event(actor=actor, request=standing, kind="assigned", data={"assignee": assignee.handle}, at=at)
    audit(
        actor=actor, verb="requests.assigned", request=standing, at=at,
        before={"assignee": before}, after={"assignee": assignee.handle},
    )  # fmt: skip
    return standing


def checked_member(request: DataRequest, person: Any, at: datetime) -> Any:
    """The person, who is in the owning team and may see the request; raises `DomainError` naming `assignee`."""
    if Actor.MEMBER not in parts_of(person, request, at):
        message = f"{person.name} is not in {request.team.name}."
        raise DomainError("requests.not_member", message, "assignee")
    if request.is_private and not request.members.filter(person=person, removed_at=None).exists():
        raise DomainError("requests.not_member", f"{person.name} cannot see this request.", "assignee")
    return person


def backup_for(request: DataRequest, assignee: Any) -> Any:
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
