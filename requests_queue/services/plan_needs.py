"""What a line needs from another team: asked by the lead, accepted or declined by the other lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.queries.teams import leads_of_team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.models import PlanNeed
from requests_queue.policies import can_rank
from requests_queue.services.plan_opening import locked_plan, quarter_of_plan, touch
from requests_queue.services.plan_telling import plan_url, tell

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.models import PlanItem

ENDED = {"closed"}


@transaction.atomic
def ask_need(*, actor: Any, item: PlanItem, team: Team, what: str, at: datetime) -> PlanNeed:
    """Ask a team for a commitment; its leads are told. Asking again replaces the words and opens the question anew."""
    require(can_rank(actor, item.plan.team, at))
    plan = locked_plan(item.plan)
    if plan.state in ENDED or item.rank is None:
        raise Conflict("plan.locked", "This line asks nobody any more.")
    if not what.strip() or len(what.strip()) > 300:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.no_reason", "Say in up to 300 characters what you need.", "what")
    if team.pk == plan.team_id:
        raise DomainError("plan.own_team", "Name another team.", "team")
    need, _ = PlanNeed.objects.update_or_create(
        item=item, team=team,
        defaults={
            "what": what.strip(), "state": "asked", "asked_by": actor, "asked_at": at, "answered_by": None,
            "answered_at": None, "answer": "",
        },
    )  # fmt: skip
    touch(plan)
    record_audit(
        actor=actor, verb="requests.need_asked", subject=item, after={"team": team.slug, "what": need.what}, at=at
    )
    tell(
        plan=plan, people=[lead.pk for lead in leads_of_team(team, at.date())],
        line=f"“{item.title}” needs from {team.name}: {need.what}", key=f"need:{need.pk}:{at.isoformat()}",
        url=plan_url(plan, quarter_of_plan(plan).label), at=at,
    )  # fmt: skip
    return need


@transaction.atomic
def answer_need(*, actor: Any, need: PlanNeed, is_accepted: bool, answer: str = "", at: datetime) -> PlanNeed:
    """Yes or no of the asked team's lead; a no says why. Raises `NotAllowed`, `Conflict`, or `DomainError`."""
    require(can_rank(actor, need.team, at))
    plan = locked_plan(need.item.plan)
    standing = PlanNeed.objects.select_for_update(of=("self",)).select_related("item", "team").get(pk=need.pk)
    if standing.state != "asked":
        raise Conflict("plan.need_answered", f"{standing.team.name} has said {standing.state} already.")
    if not is_accepted and not answer.strip():
        raise DomainError("plan.no_reason", "Say why not, so that they can plan without you.", "answer")
    standing.state = "accepted" if is_accepted else "declined"
    standing.answered_by, standing.answered_at, standing.answer = actor, at, answer.strip()[:300]
    standing.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    touch(plan)
    record_audit(
        actor=actor, verb="requests.need_answered", subject=standing.item, reason=standing.answer,
        after={"team": standing.team.slug, "state": standing.state}, at=at,
    )  # fmt: skip
    tell(
        plan=plan, people=[standing.asked_by_id],
        line=f"{standing.team.name} {standing.state} what “{standing.item.title}” needs.",
        key=f"need:{standing.pk}:{standing.state}:{at.isoformat()}",
        url=plan_url(plan, quarter_of_plan(plan).label), at=at,
    )  # fmt: skip
    return standing
