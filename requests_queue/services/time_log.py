"""Time that was worked on requests, in the books of the day it was worked (spec budget 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum

from portal.accounts.queries.people import local_day
from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError, NotAllowed
from requests_queue.domain import budget
from requests_queue.domain.budget import Change, EntryKind, Size
from requests_queue.domain.states import Actor, State
from requests_queue.models import BudgetEntry, DataRequest
from requests_queue.policies import parts_of
from requests_queue.queries.budget import minutes_of, reserved_of
from requests_queue.services.ledger import Posting, checked_minutes, minutes_audit, post
from requests_queue.services.moving import Move, move
from requests_queue.services.settling import locked_with_books, promote_queued_requests, release
from requests_queue.services.telling import tell_leads

if TYPE_CHECKING:
    import uuid
    from datetime import date, datetime

    from requests_queue.services.ledger import Books, Shelf

TRIPWIRE_NOTICE = "requests.tripwire"
DAY_MINUTES = 1440
DAYS_BACK = 100
WORKED = {State.ACCEPTED, State.IN_PROGRESS, State.WAITING_ON_REQUESTER, State.WAITING_ON_UPSTREAM}
REVERSIBLE = {EntryKind.SPEND, EntryKind.EXEMPT_SPEND, EntryKind.ADJUST_CAPACITY}


@transaction.atomic
def log_time(
    *, actor: Any, request: DataRequest, minutes: int, work_date: date, idem_key: uuid.UUID, at: datetime
) -> BudgetEntry:
    """Post time of the actor on a request: SPEND, or EXEMPT_SPEND of an exempt one. The same key posts once.

    Time of a closed quarter goes into today's books as late, with its day kept. Raises `DomainError` (minutes,
    work_date, `budget.too_long_day`), `NotAllowed`, `Conflict` (`budget.duplicate_key`).
    """
    standing, shelf = locked_with_books(actor=actor, request=request, at=at)
    if not parts_of(actor, standing, at) & {Actor.MEMBER, Actor.ASSIGNEE}:
        raise NotAllowed("requests.not_team", f"Somebody of {standing.team.name} logs time here.")
    if (known := BudgetEntry.objects.filter(idem_key=idem_key).first()) is not None:
        return _the_same(known, standing, minutes, work_date)
    checked_minutes(minutes, most=DAY_MINUTES)
    _check_day(actor, minutes, work_date, at)
    books, is_late = _books_of(shelf, work_date)
    change = _change(standing, books, minutes)
    posting = Posting(actor=actor, request=standing, person=actor, work_date=work_date, is_late=is_late, key=idem_key)
    entry = post(books=books, change=change, posting=posting, at=at)
    minutes_audit(actor=actor, verb="requests.time_logged", subject=standing, entry=entry, at=at)
    if change.kind == EntryKind.SPEND:
        _watch_tripwire(standing, shelf, at)
    return entry


@transaction.atomic
def reverse_entry(*, actor: Any, entry: BudgetEntry, reason: str, at: datetime) -> BudgetEntry:
    """Negate one entry exactly, once; a closed request gives back what this restores.

    Its author or the lead does. Raises `budget.already_reversed`, `budget.not_reversible`, `budget.reason_too_short`,
    `budget.period_closed`, `NotAllowed`.
    """
    if not reason.strip():
        raise DomainError("budget.reason_too_short", "Say what was wrong.", "reason")
    request = entry.request
    if request is None or EntryKind(entry.kind) not in REVERSIBLE:
        raise Conflict("budget.not_reversible", "Only logged time can be reversed here.")
    standing, shelf = locked_with_books(actor=actor, request=request, at=at)
    if entry.person_id != actor.pk and Actor.LEAD not in parts_of(actor, standing, at):
        raise NotAllowed("requests.not_lead", "Who logged it or the lead reverses it.")
    undone = reverse_posted(actor=actor, entry=entry, shelf=shelf, reason=reason, at=at)
    minutes_audit(actor=actor, verb="requests.time_reversed", subject=standing, entry=undone, at=at)
    if not standing.is_open:
        release(actor=actor, request=standing, shelf=shelf, at=at)
    promote_queued_requests(shelf=shelf, at=at)
    return undone


def reverse_posted(*, actor: Any, entry: BudgetEntry, shelf: Shelf, reason: str, at: datetime) -> BudgetEntry:
    """The reversing entry; books are locked. Raises `budget.already_reversed` or `budget.period_closed`."""
    books = next((each for each in shelf.every if each.period.pk == entry.period_id), None)
    if books is None:
        raise Conflict("budget.period_closed", "This quarter is closed; its books are not changed any more.")
    if BudgetEntry.objects.filter(reverses=entry).exists():
        raise Conflict("budget.already_reversed", f"Entry {entry.seq} is reversed already.")
    change = Change(EntryKind(entry.kind), entry.d_spent, entry.d_reserved, entry.d_exempt, entry.d_capacity)
    posting = Posting(
        actor=actor, request=entry.request, person=entry.person, work_date=entry.work_date, reverses=entry,
        reason=reason.strip(),
    )  # fmt: skip
    return post(books=books, change=budget.reverse(change), posting=posting, at=at)


def _the_same(known: BudgetEntry, request: DataRequest, minutes: int, work_date: date) -> BudgetEntry:
    if (known.request_id, known.d_spent + known.d_exempt, known.work_date) != (request.pk, minutes, work_date):
        raise Conflict("budget.duplicate_key", "This key was used for another entry. Send a new one.")
    return known


def _check_day(actor: Any, minutes: int, work_date: date, at: datetime) -> None:
    today = local_day(actor, at)
    if work_date > today:
        raise DomainError("budget.bad_day", "This day is not over yet; choose today or earlier.", "work_date")
    if today - work_date > timedelta(days=DAYS_BACK):
        raise DomainError("budget.bad_day", f"At most {DAYS_BACK} days back.", "work_date")
    own = BudgetEntry.objects.filter(person=actor, work_date=work_date)
    sums = own.aggregate(spent=Sum("d_spent"), exempt=Sum("d_exempt"))
    total = int(sums["spent"] or 0) + int(sums["exempt"] or 0) + minutes
    if total > DAY_MINUTES:
        message = f"With this the day has {total:,} minutes; a day has {DAY_MINUTES:,}."
        raise DomainError("budget.too_long_day", message, "minutes")


def _books_of(shelf: Shelf, work_date: date) -> tuple[Books, bool]:
    books = shelf.of(quarter_of(work_date))
    return (books, False) if books is not None else (shelf.current, True)


def _change(request: DataRequest, books: Books, minutes: int) -> Change:
    if request.exemption_id is not None:
        return budget.exempt_spend(minutes)
    return budget.spend(minutes, reserved_of(request, books.period))


def _watch_tripwire(request: DataRequest, shelf: Shelf, at: datetime) -> None:
    """Work that has outgrown its estimate goes back to the desk: the lead says continue, stop or defer the rest."""
    if request.state not in WORKED or not request.size or not request.estimate_minutes:
        return
    spent, _, _ = minutes_of(request)
    if not budget.is_tripped(Size(request.size), request.estimate_minutes, spent, shelf.current.terms):
        return
    data = {"spent": spent, "estimate": request.estimate_minutes}
    step = Move(State.TRIAGE, "requests.tripped", line="Larger than estimated: back at the desk", data=data)
    move(actor=None, request=request, step=step, at=at)
    line = f"{spent} min on an estimate of {request.estimate_minutes} min: continue, stop, or defer the rest"
    tell_leads(request=request, kind=TRIPWIRE_NOTICE, line=line, at=at)
