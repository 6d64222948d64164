"""What the books would say before anybody presses a key (spec requests 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from requests_queue.domain import budget
from requests_queue.domain.budget import Ruling, Work
from requests_queue.domain.letters import work_words
from requests_queue.models import TeamDesk
from requests_queue.queries.budget import budget_for, minutes_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.domain.budget import Verdict
    from requests_queue.models import DataRequest
    from requests_queue.queries.budget import BudgetView

RULINGS = {
    Ruling.ACCEPT: "accept", Ruling.ACCEPT_AMBER: "accept, in the amber band", Ruling.LEAD_APPROVAL: "ask the lead",
    Ruling.QUEUE: "wait in line", Ruling.DEFER: "put off to the plan", Ruling.ACCEPT_EXEMPT: "accept as exempt",
}  # fmt: skip
LANES = {"quick_win": "Quick win", "question": "Question"}


@dataclass(frozen=True)
class LanePreview:
    """One lane with its default minutes: the arithmetic and the decision, in words."""

    lane: str
    label: str
    minutes: int
    verdict: Verdict
    words: str


def lane_previews(request: DataRequest, view: BudgetView) -> list[LanePreview]:
    """What each lane with a default estimate would lead to now; at most two queries beside the view."""
    desk = getattr(request.team, "request_desk", None) or TeamDesk()
    minutes = {"quick_win": desk.quick_win_minutes, "question": desk.question_minutes}
    held = sum(minutes_of(request))
    found = []
    for lane, estimate in minutes.items():
        work = Work(estimate, request.is_structural, request.exemption_id is not None, held)
        verdict = budget.judge(work, view.balance, view.terms)
        found.append(LanePreview(lane, LANES[lane], estimate, verdict, verdict_words(verdict)))
    return found


def verdict_words(verdict: Verdict) -> str:
    """The comparison behind a decision: "used 5,250 + 300 <= floor 5,678 min: accept"."""
    decision = RULINGS[verdict.ruling]
    if verdict.ruling == Ruling.ACCEPT_EXEMPT:
        return f"{verdict.minutes:,} min outside the budget: {decision}"
    if verdict.size == budget.Size.COMPLEX:
        return f"{work_words(verdict.minutes)}, complex: {decision}"
    total = verdict.used + verdict.ask
    edge, bound = ("floor", verdict.floor) if total <= verdict.floor else ("cap", verdict.cap)
    sign = "<=" if total <= bound else ">"
    return f"used {verdict.used:,} + {verdict.ask:,} {sign} {edge} {bound:,} min: {decision}"


def budget_words(viewer: Any, team: Team, at: datetime) -> tuple[BudgetView, str]:
    """The state of the budget for somebody who is about to ask, and what a large wish would meet."""
    view = budget_for(viewer, team, at)
    desk = TeamDesk.objects.filter(team=team).first() or TeamDesk()
    used = f"{view.share(view.balance.used) * 100:.1f}"
    band = f"{view.terms.floor_bp / 100:g}-{view.terms.cap_bp / 100:g} %"
    following = view.quarter.following()
    sentence = (
        f"Answering takes about {desk.question_minutes} min of the budget. {used} % of {band} is used in "
        f"{view.quarter.name}; anything above {work_words(view.terms.medium_max)} goes to the plan of {following.name}."
    )
    return view, sentence
