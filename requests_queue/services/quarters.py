"""Capacity that changes in mid-quarter, and the closing of a quarter's books (spec budget 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum

from portal.accounts.policies import may
from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain import budget
from requests_queue.domain.budget import Change, EntryKind
from requests_queue.models import BudgetEntry, DataRequest
from requests_queue.services.ledger import Posting, lock_books, minutes_audit, post
from requests_queue.services.settling import promote_queued_requests

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.models import BudgetPeriod
    from requests_queue.services.ledger import Books

MOST_ADJUSTMENT = 1_000_000


@transaction.atomic
def adjust_capacity(*, actor: Any, team: Team, minutes: int, reason: str, at: datetime) -> BudgetEntry:
    """Capacity of today's quarter comes or goes from now on, never backwards; the lead does, with a reason."""
    require(may(actor, "approve", team, at))
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 < abs(minutes) <= MOST_ADJUSTMENT:
        raise DomainError("budget.bad_minutes", "Whole minutes, not zero.", "minutes")
    if not reason.strip():
        raise DomainError("budget.reason_too_short", "Say what changed.", "reason")
    shelf = lock_books(team=team, at=at)
    if shelf.current.balance.capacity + minutes < 0:
        raise DomainError("budget.bad_minutes", "The team has not as many minutes.", "minutes")
    posting = Posting(actor=actor, reason=reason.strip())
    entry = post(books=shelf.current, change=budget.adjust(minutes), posting=posting, at=at)
    minutes_audit(actor=actor, verb="requests.capacity_adjusted", subject=shelf.current.period, entry=entry, at=at)
    promote_queued_requests(shelf=shelf, at=at)
    return entry


@transaction.atomic
def close_quarter(*, period: BudgetPeriod, at: datetime) -> bool:
    """Roll open reservations into today's quarter, carry the overdraft, close the books; says whether it did.

    Unused budget is gone. Idempotent. Raises `Conflict` (`budget.quarter_runs`) while the quarter is not over.
    """
    shelf = lock_books(team=period.team, at=at)
    closing = next((books for books in shelf.every if books.period.pk == period.pk), None)
    if closing is None:
        return False
    if closing.period.pk == shelf.current.period.pk:
        raise Conflict("budget.quarter_runs", "This quarter is not over.")
    quarter = quarter_of(closing.period.quarter_start)
    following = shelf.of(quarter.following()) or shelf.current
    _roll(closing, following, at)
    _carry_overdraft(closing, following)
    closing.period.closed_at = at
    closing.period.save(update_fields=["closed_at"])
    after = {"quarter": quarter.label, "spent": closing.told.spent, "overdraft": following.period.overdraft_minutes}
    record_audit(actor=None, verb="requests.quarter_closed", subject=closing.period, after=after, at=at)
    promote_queued_requests(shelf=shelf, at=at)
    return True


def _roll(closing: Books, following: Books, at: datetime) -> None:
    """What each request still holds leaves the old books and enters the new ones."""
    rows = BudgetEntry.objects.filter(period=closing.period, request__isnull=False).values("request_id")
    held = rows.annotate(left=Sum("d_reserved")).filter(left__gt=0).order_by("request_id")
    left = {row["request_id"]: int(row["left"]) for row in held}
    for request in DataRequest.objects.filter(pk__in=left).order_by("pk"):
        posting = Posting(request=request, reason="quarter closed")
        post(books=closing, change=Change(EntryKind.ROLL_OUT, d_reserved=-left[request.pk]), posting=posting, at=at)
        rolled = Posting(request=request, reason="quarter closed")
        post(books=following, change=Change(EntryKind.ROLL_IN, d_reserved=left[request.pk]), posting=rolled, at=at)


def _carry_overdraft(closing: Books, following: Books) -> None:
    """The overdraft stands on every page of the next quarter, so it holds no more than everybody may see."""
    following.period.overdraft_minutes = budget.overdraft_of(closing.told.spent, closing.cap)
    following.period.save(update_fields=["overdraft_minutes"])
