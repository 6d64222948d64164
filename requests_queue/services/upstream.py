"""At another team's desk: what is theirs is asked of them, and our request waits for it (spec requests 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.services.tickets import Asking, open_upstream_ticket
from ownership.models import Asset
from ownership.queries.expected import check_boundary
from portal.accounts.models import Team
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.drafts import discard_draft
from requests_queue.domain.states import WAITING, Actor, State
from requests_queue.models import DataRequest, RequestUpstream
from requests_queue.policies import can_file
from requests_queue.services.clocks import Happening, live_clocks, pause_clocks, record, restart_clock
from requests_queue.services.filing import DRAFT, Filing, checked_filing, file_request
from requests_queue.services.messages import write_message
from requests_queue.services.moving import Move, audit, check_move, locked, move
from requests_queue.services.waiting import stop_waiting

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import UpstreamTicket
    from ownership.domain.findings import BoundaryFinding

MOST_SEEN = 1000
BEFORE_WORK = ("first_response", "decision")


@dataclass(frozen=True)
class Handed:
    """The ticket at the desk upstream, and our request that waits for it, if one was wanted."""

    ticket: UpstreamTicket
    request: DataRequest | None


@transaction.atomic
def file_upstream(*, actor: Any, filing: Filing, team_slug: str, keeps: bool, at: datetime) -> Handed:
    """Ask the team whose job it is, as the boundary check says, instead of the team of the filing.

    With `keeps` our request is filed as well and waits for the ticket. Raises `requests.not_upstream` when the check
    names no such team, `requests.private_upstream` for what is private: tickets are read by everybody.
    """
    require(can_file(actor))
    checked = checked_filing(actor=actor, filing=filing, at=at)
    if checked.is_private:
        message = "A ticket upstream is read by everybody. File this here, in confidence."
        raise DomainError("requests.private_upstream", message, "exemption")
    finding = _finding(checked, team_slug, at)
    request = file_request(actor=actor, filing=checked, at=at) if keeps else None
    team = Team.objects.get(slug=team_slug)
    asset = Asset.objects.get(pk=finding.asset.id) if finding.asset is not None else None
    waits = checked.team if keeps else main_team(actor, local_day(actor, at))
    asking = Asking(
        "request", checked.title, asset, team, asking_team=waits,
        evidence=_evidence(checked, finding.sentence, request),
    )  # fmt: skip
    ticket = open_upstream_ticket(actor=actor, asking=asking, at=at)
    if request is not None:
        link_ticket(actor=actor, request=request, ticket=ticket, at=at)
        # The desk cannot answer for what it does not have: these two are promised anew when it gets it.
        record(live_clocks(request, BEFORE_WORK), Happening("cancel", actor, at, "asked upstream first"), at=at)
        _wait(actor, request, ticket, Actor.SYSTEM, at)
    discard_draft(actor=actor, kind=DRAFT)
    return Handed(ticket, request)


@transaction.atomic
def wait_for_team(
    *, actor: Any, request: DataRequest, team: Team, reason: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Open a ticket at the desk of `team` out of a request in hand, and wait for it. Raises as a move does."""
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.WAITING_ON_UPSTREAM, part=Actor.ASSIGNEE, at=at)
    if standing.is_private:
        message = "A ticket upstream is read by everybody. Ask them by name, in confidence."
        raise DomainError("requests.private_upstream", message, "upstream")
    if team.pk == standing.team_id:
        raise DomainError("requests.own_team", "This is your own team. Name the one upstream.", "upstream")
    write_message(actor=actor, request=standing, body=reason, field="text", at=at)
    link = standing.assets.select_related("asset").order_by("pk").first()
    asking = Asking(
        "request", standing.title, link.asset if link else None, team, asking_team=standing.team,
        evidence={"request": standing.number, "seen": reason.strip()[:MOST_SEEN]},
    )  # fmt: skip
    ticket = open_upstream_ticket(actor=actor, asking=asking, at=at)
    link_ticket(actor=actor, request=standing, ticket=ticket, at=at)
    return _wait(actor, standing, ticket, Actor.ASSIGNEE, at)


def link_ticket(*, actor: Any, request: DataRequest, ticket: UpstreamTicket, at: datetime) -> None:
    """The request waits for this ticket. Idempotent; inside a transaction that holds the request."""
    RequestUpstream.objects.get_or_create(request=request, ticket=ticket, defaults={"by": actor, "at": at})
    audit(actor=actor, verb="requests.upstream_linked", request=request, after={"ticket": ticket.number}, at=at)


@transaction.atomic
def go_on_after(*, ticket: UpstreamTicket, at: datetime) -> list[DataRequest]:
    """The ticket has ended: what waited for it alone goes on, to work or back to the desk. Idempotent."""
    waiting = DataRequest.objects.filter(upstream__ticket=ticket, state=State.WAITING_ON_UPSTREAM.value)
    moved = []
    for request in waiting.order_by("pk"):
        standing = locked(actor=None, request=request)
        others = standing.upstream.exclude(ticket=ticket).filter(ticket__state__in=["open", "unblocked"])
        if standing.state == State.WAITING_ON_UPSTREAM and not others.exists():
            moved.append(_go_on(standing, ticket, at))
    return moved


def _go_on(standing: DataRequest, ticket: UpstreamTicket, at: datetime) -> DataRequest:
    words = f"{ticket.team.name} says of {ticket.number}: {ticket.state}"
    text = f"{words}. {ticket.cause}" if ticket.cause else f"{words}."
    write_message(actor=None, request=standing, body=text, at=at)
    last = standing.events.filter(to_state=standing.state).order_by("-seq").first()
    is_undecided = last is not None and last.from_state in {State.NEW, State.TRIAGE}
    step = Move(
        State.TRIAGE if is_undecided else State.IN_PROGRESS, "requests.resumed", line=words,
        data={"ticket": ticket.number}, resumed="upstream answered",
    )  # fmt: skip
    move(actor=None, request=standing, step=step, at=at)
    for kind in BEFORE_WORK if is_undecided else ():
        if not live_clocks(standing, [kind]):
            restart_clock(actor=None, request=standing, kind=kind, at=at)
    stop_waiting(actor=None, request=standing, reason="upstream answered", at=at)
    return standing


def _wait(actor: Any, request: DataRequest, ticket: UpstreamTicket, part: Actor, at: datetime) -> DataRequest:
    if request.state in WAITING:
        raise Conflict("requests.bad_transition", f"{request.number} waits already.", state=request.state)
    step = Move(
        State.WAITING_ON_UPSTREAM, "requests.waiting_upstream", line=f"Waiting for {ticket.team.name}: {ticket.number}",
        data={"ticket": ticket.number, "upstream": ticket.team.name}, vouched=part,
    )  # fmt: skip
    move(actor=actor, request=request, step=step, at=at)
    state = State.WAITING_ON_UPSTREAM.value
    pause_clocks(actor=actor, request=request, state=state, reason="waiting for upstream", at=at)
    return request


def _finding(filing: Filing, team_slug: str, at: datetime) -> BoundaryFinding:
    """What the check says of the named team, for this kind, these assets and this desk."""
    found = check_boundary(kind=filing.kind, asset_ids=[asset.pk for asset in filing.assets], team=filing.team, at=at)
    for one in found:
        if one.expected_team is not None and one.expected_team.slug == team_slug:
            return one
    raise DomainError("requests.not_upstream", "Nothing here says that this is that team's job.", "upstream")


def _evidence(filing: Filing, sentence: str, request: DataRequest | None) -> dict[str, Any]:
    facts = {
        "why you": sentence, "wanted": filing.body[:MOST_SEEN], "decision": filing.decision_served[:MOST_SEEN],
        "by": filing.wanted_by.isoformat() if filing.wanted_by else "",
        "request": request.number if request is not None else "",
    }  # fmt: skip
    return {name: text for name, text in facts.items() if text}
