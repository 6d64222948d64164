"""The only writer of the ledger: an entry and the balance of its period in one step, under the period's lock.

Lock order: plan -> period -> request. Two people who take the last hour are judged one after the other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import DeadlineDraft, NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.notices import raise_notices
from requests_queue.domain import budget
from requests_queue.domain.letters import share_words
from requests_queue.domain.unseen import as_seen, before, unseen_by
from requests_queue.models import BudgetEntry, BudgetPeriod
from requests_queue.queries.audience import Directory
from requests_queue.queries.budget import balance_of, desk_terms, terms_of
from requests_queue.queries.capacity import capacity_of
from requests_queue.queries.quarters import closing_instant
from requests_queue.queries.unseen import pieces_now

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.budget import Balance, Change, Terms
    from requests_queue.models import DataRequest, PlanItem

BAND_NOTICE = "requests.budget_band"
CLOSE_KIND = "requests.quarter_close"
RANKS = {"green": 0, "amber": 1, "red": 2}
BALANCES = ["last_seq", "spent", "reserved", "exempt", "adjusted"]


@dataclass(frozen=True)
class Posting:
    """Who and what stands behind an entry; `key` makes the same act post once."""

    actor: Any = None
    request: DataRequest | None = None
    person: Any = None
    work_date: date | None = None
    reverses: BudgetEntry | None = None
    approver: Any = None
    gives_way: PlanItem | None = None
    reason: str = ""
    is_late: bool = False
    key: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Books:
    """A period under lock, with what it agreed and what it holds."""

    period: BudgetPeriod

    @property
    def terms(self) -> Terms:
        return terms_of(self.period)

    @property
    def balance(self) -> Balance:
        return balance_of(self.period)

    @property
    def told(self) -> Balance:
        """The balance as it may be said to everybody: in a letter, a line, the figures of a closed quarter."""
        return as_seen(self.balance, pieces_now(self.period))

    @property
    def floor(self) -> int:
        return budget.floor_of(self.balance.capacity, self.terms)

    @property
    def cap(self) -> int:
        return budget.cap_of(self.balance.capacity, self.terms)


@dataclass(frozen=True)
class Shelf:
    """All open books of a team under lock: that of today, and every one, oldest first."""

    current: Books
    every: tuple[Books, ...]

    def of(self, quarter: Quarter) -> Books | None:
        """The open books of a quarter; None if it was never opened or is closed."""
        return next((books for books in self.every if books.period.quarter_start == quarter.starts_on), None)


def lock_books(*, team: Team, at: datetime) -> Shelf:
    """The open periods of the team under lock, always oldest first; today's is opened on first use.

    Inside a transaction, before the lock of any request. A provisional period reads its capacity anew.
    """
    quarter = quarter_of(at.astimezone(ZoneInfo(team.zone)).date())
    rows = _locked_periods(team)
    if not any(row.quarter_start == quarter.starts_on for row in rows):
        open_books(team=team, quarter=quarter, at=at)
        rows = _locked_periods(team)
    current = next(row for row in rows if row.quarter_start == quarter.starts_on)
    if current.locked_at is None:
        capacity = capacity_of(team, quarter)
        if capacity != current.opening_capacity_minutes:
            current.opening_capacity_minutes = capacity
            current.save(update_fields=["opening_capacity_minutes"])
    every = tuple(Books(row) for row in rows)
    return Shelf(next(books for books in every if books.period is current), every)


def open_books(*, team: Team, quarter: Quarter, at: datetime) -> BudgetPeriod:
    """The period of a quarter under lock, opened on first use; somebody else's first act a moment before wins.

    Inside a transaction.
    """
    terms = desk_terms(team)
    BudgetPeriod.objects.bulk_create([
        BudgetPeriod(
            team=team, quarter_start=quarter.starts_on, floor_bp=terms.floor_bp, cap_bp=terms.cap_bp,
            small_max=terms.small_max, medium_max=terms.medium_max, opening_capacity_minutes=capacity_of(team, quarter),
        )
    ], ignore_conflicts=True)  # fmt: skip
    period = BudgetPeriod.objects.select_for_update(of=("self",)).get(team=team, quarter_start=quarter.starts_on)
    if period.closed_at is None:
        draft = DeadlineDraft(CLOSE_KIND, subject_of(period), closing_instant(team, quarter))
        arm_deadlines(drafts=[draft], at=at)
    return period


def post(*, books: Books, change: Change, posting: Posting, at: datetime) -> BudgetEntry:
    """Append an entry and move the balance with it; the period is locked.

    Raises `Conflict` `budget.period_closed`. A crossing into amber or red is told to the leads once.
    """
    period = books.period
    if period.closed_at is not None:
        raise Conflict("budget.period_closed", "This quarter is closed; its books are not changed any more.")
    period.last_seq += 1
    period.spent += change.d_spent
    period.reserved += change.d_reserved
    period.exempt += change.d_exempt
    period.adjusted += change.d_capacity
    period.save(update_fields=BALANCES)
    entry = BudgetEntry.objects.create(
        period=period, seq=period.last_seq, kind=change.kind.value, request=posting.request, person=posting.person,
        work_date=posting.work_date, d_spent=change.d_spent, d_reserved=change.d_reserved, d_exempt=change.d_exempt,
        d_capacity=change.d_capacity, reverses=posting.reverses, approver=posting.approver,
        gives_way=posting.gives_way, reason=posting.reason[:500], is_late=posting.is_late, idem_key=posting.key,
        recorded_at=at, actor=posting.actor,
    )  # fmt: skip
    _tell_crossing(books, entry, change, at)
    return entry


def minutes_audit(*, actor: Any, verb: str, subject: Any, entry: BudgetEntry, at: datetime) -> None:
    """The audit row of a posting; that of a private request stands in its compartment."""
    request = entry.request
    compartment = request.number if request is not None and request.is_private else ""
    moved = {name: getattr(entry, name) for name in ("d_spent", "d_reserved", "d_exempt", "d_capacity")}
    after = {"entry": entry.pk} | {name: value for name, value in moved.items() if value}
    record_audit(
        actor=actor, verb=verb, subject=subject, after=after, reason=entry.reason, compartment=compartment, at=at
    )


def checked_minutes(minutes: Any, *, field_name: str = "minutes", most: int) -> int:
    """A whole number of minutes from 1 to `most`; raises `DomainError` naming the field."""
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= most:
        raise DomainError("budget.bad_minutes", f"Whole minutes between 1 and {most:,}.", field_name)
    return minutes


def _locked_periods(team: Team) -> list[BudgetPeriod]:
    rows = BudgetPeriod.objects.select_for_update(of=("self",)).filter(team=team, closed_at=None)
    return list(rows.select_related("team").order_by("quarter_start"))


def _tell_crossing(books: Books, entry: BudgetEntry, change: Change, at: datetime) -> None:
    """Each lead hears of a crossing in the balance as they may see it, which never crosses before the true one."""
    after, terms = books.balance, books.terms
    if budget.state_of(after, terms) == "green":
        return
    team, pieces = books.period.team, pieces_now(books.period)
    undone = budget.apply(after, budget.reverse(change))
    drafts = []
    for pk in Directory(at).leads(team):
        seen = as_seen(after, unseen_by(pieces, pk))
        seen_before = as_seen(undone, unseen_by(before(pieces, entry.request_id, change), pk))
        state = budget.state_of(seen, terms)
        if RANKS[state] > RANKS[budget.state_of(seen_before, terms)]:
            context = {
                "title": team.name, "url": f"/budget/{team.slug}/", "state": state,
                "used": share_words(seen.used, seen.capacity), "cap": share_words(books.cap, seen.capacity),
            }  # fmt: skip
            key = f"{BAND_NOTICE}:{books.period.pk}:{state}:{entry.seq}:user.{pk}"
            drafts.append(
                NoticeDraft(BAND_NOTICE, key, subject_of(books.period), Recipient(person_id=pk), "info", context)
            )
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
