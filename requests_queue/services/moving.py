"""One change of state, always the same way: lock, rights, table, row, event, clocks, audit (spec requests 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from portal.core.errors import Conflict, NotAllowed, NotVisible, Stale
from portal.core.services.audit import record_audit
from requests_queue.domain.states import WAITING, Actor, State, cancels_clocks, movers, stopped_clocks
from requests_queue.models import DataRequest, RequestEvent
from requests_queue.policies import parts_of, visible_to
from requests_queue.services.clocks import cancel_clocks, resume_clocks, stop_clocks
from requests_queue.services.telling import tell_watchers

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Move:
    """Where to, under which audit verb, what the timeline keeps, and which columns change with it.

    `line` is what watchers read; "" tells nobody. `vouched` is the part in which the service itself lets the actor
    act, where a grant or the numbers decide and not the actor's place; the table must still know the move. `resumed` is
    why the clocks run on, where the move ends a waiting.
    """

    target: State
    verb: str
    reason: str = ""
    line: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    vouched: Actor | None = None
    resumed: str = "resumed"


def locked(*, actor: Any, request: DataRequest, version: int | None = None) -> DataRequest:
    """The request under a row lock, as `actor` may see it; the system (None) sees all.

    Raises `NotVisible`, and `Stale` when `version` is given and is not the newest.
    """
    rows = DataRequest.objects.all() if actor is None else visible_to(actor)
    found = rows.select_for_update(of=("self",)).select_related("team").filter(pk=request.pk).first()
    if found is None:
        raise NotVisible
    if version is not None and version != found.version:
        message = f"It has changed since: you saw version {version}, this is version {found.version}."
        raise Stale("requests.stale", message, version=found.version)
    return found


def move(*, actor: Any, request: DataRequest, step: Move, part: Actor | None = None, at: datetime) -> DataRequest:
    """Make the move and all that belongs to it. The request is locked; `part` insists on one part of the actor.

    Raises `NotAllowed` (`requests.not_yours`) or `Conflict` (`requests.bad_transition`); nothing is written then.
    """
    if step.vouched is None or step.vouched not in movers(request.state, step.target):
        check_move(actor=actor, request=request, target=step.target, part=part, at=at)
    before = request.state
    request.state = step.target.value
    request.version += 1
    for name, value in step.columns.items():
        setattr(request, name, value)
    request.save(update_fields=["state", "version", *step.columns])
    note_event(actor=actor, request=request, kind="moved", states=(before, request.state), data=step.data, at=at)
    _settle_clocks(actor, request, before, step, at)
    audit(
        actor=actor, verb=step.verb, request=request, reason=step.reason,
        before={"state": before}, after={"state": request.state} | step.data, at=at,
    )  # fmt: skip
    if step.line:
        tell_watchers(actor=actor, request=request, line=step.line, key=f"v{request.version}", at=at)
    return request


def check_move(
    *, actor: Any, request: DataRequest, target: State, part: Actor | None = None, at: datetime
) -> frozenset[Actor]:
    """The parts in which the actor may make this move; raises when there is none."""
    allowed = movers(request.state, target)
    if part is not None:
        allowed &= {part}
    held = parts_of(actor, request, at)
    if held & allowed:
        return held & allowed
    if not allowed:
        message = f"{request.number} is {words(request.state)}; from there it cannot become {words(target)}."
        raise Conflict("requests.bad_transition", message, state=request.state)
    who = " or ".join(sorted(words(one) for one in allowed))
    raise NotAllowed("requests.not_yours", f"This move is made by the {who} of {request.number}.")


def note_event(
    *,
    actor: Any,
    request: DataRequest,
    kind: str,
    states: tuple[str, str] = ("", ""),
    data: dict[str, Any],
    at: datetime,
) -> None:
    """The next line of the timeline."""
    last = RequestEvent.objects.filter(request=request).aggregate(last=Max("seq"))["last"] or 0
    RequestEvent.objects.create(
        request=request, seq=last + 1, kind=kind, from_state=states[0], to_state=states[1], actor=actor, at=at,
        data=data,
    )  # fmt: skip


def begin_timeline(*, actor: Any, request: DataRequest, data: dict[str, Any], at: datetime) -> None:
    """The first line of a request that was just written."""
    RequestEvent.objects.create(
        request=request, seq=1, kind="filed", from_state="", to_state=request.state, actor=actor, at=at, data=data
    )


def audit(*, actor: Any, verb: str, request: DataRequest, at: datetime, **facts: Any) -> None:
    """The audit row; that of a private request stands in its compartment."""
    record_audit(
        actor=actor, verb=verb, subject=request, at=at,
        compartment=request.number if request.is_private else "", **facts,
    )  # fmt: skip


def words(state: str) -> str:
    """A state as people say it."""
    return str(state).replace("_", " ")


def _settle_clocks(actor: Any, request: DataRequest, before: str, step: Move, at: datetime) -> None:
    """What the move does to the promises; whatever stood still runs on when nobody is waited for any more."""
    reason = step.data.get("clock_reason", words(step.target))
    if cancels_clocks(step.target) or step.data.get("cancels"):
        cancel_clocks(actor=actor, request=request, reason=reason, at=at)
    elif kinds := stopped_clocks(step.target):
        stop_clocks(actor=actor, request=request, kinds=kinds, reason=reason, at=at)
    if before in WAITING and step.target not in WAITING:
        resume_clocks(actor=actor, request=request, reason=step.resumed, at=at)
