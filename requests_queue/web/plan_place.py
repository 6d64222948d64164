"""What the page of a request says of its place in the plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import Row, when
from requests_queue.queries.plan_place import place_of
from requests_queue.web import plan_shown as shown

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest, PlanCandidate, PlanItem


def plan_rows(request: DataRequest, viewer: Any, at: datetime) -> list[Row]:
    """One line: which plan, how far, and when the next word comes; none for what stands in no plan."""
    place = place_of(request)
    if place is None:
        return []
    if place.line is None:
        return [_wish_row(place.candidate, viewer.zone, at)]
    return [_line_row(place.candidate, place.line, viewer.zone, at)]


def _wish_row(wish: PlanCandidate, zone: str, at: datetime) -> Row:
    name = shown.quarter_name(wish.plan)
    if wish.status == "open":
        facts = [f"beside the list of {name}, not estimated yet", _decided(wish, zone, at)]
    else:
        facts = [f"not taken for {name}: {wish.decision_reason}"]
    return Row(title=wish.title, url=f"/plan/candidates/{wish.pk}", number=wish.number, icon="layout-dashboard",
               facts=facts)  # fmt: skip


def _line_row(wish: PlanCandidate, line: PlanItem, zone: str, at: datetime) -> Row:
    name = shown.quarter_name(line.plan)
    badges = [shown.ITEM_BADGES[line.state]] if line.state in shown.ITEM_BADGES else []
    if line.plan.is_open:
        facts = [f"line {line.rank} of the draft of {name}", _decided(wish, zone, at)]
    else:
        facts = [f"line {line.rank} of {name}, {shown.days(line.minutes)} of work"]
    if line.state == "done" and line.ended_at is not None:
        facts = [f"shipped {when(line.ended_at, zone, at).text}"]
    elif line.expected_month is not None:
        facts.append(f"expected in {line.expected_month:%B}")
    if line.owner is not None and line.state != "done":
        facts.append(f"{line.owner.name} does it")
    return Row(title=line.title, url=f"/plan/lines/{line.pk}", number=wish.number, icon="layout-dashboard",
               badges=badges, facts=facts)  # fmt: skip


def _decided(wish: PlanCandidate, zone: str, at: datetime) -> str:
    """Until when points count, then when the plan is locked."""
    plan = wish.plan
    if at < plan.input_closes_at:
        return f"your team's points count until {when(plan.input_closes_at, zone, at).text}"
    return f"decided by {when(plan.lock_due_at, zone, at).text}"
