"""The compartment: only named people see a private request (spec requests 9, security 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import hide_notices, settle_notices
from requests_queue.models import CompartmentMember, DataRequest, Supporter, Watcher
from requests_queue.policies import can_make_private
from requests_queue.services.asks import forget_wording
from requests_queue.services.candidates import forget_request
from requests_queue.services.filing import private_number
from requests_queue.services.moving import audit, locked, note_event
from requests_queue.services.summing import sum_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portal.accounts.models import Person

LEAST_REASON = 10


@transaction.atomic
def make_private(
    *, actor: Any, request: DataRequest, people: Sequence[Person], reason: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Close a request to all but requester, assignee, actor and the named people, at once.

    It gets a new number and the old one is unknown from now on; watches and supports of others go, and what is not
    delivered yet is not delivered. Raises `DomainError` when nobody of the team could answer.
    """
    standing = locked(actor=actor, request=request, version=version)
    require(can_make_private(actor, standing, at))
    if standing.is_private:
        raise Conflict("requests.already_private", f"{standing.number} is private already.")
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    inside = _inside(actor, standing, people)
    if inside == {standing.requester_id}:
        raise DomainError("requests.nobody_inside", "Name at least one person who is to answer.", "people")
    old = standing.number
    standing.series, standing.number, standing.is_private = "PRV", private_number(), True
    standing.version += 1
    standing.save(update_fields=["series", "number", "is_private", "version"])
    CompartmentMember.objects.bulk_create([
        CompartmentMember(request=standing, person_id=pk, added_by=actor, reason=reason.strip()[:500], at=at)
        for pk in sorted(inside)
    ])  # fmt: skip
    _forget_outsiders(actor, standing, inside, at)
    forget_request(request=standing)
    sum_again(request=standing, at=at)
    note_event(actor=actor, request=standing, kind="made_private", data={"was": old}, at=at)
    audit(actor=actor, verb="requests.made_private", request=standing, reason=reason.strip()[:500], at=at)
    return standing


def note_private_reads(*, actor: Any, requests: Iterable[DataRequest], at: datetime) -> None:
    """Every look of a member at a private request is an audit row that the members see."""
    for request in requests:
        if request.is_private:
            audit(actor=actor, verb="requests.private_read", request=request, at=at)


def _inside(actor: Any, request: DataRequest, people: Sequence[Person]) -> set[int]:
    named = {person.pk for person in people if person.is_active}
    return named | {pk for pk in (request.requester_id, request.assignee_id, actor.pk) if pk is not None}


def _forget_outsiders(actor: Any, request: DataRequest, inside: set[int], at: datetime) -> None:
    Watcher.objects.filter(request=request).exclude(person_id__in=inside).delete()
    Supporter.objects.filter(request=request).exclude(person_id__in=inside).delete()
    forget_wording(request=request)
    for subject in [subject_of(request), *(subject_of(clock) for clock in request.clocks.all())]:
        settle_notices(actor=actor, subject=subject, reason="made private", at=at)
        hide_notices(actor=actor, subject=subject, context={"number": request.number}, at=at)
    for link in request.upstream.select_related("ticket"):
        ticket = subject_of(link.ticket)
        settle_notices(actor=actor, subject=ticket, reason="made private", at=at)
        hide_notices(actor=actor, subject=ticket, context={"number": link.ticket.number}, at=at)
