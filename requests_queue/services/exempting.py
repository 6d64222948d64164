"""Exempt work: chosen by anyone, confirmed by a few within nine counted hours, counted apart (spec requests 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from requests_queue.domain import budget
from requests_queue.domain.budget import EntryKind
from requests_queue.domain.states import OPEN, UNDECIDED, State
from requests_queue.domain.texts import checked_line
from requests_queue.models import BudgetEntry, DataRequest, ExemptKind
from requests_queue.policies import can_confirm_exemption
from requests_queue.queries.budget import reserved_of
from requests_queue.queries.promises import policy_version_for, target_of
from requests_queue.services.clocks import change_running_target, live_clocks
from requests_queue.services.ledger import Posting, post
from requests_queue.services.moving import Move, audit, locked, move, note_event
from requests_queue.services.settling import locked_with_books
from requests_queue.services.time_log import reverse_posted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person
    from requests_queue.services.ledger import Shelf

EXEMPTION_KIND = "requests.exemption"
EXEMPTION_SECONDS = 9 * 3600


@transaction.atomic
def confirm_exemption(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """A confirmer says that the reason holds; the request stays outside tokens and budget. Idempotent.

    Raises `NotAllowed`, `Conflict` (`requests.not_exempt`); who asked cannot confirm.
    """
    standing = locked(actor=actor, request=request, version=version)
    if standing.exemption is None:
        raise Conflict("requests.not_exempt", f"{standing.number} claims no exemption.")
    decision = can_confirm_exemption(actor, standing, at)
    if not decision:
        raise NotAllowed(decision.code, decision.message)
    if standing.exemption_confirmed_at is not None:
        return standing
    standing.exemption_confirmed_by, standing.exemption_confirmed_at = actor, at
    standing.version += 1
    standing.save(update_fields=["exemption_confirmed_by", "exemption_confirmed_at", "version"])
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[EXEMPTION_KIND], reason="confirmed", at=at)
    note_event(actor=actor, request=standing, kind="exemption_confirmed", data={}, at=at)
    audit(actor=actor, verb="requests.exemption_confirmed", request=standing, at=at)
    return standing


@transaction.atomic
def lapse_exemption(*, request: DataRequest, at: datetime) -> bool:
    """Nobody confirmed in time: its minutes move into the budget and it goes back to the desk; says whether it did."""
    standing, shelf = locked_with_books(actor=None, request=request, at=at)
    if standing.exemption_id is None or standing.exemption_confirmed_at is not None:
        return False
    _repost(standing, shelf, at)
    standing.exemption = standing.exemption_lapses_at = None
    standing.save(update_fields=["exemption", "exemption_lapses_at"])
    note_event(actor=None, request=standing, kind="exemption_lapsed", data={}, at=at)
    audit(actor=None, verb="requests.exemption_lapsed", request=standing, at=at)
    _ordinary_targets(standing, at)
    if standing.state in OPEN - UNDECIDED - {State.DEFERRED, State.QUEUED, State.AWAITING_APPROVAL}:
        step = Move(State.TRIAGE, "requests.back_to_triage", line="Nobody confirmed the exemption: back at the desk")
        move(actor=None, request=standing, step=step, at=at)
    return True


def claim_exemption(*, actor: Any, request: DataRequest, lapses_at: datetime, at: datetime) -> None:
    """Arm the timer of a request that was filed as exempt; inside the transaction of filing."""
    arm_deadline(actor=actor, kind=EXEMPTION_KIND, subject=subject_of(request), due_at=lapses_at, at=at)
    kind = request.exemption.slug if request.exemption else ""
    audit(actor=actor, verb="requests.exemption_claimed", request=request, after={"exemption": kind}, at=at)


@dataclass(frozen=True)
class ExemptDraft:
    """A kind of exempt work as it shall be; without confirmers any holder of the grant confirms."""

    name: str
    is_private: bool = True
    is_archived: bool = False
    confirmers: Sequence[Person] = ()


@transaction.atomic
def save_exempt_kind(*, actor: Any, slug: str, draft: ExemptDraft, is_new: bool, at: datetime) -> ExemptKind:
    """Add a kind of exempt work or change one; an admin does. One that is archived is offered no more, and counts on.

    Raises `NotAllowed`, `DomainError` (`requests.exempt_kind_exists`, `requests.unknown_exemption`).
    """
    if not actor.is_admin:
        raise NotAllowed("core.not_allowed", "An administrator keeps the exempt kinds.")
    clean = checked_line(draft.name, "name", most=80)
    known = ExemptKind.objects.filter(slug=slug).exists()
    if not slug or (known and is_new) or ExemptKind.objects.exclude(slug=slug).filter(name__iexact=clean).exists():
        raise DomainError(
            "requests.exempt_kind_exists", f"{clean!r} is taken, or has no letters. Choose another.", "name"
        )
    if not known and not is_new:
        raise DomainError("requests.unknown_exemption", f"There is no exempt kind {slug[:40]!r}.", "slug")
    facts = {"name": clean, "is_private": draft.is_private, "is_archived": draft.is_archived}
    kind, _ = ExemptKind.objects.update_or_create(slug=slug, defaults=facts)
    kind.confirmers.set(draft.confirmers)
    after = facts | {"confirmers": [person.handle for person in draft.confirmers]}
    record_audit(actor=actor, verb="requests.exempt_kind_saved", subject=kind, after=after, at=at)
    return kind


def _repost(request: DataRequest, shelf: Shelf, at: datetime) -> None:
    """Each minute that was counted apart, reversed and posted as spend; the sum of exempt minutes is zero then."""
    worked = BudgetEntry.objects.filter(request=request, kind=EntryKind.EXEMPT_SPEND, reversal=None)
    for entry in worked.select_related("period").order_by("pk"):
        reverse_posted(actor=None, entry=entry, shelf=shelf, reason="exemption lapsed", at=at)
        books = next(each for each in shelf.every if each.period.pk == entry.period_id)
        change = budget.spend(entry.d_exempt, reserved_of(request, books.period))
        posting = Posting(
            request=request, person=entry.person, work_date=entry.work_date, is_late=entry.is_late,
            reason="exemption lapsed",
        )  # fmt: skip
        post(books=books, change=change, posting=posting, at=at)


def _ordinary_targets(request: DataRequest, at: datetime) -> None:
    """From now on the ordinary promises; what was counted stands."""
    version = policy_version_for(kind=request.kind, team_id=request.team_id, urgency=request.urgency, size=request.size)
    for clock in live_clocks(request):
        target = target_of(version, clock.kind, request.promised_as)
        change_running_target(actor=None, clock=clock, target_seconds=target, reason="exemption lapsed", at=at)
