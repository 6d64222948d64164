"""Push-back letters: written, stored with their numbers, and said in public (spec requests 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.queries.teams import responsible_leads
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.budget import Size
from requests_queue.domain.letters import rule_of, share_words, work_words, write_letter
from requests_queue.models import DecisionLetter
from requests_queue.queries.capacity import team_quarter
from requests_queue.queries.resting_on import place_in_line
from requests_queue.services.messages import write_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.budget import Verdict
    from requests_queue.models import DataRequest, PlanCandidate
    from requests_queue.services.ledger import Books

LOCK_DAYS_BEFORE = timedelta(days=5)


def send_letter(
    *, actor: Any, request: DataRequest, decision: str, numbers: Mapping[str, str], edited: str = "", at: datetime
) -> DecisionLetter:
    """Store the letter as it is sent and say it in public; it counts as the first response.

    `edited` is what a person made of it before sending. The request is locked and has its new state.
    """
    is_large = request.size == Size.COMPLEX
    rule = rule_of(decision, is_large=is_large, is_green=numbers.get("state") == "green")
    body = edited.strip() or write_letter(decision, rule, numbers).body
    letter = DecisionLetter.objects.create(
        request=request, decision=decision, rule=rule, numbers=dict(numbers), body=body, author=actor, sent_at=at
    )
    write_message(actor=actor, request=request, body=body, is_last=decision != "QUEUE", field="letter", at=at)
    return letter


def letter_numbers(
    request: DataRequest, books: Books, verdict: Verdict, meanwhile: str, at: datetime
) -> dict[str, str]:
    """The figures of this moment, as a letter prints them; `with_candidate` adds where the wish stands."""
    told, capacity = books.told, books.balance.capacity
    quarter = team_quarter(request.team, at)
    return _names(request, quarter, at) | {
        "estimate": work_words(verdict.minutes), "used": share_words(told.used, capacity),
        "floor": share_words(books.floor, capacity), "cap": share_words(books.cap, capacity),
        "medium_max": work_words(books.terms.medium_max), "meanwhile": meanwhile.strip(),
        "state": "green" if told.used < books.floor else "band",
        "place": str(place_in_line(request)),
        "minutes": str(verdict.minutes), "used_minutes": str(told.used), "floor_minutes": str(books.floor),
        "cap_minutes": str(books.cap), "capacity_minutes": str(capacity),
    }  # fmt: skip


def with_candidate(numbers: Mapping[str, str], candidate: PlanCandidate | None) -> dict[str, str]:
    """The numbers with the candidate and the plan that decides on it; a private request has none."""
    if candidate is None:
        return dict(numbers) | {"candidate": ""}
    quarter = quarter_of(candidate.plan.quarter_start)
    return dict(numbers) | {
        "candidate": f"C-{candidate.pk}", "next_quarter": quarter.name,
        "decided_on": _day(quarter.starts_on - LOCK_DAYS_BEFORE),
        "candidate_url": f"/plan/candidates/{candidate.pk}",
    }  # fmt: skip


def decline_numbers(request: DataRequest, reason: str, alternative: str, at: datetime) -> dict[str, str]:
    """What a decline prints."""
    quarter = team_quarter(request.team, at)
    return _names(request, quarter, at) | {"reason": reason.strip(), "alternative": alternative.strip()}


def _names(request: DataRequest, quarter: Quarter, at: datetime) -> dict[str, str]:
    following = quarter.following()
    leads = responsible_leads(request.team, at.date())
    return {
        "requester": request.requester.get_short_name(), "team": request.team.name,
        "next_quarter": following.name, "decided_on": _day(following.starts_on - LOCK_DAYS_BEFORE),
        "quarter_ends_on": _day(quarter.last_on),
        "lead": leads[0].name if leads else "the lead",
    }  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
