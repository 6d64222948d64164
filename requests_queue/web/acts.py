"""The acts on a request: which stand open to a viewer, and the service behind each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from requests_queue import forms
from requests_queue.domain.states import WAITING, Actor, State, movers
from requests_queue.queries.targets import person_called, request_called, team_upstream
from requests_queue.services.broken import report_broken
from requests_queue.services.concluding import answer_request, decline_request, mark_solved
from requests_queue.services.deciding import Estimate, approve_request, decide_request, defer_request
from requests_queue.services.exempting import confirm_exemption
from requests_queue.services.filing import join_request
from requests_queue.services.linking import ask_again, link_requests, part_of, split_request
from requests_queue.services.merging import merge_requests, undo_merge
from requests_queue.services.overriding import PullIn, decide_and_propose, decide_override, propose_override
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message, watch_request
from requests_queue.services.tokens import judge_not_urgent
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.upstream import wait_for_team
from requests_queue.services.working import (
    appeal_request,
    ask_requester,
    close_request,
    reopen_request,
    resolve_request,
    resume_work,
    start_work,
    wait_on_upstream,
    withdraw_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.forms import Form

    from requests_queue.models import DataRequest

Given = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """A button of the page: `inputs` says which fields its form shows (text, estimate, letter, reopen, private)."""

    verb: str
    label: str
    icon: str
    form: type[Form]
    run: Callable[..., object]
    given: Callable[[Given], Given]
    target: State | None = None
    part: Actor | None = None
    inputs: str = ""
    text_label: str = ""
    only_in: tuple[State, ...] = ()


def _nothing(_: Given) -> Given:
    return {}


def _text(name: str) -> Callable[[Given], Given]:
    return lambda data: {name: data["text"]}


def _estimate(data: Given) -> Given:
    structural = {"yes": True, "no": False}.get(data["structural"])
    return {
        "estimate": Estimate(
            data["lane"], data["minutes"], note=data["text"], is_structural=structural, letter=data["letter"]
        )
    }


def _private(data: Given) -> Given:
    handles = data["people"].replace(",", " ").replace("@", " ").split()
    return {"people": [person_called(handle, "people") for handle in handles], "reason": data["reason"]}


def _follow(*, actor: Any, request: DataRequest, version: int | None, at: datetime) -> None:
    """Whoever follows changes nothing of the request: its version is not asked."""
    del version
    watch_request(actor=actor, request=request, at=at)


def _mute(*, actor: Any, request: DataRequest, version: int | None, at: datetime) -> None:
    del version
    watch_request(actor=actor, request=request, is_muted=True, at=at)


_ALL = (
    Act("claim", "Take it for triage", "hand", forms.TextForm, claim_for_triage, _nothing, State.TRIAGE, Actor.TRIAGER),
    Act("decide", "Estimate and decide", "check", forms.DecideForm, decide_request, _estimate, State.ACCEPTED,
        Actor.TRIAGER, "estimate"),
    Act("approve", "Approve the work", "check", forms.TextForm, approve_request, _nothing, State.ACCEPTED, Actor.LEAD,
        only_in=(State.AWAITING_APPROVAL,)),
    Act("confirm", "Confirm the exemption", "shield-check", forms.TextForm, confirm_exemption, _nothing),
    Act("answer", "Answer", "badge-check", forms.TextForm, answer_request, _text("body"), State.ANSWERED, Actor.TRIAGER,
        "text", "The answer"),
    Act("start", "Start work", "play", forms.TextForm, start_work, _nothing, State.IN_PROGRESS, Actor.ASSIGNEE),
    Act("resume", "Go on", "play", forms.TextForm, resume_work, _nothing, State.IN_PROGRESS, Actor.ASSIGNEE),
    Act("resolve", "Resolve", "circle-check", forms.ResolveForm, resolve_request,
        lambda data: {"result": data["text"], "left_out": data["left_out"]}, State.RESOLVED, Actor.ASSIGNEE, "result",
        "The result, for everybody to read"),
    Act("ask", "Ask the requester", "message-circle-question-mark", forms.TextForm, ask_requester, _text("question"),
        State.WAITING_ON_REQUESTER, None, "text", "The question; the clock stands still until the reply"),
    Act("wait", "Wait for upstream", "hourglass", forms.WaitForm, wait_on_upstream, dict,
        State.WAITING_ON_UPSTREAM, Actor.ASSIGNEE, "upstream", "Who has to move first, and for what"),
    Act("defer", "Put off to the plan", "layers", forms.TextForm, defer_request, _text("meanwhile"), State.DEFERRED,
        Actor.LEAD, "text", "What helps until then", (State.AWAITING_APPROVAL, State.TRIAGE)),
    Act("propose", "Propose to pull it in", "scissors", forms.ProposeForm, propose_override, dict, None, None,
        "propose"),
    Act("pull-in", "Pull it in", "check", forms.TextForm, decide_override, lambda _: {"is_approved": True}),
    Act("keep-off", "Leave it in the plan", "circle-x", forms.TextForm, decide_override,
        lambda _: {"is_approved": False}),
    Act("decline", "Decline", "circle-x", forms.DeclineForm, decline_request, dict, State.DECLINED, None, "letter"),
    Act("merge", "It is the same as", "merge", forms.MergeForm, merge_requests, dict, State.DUPLICATE, Actor.TRIAGER,
        "merge"),
    Act("undo-merge", "Take the merge back", "undo-2", forms.TextForm, undo_merge, _nothing),
    Act("not-urgent", "It is not urgent", "clock-3", forms.TextForm, judge_not_urgent, _text("reason"), None, None,
        "text", "Why not; the token goes back"),
    Act("appeal", "Look at it again", "rotate-ccw", forms.TextForm, appeal_request, _text("reason"), State.TRIAGE,
        Actor.LEAD, "text", "What speaks for it", (State.DECLINED, State.DEFERRED)),
    Act("triage", "Send back to the desk", "list-checks", forms.TextForm, appeal_request, _text("reason"), State.TRIAGE,
        Actor.LEAD, "text", "What has to be read again", (State.ACCEPTED, State.IN_PROGRESS, *sorted(WAITING))),
    Act("again", "Ask again", "repeat", forms.TextForm, ask_again, _text("note"), None, None, "text",
        "What is missing? A new request follows this one up."),
    Act("reopen", "Re-open", "rotate-ccw", forms.ReopenForm, reopen_request,
        lambda data: {"reason": data["reason"], "note": data["text"]}, None, None, "reopen", "What is missing?"),
    Act("solve", "I found the answer", "check-check", forms.TextForm, mark_solved, _nothing, State.ANSWERED,
        Actor.REQUESTER),
    Act("close", "Close it", "check", forms.TextForm, close_request, _nothing, State.CLOSED, Actor.REQUESTER),
    Act("withdraw", "Withdraw", "undo-2", forms.TextForm, withdraw_request, _text("reason"), State.WITHDRAWN,
        Actor.REQUESTER),
    Act("incident", "Open an incident", "siren", forms.TextForm, report_broken, _nothing),
    Act("follow", "Follow it", "eye", forms.TextForm, _follow, _nothing),
    Act("mute", "No more news of it", "eye-off", forms.TextForm, _mute, _nothing),
    Act("private", "Make private", "lock", forms.PrivateForm, make_private, _private, inputs="private"),
)  # fmt: skip
ACTS = {act.verb: act for act in _ALL}
MAIN = ("claim", "approve", "confirm", "decide", "answer", "start", "resume", "resolve", "ask", "wait", "incident")


@dataclass(frozen=True)
class Seen:
    """Who looks at the page: their parts, and what grants let them do beside these."""

    held: frozenset[Actor]
    may_confirm: bool = False
    has_proposal: bool = False
    may_override: bool = False
    may_follow: bool = False
    may_mute: bool = False
    may_report: bool = False


def acts_for(request: DataRequest, seen: Seen) -> list[Act]:
    """The acts that somebody in these parts can do now, in the order of the page."""
    return [act for act in _ALL if _is_open(act, request, seen)]


def perform(act: Act, *, actor: Any, request: DataRequest, data: Given, version: int | None, at: datetime) -> None:
    """Run the service of the act with what the form gave."""
    if act.verb == "merge":
        data = {"survivor": request_called(data["survivor"], actor)}
    if act.verb == "decide" and data["pull_in"].strip():
        pull_in = PullIn(data["pull_in"], data["gives_way"])
        given = act.given(data)
        decide_and_propose(actor=actor, request=request, pull_in=pull_in, version=version, at=at, **given)
        return
    if act.verb == "wait":
        team = team_upstream(data["upstream"]) if data["upstream"] else None
        run = wait_on_upstream if team is None else partial(wait_for_team, team=team)
        run(actor=actor, request=request, reason=data["text"], version=version, at=at)
        return
    act.run(actor=actor, request=request, version=version, at=at, **act.given(data))


def say(*, actor: Any, request: DataRequest, data: Given, at: datetime) -> tuple[str, ...]:
    """Post the message; the names of those who were called and cannot see it."""
    asked = person_called(data["asked_of"].strip().lstrip("@"), "asked_of") if data["asked_of"].strip() else None
    said = post_message(
        actor=actor, request=request, body=data["text"], is_public=not data["is_internal"], asked_of=asked, at=at
    )
    return said.unseen


def relate(*, actor: Any, request: DataRequest, data: Given, at: datetime) -> None:
    target = request_called(data["target"], actor, "target")
    link_requests(actor=actor, request=request, target=target, kind=data["kind"], at=at)


def split(*, actor: Any, request: DataRequest, data: Given, at: datetime) -> None:
    lines = [line.strip() for line in data["parts"].splitlines() if line.strip()]
    split_request(actor=actor, request=request, parts=[part_of(line, request.kind) for line in lines], at=at)


def join(*, actor: Any, request: DataRequest, data: Given, at: datetime) -> None:
    join_request(actor=actor, request=request, wording=data["text"], at=at)


def _is_open(act: Act, request: DataRequest, seen: Seen) -> bool:
    by_grant = {
        "confirm": seen.may_confirm,
        "undo-merge": request.state == State.DUPLICATE and Actor.TRIAGER in seen.held,
        "not-urgent": request.urgency == "urgent" and request.is_open and Actor.TRIAGER in seen.held,
        "again": request.state == State.CLOSED and Actor.REQUESTER in seen.held,
        "propose": request.state == State.DEFERRED and Actor.MEMBER in seen.held and not seen.has_proposal,
        "pull-in": seen.has_proposal and seen.may_override,
        "keep-off": seen.has_proposal and seen.may_override,
        "follow": seen.may_follow,
        "mute": seen.may_mute,
        "incident": seen.may_report,
        "private": not request.is_private and bool(seen.held & {Actor.REQUESTER, Actor.MEMBER}),
    }
    return by_grant[act.verb] if act.verb in by_grant else _is_open_by_table(act, request, seen.held)


def _is_open_by_table(act: Act, request: DataRequest, held: frozenset[Actor]) -> bool:
    if act.only_in and request.state not in act.only_in:
        return False
    if act.verb == "resume":
        return request.state in WAITING and Actor.ASSIGNEE in held
    if act.verb == "start" and request.state != State.ACCEPTED:
        return False
    target = act.target or (State.TRIAGE if request.state == State.ANSWERED else State.IN_PROGRESS)
    if act.verb == "reopen" and request.state not in {State.RESOLVED, State.ANSWERED}:
        return False
    allowed = movers(request.state, target)
    parts = {act.part, Actor.PARTNER} if act.verb == "answer" else {act.part}
    return bool(held & (allowed & parts if act.part else allowed))
