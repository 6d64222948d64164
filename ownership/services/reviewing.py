"""The quarterly review: it asks only where work says nothing, and ends in gaps, never in blame (spec ownership 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from ownership import policies
from ownership.domain.gaps import NOT_CONFIRMED
from ownership.domain.reviews import (
    ANSWER_WORDS,
    ASKED,
    AUTO,
    END_DAYS,
    END_STEP,
    HAND_OVER,
    MINE,
    NOT_MINE,
    REMINDERS,
    RETIRE,
    SILENT,
    asks,
)
from ownership.domain.states import PRIMARY, Duty, EndReason, Origin, State
from ownership.models import Gap, Ownership, ReviewCampaign, ReviewItem
from ownership.queries.parties import teams_led_by
from ownership.queries.reviews import (
    OPEN_ROW,
    due_quarter,
    last_acts,
    progress_of,
    review_instants,
    review_items,
    reviewed_rows,
    waiting_by_person,
)
from ownership.services.keeping import retire_asset
from ownership.services.owning import accept_ownership, decline_ownership, end_ownership
from ownership.services.review_telling import ASKED_NOTICE, asked_notices
from ownership.services.telling import tell_gap_opened
from portal.core import clock
from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.domain.quarter import Quarter

DEADLINE = "ownership.review"
BATCH = 2000
MOST_AT_ONCE = 200
NOTE_CHARACTERS = 500
UNWANTED = "Not theirs, they said in the review."
GONE = "Not needed any more, its owner said in the review."


@dataclass(frozen=True)
class Answer:
    """The answer to one line: mine, hand_over, not_mine or retire."""

    item: int
    word: str
    note: str = ""


def run_due_review(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The job of each night: a review begins 50 days before the quarter that is planned with it."""
    del args, progress
    at = clock.now()
    quarter = due_quarter(at.date())
    started = start_review(actor=None, quarter=quarter, at=at) if quarter is not None else None
    return {"started": quarter.label if quarter is not None and started is not None else ""}


@transaction.atomic
def start_review(*, actor: Person | None, quarter: Quarter, at: datetime) -> ReviewCampaign:
    """Look at every row that is held; ask where nothing was done in 90 days, and always at tier 1.

    One digest a person, reminders after 5 and 9 working days, the end after 10. By hand an admin starts it. Raises
    `Conflict` where the quarter has its review.
    """
    if actor is not None:
        require(policies.reviews.can_start(actor))
    if ReviewCampaign.objects.filter(quarter_start=quarter.starts_on).exists():
        raise Conflict("ownership.review_held", f"The review of {quarter.name} has been held.", "quarter")
    instants = review_instants(REMINDERS | {END_STEP: END_DAYS}, at)
    row = ReviewCampaign.objects.create(quarter_start=quarter.starts_on, started_at=at, due_at=instants[END_STEP])
    subject = subject_of(row)
    counts = _look(row, at)
    arm_deadlines(drafts=[DeadlineDraft(DEADLINE, subject, due, step=step) for step, due in instants.items()], at=at)
    record_audit(actor=actor, verb="ownership.review_started", subject=row, after=counts, at=at)
    told = asked_notices(ASKED_NOTICE, row, waiting_by_person(row, ASKED, at))
    raise_notices(planned=[Planned(each) for each in told], at=at)
    return row


@transaction.atomic
def answer_reviews(*, actor: Person, answers: Sequence[Answer], at: datetime) -> list[ReviewItem]:
    """Write down these answers, or none of them. A late answer counts as well and closes the gap.

    "Mine" confirms the row, "not mine" ends it, "retire" retires the asset; "hand over" leaves the row until somebody
    has accepted. Locks the lines. Raises `DomainError` for an unknown word, `Conflict` for a line with an answer.
    """
    wanted = {answer.item: answer for answer in answers}
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise DomainError("ownership.limit_answers", f"Choose 1 to {MOST_AT_ONCE} lines.", "chosen")
    _check(answers)
    rows = review_items(actor).select_for_update(of=("self",)).filter(pk__in=wanted).order_by("ownership__asset_id")
    found = list(rows)
    if len(found) < len(wanted):
        raise DomainError("ownership.unknown_line", "One of these is no line of a review.", "chosen")
    led = teams_led_by(actor, at)
    for row in found:
        _answer(actor, row, wanted[row.pk], led, at)
    return found


@transaction.atomic
def close_review(*, campaign: ReviewCampaign, at: datetime) -> dict[str, int]:
    """The end: a row nobody answered for is a gap of its asset. Locks the review; repeating changes nothing."""
    row = ReviewCampaign.objects.select_for_update().get(pk=campaign.pk)
    if row.closed_at is not None:
        return {}
    _settle_ended(row)
    silent = ReviewItem.objects.filter(campaign=row, state=ASKED)
    assets = set(
        silent.filter(ownership__rank=PRIMARY, ownership__duty=Duty.TECHNICAL).values_list(
            "ownership__asset_id", flat=True
        )
    )
    count = silent.update(state=SILENT)
    _open_gaps(assets, at)
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    after = dict(progress_of([row])[row.pk].counts) if row.pk in progress_of([row]) else {}
    record_audit(actor=None, verb="ownership.review_closed", subject=row, after=after, at=at)
    return {"silent": count, "gaps": len(assets)}


def _open_gaps(asset_ids: set[int], at: datetime) -> None:
    """One an asset, where none is open yet."""
    standing = Gap.objects.filter(asset_id__in=asset_ids, kind=NOT_CONFIRMED, valid__upper_inf=True)
    fresh = sorted(asset_ids - set(standing.values_list("asset_id", flat=True)))
    rows = [Gap(asset_id=pk, kind=NOT_CONFIRMED, valid=(at, None), detail={}) for pk in fresh]
    Gap.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    for pk in fresh:
        tell_gap_opened(pk, NOT_CONFIRMED, None, at)


def _look(campaign: ReviewCampaign, at: datetime) -> dict[str, int]:
    rows = list(reviewed_rows().select_related("asset").only("id", "asset__tier", "person_id", "team_id"))
    last = last_acts(rows, at)
    states = {row.pk: ASKED if asks(tier=row.asset.tier, last_act_at=last.get(row.pk), at=at) else AUTO for row in rows}
    ReviewItem.objects.bulk_create(
        (ReviewItem(campaign=campaign, ownership_id=pk, state=state) for pk, state in states.items()), batch_size=BATCH
    )
    _confirm_by_work([pk for pk, state in states.items() if state == AUTO], at)
    asked = sum(state == ASKED for state in states.values())
    return {"asked": asked, "automatic": len(rows) - asked}


def _confirm_by_work(ids: list[int], at: datetime) -> None:
    """Work answers an earlier review that nobody answered: its gap closes."""
    open_gap = Q(asset__gaps__kind=NOT_CONFIRMED, asset__gaps__valid__upper_inf=True)
    Ownership.objects.filter(pk__in=Ownership.objects.filter(open_gap, pk__in=ids).values("pk")).update(confirmed_at=at)


def _check(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if answer.word not in ANSWER_WORDS:
            raise DomainError("ownership.unknown_answer", f"One of {', '.join(ANSWER_WORDS)}.", "answer")
        if len(answer.note) > NOTE_CHARACTERS:
            raise DomainError("ownership.long_note", f"At most {NOTE_CHARACTERS} characters.", "note")


def _answer(actor: Person, row: ReviewItem, answer: Answer, led: frozenset[int], at: datetime) -> None:
    held, asset = row.ownership, row.ownership.asset
    require(policies.ownerships.can_answer(actor, held, led))
    if row.state not in {ASKED, SILENT}:
        raise Conflict("ownership.answered_already", f"{asset.name}: this has its answer already.", "chosen")
    if held.state != State.ACCEPTED or held.valid.upper is not None:
        raise Conflict("ownership.moved_on", f"{asset.name}: somebody else owns it meanwhile.", "chosen")
    if answer.word == MINE:
        accept_ownership(actor=actor, row=held, at=at)
    elif answer.word == NOT_MINE:
        _let_go(actor, held, answer.note or UNWANTED, at)
    elif answer.word == RETIRE:
        retire_asset(actor=actor, asset=asset, reason=answer.note or GONE, at=at)
    row.state, row.answered_by, row.answered_at, row.note = answer.word, actor, at, answer.note.strip()
    row.save(update_fields=["state", "answered_by", "answered_at", "note"])
    record_audit(actor=actor, verb="ownership.review_answered", subject=asset, after={"answer": answer.word}, at=at)


def _let_go(actor: Person, held: Ownership, reason: str, at: datetime) -> None:
    if held.origin == Origin.IMPORT:
        decline_ownership(actor=actor, row=held, reason=reason, at=at)
    else:
        end_ownership(actor=actor, row=held, reason=reason, at=at)


def _settle_ended(campaign: ReviewCampaign) -> None:
    """Rows that ended meanwhile have their answer: handed over, retired, or given up."""
    ended = ReviewItem.objects.filter(campaign=campaign, state=ASKED).exclude(OPEN_ROW)
    for reason, word in ((EndReason.HANDOFF, HAND_OVER), (EndReason.RETIRED, RETIRE)):
        ended.filter(ownership__end_reason=reason.value).update(state=word)
    ended.update(state=NOT_MINE)


def next_quarter(at: datetime) -> Quarter:
    """The quarter that a review started by hand prepares."""
    return quarter_of(at.date()).following()
