"""Merging: the older request serves both, and for seven days this can be taken back (spec requests 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from requests_queue.domain import budget
from requests_queue.domain.states import WAITING, Actor, State
from requests_queue.models import DataRequest, Supporter, UrgencyToken, Watcher
from requests_queue.policies import visible_to
from requests_queue.queries.budget import minutes_of
from requests_queue.services.clocks import pause_clocks, restart_clock
from requests_queue.services.ledger import Posting, post
from requests_queue.services.messages import watch
from requests_queue.services.moving import Move, check_move, move
from requests_queue.services.settling import end_request, locked_with_books
from requests_queue.services.tokens import respend_token

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import RequestEvent

UNDO_WITHIN = timedelta(days=7)
MOST_STEPS = 20


@transaction.atomic
def merge_requests(
    *, actor: Any, request: DataRequest, survivor: DataRequest, version: int | None = None, at: datetime
) -> DataRequest:
    """The older request serves both: this one's clocks are cancelled, its requester stands behind the older one.

    A chain of merges is followed to its end. Refused as if the survivor did not exist when it is private or not
    visible; into itself, into a younger one and into one that has ended it is refused (`requests.merge_refused`).
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    other = _survivor(actor, standing, survivor)
    check_move(actor=actor, request=standing, target=State.DUPLICATE, part=Actor.TRIAGER, at=at)
    reserved = minutes_of(standing)[1]
    is_new = not Supporter.objects.filter(request=other, person=standing.requester).exists()
    watched = Watcher.objects.filter(request=other, person=standing.requester).exists()
    data = {"survivor": other.number, "reserved": reserved, "supporter": is_new, "watcher": not watched}
    step = Move(
        State.DUPLICATE, "requests.merged", line=f"Continued in {other.number}", data=data,
        columns={"merged_into": other},
    )  # fmt: skip
    end_request(actor=actor, request=standing, shelf=shelf, step=step, at=at)
    if is_new:
        Supporter.objects.create(
            request=other, person=standing.requester, team=standing.requester_team, wording=standing.title, at=at
        )
    watch(request=other, person=standing.requester, at=at)
    return standing


@transaction.atomic
def undo_merge(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """Within seven days: the state, supporters, watchers, reservation and token of before; clocks run from now on.

    Raises `Conflict` `requests.merge_final` later, or when it was not merged.
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    event = standing.events.filter(to_state=State.DUPLICATE).order_by("-seq").first()
    if standing.state != State.DUPLICATE or event is None or at - event.at > UNDO_WITHIN:
        raise Conflict("requests.merge_final", f"{standing.number} was not merged in the last 7 days.")
    former, survivor = State(event.from_state), standing.merged_into
    check_move(actor=actor, request=standing, target=former, part=Actor.TRIAGER, at=at)
    step = Move(former, "requests.merge_undone", line="On its own again", columns={"merged_into": None})
    move(actor=actor, request=standing, step=step, part=Actor.TRIAGER, at=at)
    if minutes := int(event.data.get("reserved", 0)):
        posting = Posting(actor=actor, request=standing, reason="merge undone")
        post(books=shelf.current, change=budget.reserve(minutes), posting=posting, at=at)
    if UrgencyToken.objects.filter(request=standing, return_reason="merged").exists():
        respend_token(actor=actor, request=standing, at=at)
    _restart(actor, standing, event, at)
    _leave(standing, survivor, event)
    return standing


def _survivor(actor: Any, standing: DataRequest, survivor: DataRequest) -> DataRequest:
    """The open end of the chain, as the actor may see it."""
    seen = visible_to(actor).filter(is_private=False)
    other = seen.filter(pk=survivor.pk).first()
    for _ in range(MOST_STEPS):
        if other is None or other.merged_into_id is None:
            break
        other = seen.filter(pk=other.merged_into_id).first()
    if other is None or standing.is_private:
        raise DomainError("requests.merge_refused", "There is no such request to join this one to.", "survivor")
    if other.pk == standing.pk or not other.is_open:
        raise DomainError("requests.merge_refused", f"{other.number} is not another open request.", "survivor")
    if (other.filed_at, other.pk) > (standing.filed_at, standing.pk):
        message = f"{other.number} is younger. The older one survives: merge {other.number} into {standing.number}."
        raise DomainError("requests.merge_refused", message, "survivor")
    return other


def _restart(actor: Any, standing: DataRequest, event: RequestEvent, at: datetime) -> None:
    cancelled = standing.clocks.filter(state="cancelled", stopped_at=event.at).order_by("id")
    for kind in dict.fromkeys(cancelled.values_list("kind", flat=True)):
        restart_clock(actor=actor, request=standing, kind=kind, at=at)
    if standing.state in WAITING:
        pause_clocks(actor=actor, request=standing, state=standing.state, reason="still waiting", at=at)


def _leave(standing: DataRequest, survivor: DataRequest | None, event: RequestEvent) -> None:
    """What the merge added to the survivor goes; what stood there before stays."""
    if survivor is None:
        return
    if event.data.get("supporter"):
        Supporter.objects.filter(request=survivor, person=standing.requester).delete()
    if event.data.get("watcher"):
        Watcher.objects.filter(request=survivor, person=standing.requester).delete()
