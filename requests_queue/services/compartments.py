"""Who is inside a private request, and the one way in for others: two administrators, an hour, reading only."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.queries.teams import admins
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.models import BreakGlass, CompartmentMember, DataRequest, Supporter, Watcher
from requests_queue.services.filing import next_number
from requests_queue.services.moving import audit, locked, note_event

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from portal.accounts.models import Person

GLASS_NOTICE = "requests.break_glass"
GLASS_ASKED_NOTICE = "requests.break_glass_asked"
LEAST_REASON, LEAST_GLASS_REASON = 10, 30
OPEN_FOR = timedelta(minutes=60)
ASK_STANDS = timedelta(hours=24)


@transaction.atomic
def add_member(*, actor: Any, request: DataRequest, person: Person, reason: str, at: datetime) -> CompartmentMember:
    """Let one more person in; only a member can, with a reason. Idempotent. Raises `NotVisible`, `DomainError`."""
    standing = _compartment(actor, request, reason)
    if not person.is_active or person.is_service:
        raise DomainError("requests.unknown_person", "Only people who can sign in come into a compartment.", "person")
    member, is_new = CompartmentMember.objects.get_or_create(
        request=standing, person=person, removed_at=None,
        defaults={"added_by": actor, "reason": reason.strip()[:500], "at": at},
    )  # fmt: skip
    if is_new:
        after = {"person": person.handle}
        audit(actor=actor, verb="requests.member_added", request=standing, reason=member.reason, after=after, at=at)
    return member


@transaction.atomic
def remove_member(*, actor: Any, request: DataRequest, person: Person, reason: str, at: datetime) -> None:
    """Take somebody out; the last one stays. Their watch and support go with them. The row stays as history."""
    standing = _compartment(actor, request, reason)
    inside = CompartmentMember.objects.select_for_update().filter(request=standing, removed_at=None)
    member = inside.filter(person=person).first()
    if member is None:
        raise DomainError("requests.not_member", f"{person.name} is not inside.", "person")
    if inside.count() == 1:
        raise Conflict("requests.last_member", "The last person inside stays. Let somebody else in first.")
    member.removed_at = at
    member.save(update_fields=["removed_at"])
    Watcher.objects.filter(request=standing, person=person).delete()
    Supporter.objects.filter(request=standing, person=person).delete()
    after = {"person": person.handle}
    audit(
        actor=actor, verb="requests.member_removed", request=standing, reason=reason.strip()[:500], after=after, at=at
    )


@transaction.atomic
def make_public(*, actor: Any, request: DataRequest, reason: str, at: datetime) -> DataRequest:
    """Open a compartment in which nothing was said yet; it gets a public number again.

    Raises `Conflict` (`requests.private_messages`) once somebody wrote inside: file a summary as a new request.
    """
    standing = _compartment(actor, request, reason)
    if standing.messages.filter(created_at__gte=_closed_since(standing)).exists() or standing.attachments.exists():
        message = "Somebody wrote here in confidence. File a summary as a new request instead."
        raise Conflict("requests.private_messages", message)
    standing.series, standing.number, standing.is_private = "REQ", f"REQ-{next_number()}", False
    standing.version += 1
    standing.save(update_fields=["series", "number", "is_private", "version"])
    CompartmentMember.objects.filter(request=standing, removed_at=None).update(removed_at=at)
    note_event(actor=actor, request=standing, kind="made_public", data={}, at=at)
    audit(actor=actor, verb="requests.made_public", request=standing, reason=reason.strip()[:500], at=at)
    return standing


@transaction.atomic
def ask_break_glass(*, actor: Any, number: str, reason: str, at: datetime) -> BreakGlass:
    """The first administrator asks, with the number typed in; a number that is none is taken just the same.

    Raises `NotAllowed`, `DomainError` (`budget.reason_too_short` under 30 characters).
    """
    _require_admin(actor)
    if len(reason.strip()) < LEAST_GLASS_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 30 characters.", "reason")
    typed = number.strip().upper()[:16]
    found = DataRequest.objects.filter(number=typed, is_private=True).first()
    glass = BreakGlass.objects.create(
        request=found, number_asked=typed, asked_by=actor, reason=reason.strip()[:500], asked_at=at
    )
    record_audit(actor=actor, verb="requests.glass_asked", subject=glass, compartment=typed, reason=glass.reason, at=at)
    others = [admin.pk for admin in admins() if admin.pk != actor.pk]
    _tell(GLASS_ASKED_NOTICE, glass, others, {"number": "", "url": "/break-glass/"}, at)
    return glass


@transaction.atomic
def approve_break_glass(*, actor: Any, glass: BreakGlass, number: str, at: datetime) -> BreakGlass:
    """The second administrator agrees and types the number again; both may read for an hour, every member is told.

    Raises `NotAllowed`, `budget.same_person`, `requests.glass_gone`. A wrong number answers as a right one.
    """
    _require_admin(actor)
    standing = BreakGlass.objects.select_for_update().get(pk=glass.pk)
    if standing.asked_by_id == actor.pk:
        raise DomainError("requests.same_person", "A second administrator agrees, not who asked.", "number")
    if standing.approved_at is not None or at - standing.asked_at > ASK_STANDS:
        raise Conflict("requests.glass_gone", "This was answered already, or is older than a day. Ask again.")
    if number.strip().upper() != standing.number_asked:
        raise DomainError("requests.glass_number", "Type the number that was asked for.", "number")
    standing.approved_by, standing.approved_at, standing.ends_at = actor, at, at + OPEN_FOR
    standing.save(update_fields=["approved_by", "approved_at", "ends_at"])
    record_audit(
        actor=actor, verb="requests.glass_broken", subject=standing, compartment=standing.number_asked,
        reason=standing.reason, at=at,
    )  # fmt: skip
    if standing.request is not None:
        inside = standing.request.members.filter(removed_at=None).values_list("person_id", flat=True)
        facts = {"number": standing.request.number, "url": standing.request.get_absolute_url()}
        _tell(GLASS_NOTICE, standing, inside, facts, at)
    return standing


def note_glass_read(*, actor: Any, glass: BreakGlass, at: datetime) -> None:
    """Each look through the glass is an audit row of the compartment."""
    if glass.request is not None:
        audit(actor=actor, verb="requests.glass_read", request=glass.request, at=at)


def _compartment(actor: Any, request: DataRequest, reason: str) -> DataRequest:
    standing = locked(actor=actor, request=request)
    if not standing.is_private:
        raise Conflict("requests.not_private", f"{standing.number} is open to everybody.")
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    return standing


def _closed_since(request: DataRequest) -> datetime:
    event = request.events.filter(kind="made_private").order_by("-seq").first()
    return event.at if event is not None else request.filed_at


def _require_admin(actor: Any) -> None:
    if not (actor.is_active and actor.is_admin):
        raise NotAllowed("core.not_allowed", "Two administrators do this together.")


def _tell(kind: str, glass: BreakGlass, people: Iterable[int], context: dict[str, str], at: datetime) -> None:
    drafts = [
        NoticeDraft(
            kind, f"{kind}:{glass.pk}:user.{pk}", subject_of(glass), Recipient(person_id=pk), "warn", context,
            is_private=True,
        )
        for pk in people
    ]  # fmt: skip
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
