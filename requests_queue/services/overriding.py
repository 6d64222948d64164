"""Pulling work in against the numbers: one proposes, another approves, both with their reasons (spec budget 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.policies import standings
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import cancel_deadlines
from requests_queue.domain import budget
from requests_queue.domain.letters import share_words
from requests_queue.domain.states import Actor, State
from requests_queue.domain.texts import checked_text
from requests_queue.models import OverrideProposal
from requests_queue.policies import parts_of
from requests_queue.queries.budget import minutes_of
from requests_queue.queries.bumpable import bumpable_item
from requests_queue.services.clocks import restart_clock
from requests_queue.services.deciding import decide_request
from requests_queue.services.ledger import Posting, post
from requests_queue.services.moving import Move, audit, move, note_event
from requests_queue.services.plan_life import give_way
from requests_queue.services.plan_opening import hold_plans, locked_plan
from requests_queue.services.reworking import add_shortcut
from requests_queue.services.settling import locked_with_books
from requests_queue.services.telling import tell_leads

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.domain.budget import Change
    from requests_queue.models import DataRequest, PlanItem
    from requests_queue.services.deciding import Estimate
    from requests_queue.services.ledger import Books

OVERRIDE_NOTICE = "requests.override_asked"
LEAST_REASON = 20
MOST_TEXT = 1000


@dataclass(frozen=True)
class PullIn:
    """Why work cannot wait for the plan, what gives way for it, and what is left out."""

    reason: str
    gives_way: str = ""
    left_out: str = ""


@transaction.atomic
def propose_override(
    *, actor: Any, request: DataRequest, reason: str, gives_way: str = "", left_out: str = "",
    version: int | None = None, at: datetime,
) -> OverrideProposal:  # fmt: skip
    """Ask that deferred work is done this quarter after all; a member of the owning team does.

    `gives_way` is the id of a bumpable plan item, `left_out` answers "What was left out?". Raises
    `budget.reason_too_short`, `budget.gives_way_required` when it would pass the cap and nothing gives way,
    `budget.already_proposed`.
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    if Actor.MEMBER not in parts_of(actor, standing, at):
        raise NotAllowed("requests.not_yours", f"Somebody of {standing.team.name} proposes this.")
    if standing.state != State.DEFERRED:
        raise Conflict("requests.bad_transition", f"{standing.number} is not deferred; there is nothing to override.")
    text = checked_text(reason, "reason")
    if len(text) < LEAST_REASON:
        raise DomainError("budget.reason_too_short", "Say why in at least 20 characters.", "reason")
    if standing.override_proposals.filter(decided_at=None).exists():
        raise Conflict("budget.already_proposed", "Somebody has proposed this; it waits for an answer.")
    item = bumpable_item(standing.team, gives_way, at)
    _require_gives_way(shelf.current, _ask(standing), item)
    proposal = OverrideProposal.objects.create(
        request=standing, proposer=actor, reason=text[:500], gives_way=item,
        left_out=checked_text(left_out, "left_out")[:MOST_TEXT], at=at,
    )  # fmt: skip
    audit(actor=actor, verb="requests.override_proposed", request=standing, reason=proposal.reason, at=at)
    note_event(actor=actor, request=standing, kind="override_asked", data={}, at=at)
    tell_leads(request=standing, kind=OVERRIDE_NOTICE, line=proposal.reason, at=at)
    return proposal


@transaction.atomic
def decide_and_propose(
    *, actor: Any, request: DataRequest, estimate: Estimate, pull_in: PullIn, version: int | None = None, at: datetime
) -> DataRequest:
    """Decide, and where the books put it off ask in the same step that it is done after all; somebody else approves.

    Where they take it in or ask the lead nothing is proposed. Raises as both do; nothing is written then.
    """
    standing = decide_request(actor=actor, request=request, estimate=estimate, version=version, at=at)
    if standing.state == State.DEFERRED:
        propose_override(
            actor=actor, request=standing, reason=pull_in.reason, gives_way=pull_in.gives_way,
            left_out=pull_in.left_out, at=at,
        )  # fmt: skip
    return standing


@transaction.atomic
def decide_override(
    *, actor: Any, request: DataRequest, is_approved: bool, version: int | None = None, at: datetime
) -> DataRequest:
    """Say yes or no to the open proposal. Yes accepts the request and starts a new promise at this instant.

    Up to the cap any lead of the team approves; above it a holder of `approve_budget`, and the named line of the plan
    gives way. Never the requester, never who proposed. Raises `budget.same_person`, `budget.no_proposal`,
    `NotAllowed`; nothing is posted then.
    """
    _hold_plans(request)
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    proposal = standing.override_proposals.filter(decided_at=None).first()
    if proposal is None:
        raise Conflict("budget.no_proposal", f"Nobody proposes to pull {standing.number} in.")
    ask = _ask(standing)
    _require_may_approve(actor, standing, shelf.current, ask, at)
    _require_other_person(actor, standing, proposal)
    proposal.decided_by, proposal.decided_at, proposal.is_approved = actor, at, is_approved
    proposal.save(update_fields=["decided_by", "decided_at", "is_approved"])
    if not is_approved:
        audit(actor=actor, verb="requests.override_refused", request=standing, reason=proposal.reason, at=at)
        note_event(actor=actor, request=standing, kind="override_refused", data={}, at=at)
        return standing
    _require_gives_way(shelf.current, ask, proposal.gives_way)
    _pull_in(actor, standing, shelf.current, proposal, at)
    return standing


def _hold_plans(request: DataRequest) -> None:
    """The plan whose line gives way and those that may take what was left out, before the books and the request."""
    proposal = request.override_proposals.filter(decided_at=None).select_related("gives_way__plan").first()
    if proposal is not None and proposal.gives_way is not None:
        locked_plan(proposal.gives_way.plan)
    hold_plans(team=request.team)


def _pull_in(actor: Any, standing: DataRequest, books: Books, proposal: OverrideProposal, at: datetime) -> None:
    evidence = Posting(
        actor=proposal.proposer, request=standing, approver=actor, gives_way=proposal.gives_way, reason=proposal.reason
    )
    post(books=books, change=_override(), posting=evidence, at=at)
    ask = _ask(standing)
    if proposal.gives_way is not None and books.balance.used + ask > books.cap:
        because = "Gives way to work that cannot wait." if standing.is_private else f"Gives way: {proposal.reason}"
        give_way(actor=actor, item=proposal.gives_way, reason=because, at=at)
    if ask:
        post(books=books, change=budget.reserve(ask), posting=Posting(actor=actor, request=standing), at=at)
    told = books.told
    used = share_words(told.used, told.capacity)
    step = Move(
        State.ACCEPTED, "requests.overridden", reason=proposal.reason, line="Pulled in after all",
        data={"used": used, "gives_way": proposal.gives_way_id}, vouched=Actor.LEAD,
    )  # fmt: skip
    move(actor=actor, request=standing, step=step, at=at)
    restart_clock(actor=actor, request=standing, kind="resolution", at=at)
    add_shortcut(actor=proposal.proposer, request=standing, text=proposal.left_out, is_override=True, at=at)
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=["requests.approval"], reason="overridden", at=at)


def _override() -> Change:
    return budget.Change(budget.EntryKind.OVERRIDE)


def _ask(request: DataRequest) -> int:
    spent, reserved, _ = minutes_of(request)
    return max(0, (request.estimate_minutes or 0) - spent - reserved)


def _require_gives_way(books: Books, ask: int, gives_way: PlanItem | None) -> None:
    if books.balance.used + ask > books.cap and gives_way is None:
        message = "Above the cap something planned has to give way. Name the plan item."
        raise DomainError("budget.gives_way_required", message, "gives_way")


def _require_other_person(actor: Any, request: DataRequest, proposal: OverrideProposal) -> None:
    if actor.pk in {proposal.proposer_id, request.requester_id}:
        message = "Neither who asked for the work nor who proposed it can approve it."
        raise DomainError("budget.same_person", message, "approver")


def _require_may_approve(actor: Any, request: DataRequest, books: Books, ask: int, at: datetime) -> None:
    rows = standings(actor, request.team, at)
    holds_grant = any(row.grant == "approve_budget" for row in rows)
    if holds_grant:
        return
    if books.balance.used + ask > books.cap:
        raise NotAllowed("requests.not_lead", "Above the cap this needs the grant to approve budgets.")
    if Actor.LEAD not in parts_of(actor, request, at):
        raise NotAllowed("requests.not_lead", f"The lead of {request.team.name} approves this.")
