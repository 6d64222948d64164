"""What becomes of a leaver's requests, compartments, votes and plan lines (spec accounts 7, step 30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Q, Subquery, Value
from django.db.models.functions import Coalesce

from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.models import Person
from portal.core.services.audit import record_audit
from requests_queue.domain.states import OPEN
from requests_queue.models import CompartmentMember, DataRequest, ExemptKind, PlanItem, PlanVoter, Supporter, Watcher
from requests_queue.services.moving import audit, note_event

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

LEFT = "left"


def leaving_step() -> LeavingStep:
    """The contribution to `person.leaving`."""
    return LeavingStep("requests.work", 30, preview_leaving, pass_requests_on)


def preview_leaving(person: Person, at: datetime) -> list[str]:
    """What `pass_requests_on` will do, in sentences; writes nothing, and says nothing of private requests."""
    del at
    in_hand = list(_in_hand(person).filter(is_private=False).select_related("backup"))
    passed = sum(_heir(request, person) is not None for request in in_hand)
    backups, lines, votes, kinds = _numbers(
        person,
        _open(is_private=False, backup=person),
        PlanItem.objects.filter(owner=person).exclude(state__in=DONE),
        PlanVoter.objects.filter(person=person),
        ExemptKind.objects.filter(confirmers=person),
    )
    counts = (
        (passed, "requests in hand pass to their backup."),
        (len(in_hand) - passed, "requests in hand go back to the desk, without anybody."),
        (backups, "requests lose their backup."),
        (lines, "lines of the plan lose their owner."),
        (votes, "votes go back to the lead."),
        (kinds, "kinds of exemption lose a confirmer."),
    )
    return [f"{count} {words}" for count, words in counts if count]


DONE = ("done", "dropped", "carried")


def _numbers(person: Person, *rows: QuerySet[Any]) -> tuple[int, ...]:
    """How many of each, in one query."""
    ones = (each.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n") for each in rows)
    counts = [Coalesce(Subquery(each), 0) for each in ones]
    return tuple(Person.objects.filter(pk=person.pk).values_list(*counts).get())


@transaction.atomic
def pass_requests_on(person: Person, at: datetime) -> None:
    """Each open request goes to its backup, else to the desk; private ones close to the person. Repeatable.

    Locks the requests in id order. A compartment that would stand empty lets its requester or backup in.
    """
    for request in _in_hand(person).select_for_update(of=("self",)).order_by("pk"):
        _hand_on(request, person, at)
    _open(backup=person).update(backup=None)
    for member in CompartmentMember.objects.select_for_update().filter(person=person, removed_at=None).order_by("pk"):
        _leave_compartment(member, person, at)
    Watcher.objects.filter(person=person).delete()
    Supporter.objects.filter(person=person, request__state__in=sorted(OPEN)).delete()
    votes, _ = PlanVoter.objects.filter(person=person).delete()
    lines = PlanItem.objects.filter(owner=person).exclude(state__in=DONE).update(owner=None)
    kinds = list(ExemptKind.objects.filter(confirmers=person))
    for kind in kinds:
        kind.confirmers.remove(person)
    if votes or lines or kinds:
        after = {"votes": votes, "plan_lines": lines, "exempt_kinds": len(kinds)}
        record_audit(actor=None, verb="requests.leaver_swept", subject=person, after=after, reason=LEFT, at=at)


def _hand_on(request: DataRequest, person: Person, at: datetime) -> None:
    heir = _heir(request, person)
    request.assignee, request.backup = heir, None
    request.version += 1
    request.save(update_fields=["assignee", "backup", "version"])
    after = {"assignee": heir.handle if heir else ""}
    note_event(actor=None, request=request, kind="assigned", data=after, at=at)
    audit(
        actor=None, verb="requests.assigned", request=request, at=at, reason=LEFT,
        before={"assignee": person.handle}, after=after,
    )  # fmt: skip


def _leave_compartment(member: CompartmentMember, person: Person, at: datetime) -> None:
    member.removed_at = at
    member.save(update_fields=["removed_at"])
    request = member.request
    audit(
        actor=None, verb="requests.member_removed", request=request, reason=LEFT, after={"person": person.handle}, at=at
    )
    if request.members.filter(removed_at=None).exists():
        return
    heirs = [one for one in (request.requester, request.assignee, request.backup) if one and one.is_active]
    for heir in heirs[:1]:
        CompartmentMember(request=request, person=heir, added_by=None, reason="the last one left", at=at).save()
        audit(actor=None, verb="requests.member_added", request=request, after={"person": heir.handle}, at=at)


def _heir(request: DataRequest, person: Person) -> Person | None:
    """The backup, if that is somebody else who is there, and inside when the request is private."""
    backup = request.backup
    if backup is None or backup.pk == person.pk or not backup.is_active:
        return None
    if request.is_private and not request.members.filter(person=backup, removed_at=None).exists():
        return None
    return backup


def _in_hand(person: Person) -> QuerySet[DataRequest]:
    return _open(assignee=person).select_related("backup", "team")


def _open(**which: object) -> QuerySet[DataRequest]:
    return DataRequest.objects.filter(Q(state__in=sorted(OPEN)), **which)
