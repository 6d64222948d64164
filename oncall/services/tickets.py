"""What is asked of the owner upstream: opened with evidence, answered by their own or by link (spec oncall 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from oncall.domain.agreements import NightClass
from oncall.domain.tickets import fix_due, may_move, unblock_due
from oncall.models import TeamDuty, TicketEvent, UpstreamTicket
from oncall.policies import can_move_ticket, can_open_ticket
from oncall.queries.night import decision_for, team_hours
from oncall.queries.resolving import pipeline_rota, resolve_oncall
from oncall.queries.tickets import nearest_team
from ownership.domain.gaps import NO_OWNER
from ownership.queries.parties import owning_team, resolve_contact
from ownership.services.gaps import raise_gap
from portal.accounts.queries.teams import admins, responsible_leads
from portal.core.domain.working_time import counted
from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from portal.engine.services.events import publish_event
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import date, datetime

    from oncall.domain.decision import Hours
    from oncall.models import Incident, PreCheck
    from ownership.models import Asset
    from portal.accounts.models import Team

UNBLOCK_KIND, FIX_KIND = "oncall.ticket_unblock", "oncall.ticket_fix"
NOTICE_KIND, OVERDUE_KIND, MOVED_KIND = "oncall.ticket", "oncall.ticket_overdue", "oncall.ticket_moved"
UNBLOCK_HOURS, FIX_DAYS = 4, 10
OPENED, CLOSED = "oncall.ticket_opened", "oncall.ticket_closed"
LONGEST_CAUSE = 1000
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Asking:
    """What is wrong upstream and what shows it; `asking_team` waits for it."""

    problem: str
    title: str
    upstream_asset: Asset | None = None
    team: Team | None = None
    incident: Incident | None = None
    pre_check: PreCheck | None = None
    asking_team: Team | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def open_upstream_ticket(*, actor: Any, asking: Asking, at: datetime) -> UpstreamTicket:
    """Ask the owner of the upstream asset, with both clocks running in their calendar.

    One live ticket an incident and asset, and one a check: the standing one is returned. Without an owner the leads
    nearest to the asset are asked. Raises `DomainError` when neither asset nor team is named, `NotAllowed`.
    """
    require(can_open_ticket(actor))
    standing = _standing(asking)
    if standing is not None:
        return standing
    team, contact = _addressee(asking, at)
    hours = team_hours(team)
    duty = TeamDuty.objects.filter(team=team).first()
    ticket = UpstreamTicket.objects.create(
        title=asking.title[:300], team=team, upstream_asset=asking.upstream_asset, incident=asking.incident,
        pre_check=asking.pre_check, asking_team=asking.asking_team, problem=asking.problem, evidence=asking.evidence,
        contact=contact, opened_by=actor, opened_at=at,
        unblock_due=unblock_due(hours, at, duty.unblock_hours if duty else UNBLOCK_HOURS),
        fix_due=fix_due(hours, at, duty.fix_days if duty else FIX_DAYS),
    )  # fmt: skip
    for kind, due_at in ((UNBLOCK_KIND, ticket.unblock_due), (FIX_KIND, ticket.fix_due)):
        arm_deadline(actor=actor, kind=kind, subject=subject_of(ticket), due_at=due_at, at=at)
    _note(ticket, actor, "opened", asking.title, at)
    record_audit(
        actor=actor, verb="oncall.ticket_opened", subject=ticket, at=at,
        after={"team": team.slug, "problem": ticket.problem},
    )  # fmt: skip
    _publish(actor, OPENED, ticket, at)
    _tell(ticket, NOTICE_KIND, _receivers(ticket, hours, at), "warn", "opened", at)
    return ticket


@transaction.atomic
def advance_ticket(
    *, actor: Any, ticket: UpstreamTicket, state: str, cause: str = "", fix_planned_on: date | None = None,
    said_by: str = "", at: datetime,
) -> UpstreamTicket:  # fmt: skip
    """Move a ticket: we confirm `unblocked`; `fixed` needs a cause; `declined` says why; `open` takes it back.

    `actor` None with `said_by` is an answer by link. Idempotent for the state it has. Raises `NotAllowed`,
    `Conflict` `oncall.bad_transition`, `DomainError` for a missing cause.
    """
    standing = locked_ticket(ticket)
    if actor is not None or not said_by:
        require(can_move_ticket(actor, standing, state, at))
    if standing.state == state:
        return standing
    if not may_move(standing.state, state):
        message = f"{standing.number} is {standing.state}; it cannot be {state}."
        raise Conflict("oncall.bad_transition", message, state=standing.state)
    text = cause.strip()
    if state in ("fixed", "declined") and not text:
        raise DomainError("oncall.cause_needed", "Say what it was, or why not.", "cause")
    if len(text) > LONGEST_CAUSE:
        raise DomainError("oncall.too_long", f"At most {LONGEST_CAUSE} characters.", "cause")
    _set_state(standing, state, text, fix_planned_on, at)
    _settle_clocks(actor, standing, at)
    _note(standing, actor, state, text, at, said_by=said_by)
    record_audit(
        actor=actor, verb="oncall.ticket_moved", subject=standing, reason=text, at=at,
        after={"state": state, "said_by": said_by},
    )  # fmt: skip
    if state in ("fixed", "declined"):
        _publish(actor, CLOSED, standing, at)
    _tell(standing, MOVED_KIND, _askers(standing, at), "info", f"v{standing.version}", at)
    return standing


@transaction.atomic
def answer_ticket(*, actor: Any, ticket: UpstreamTicket, text: str, said_by: str = "", at: datetime) -> UpstreamTicket:
    """Say something on a ticket without moving it."""
    standing = locked_ticket(ticket)
    if actor is not None or not said_by:
        require(can_open_ticket(actor))
    words = text.strip()
    if not words or len(words) > 2 * LONGEST_CAUSE:
        raise DomainError("oncall.bad_text", f"Write 1 to {2 * LONGEST_CAUSE:,} characters.", "text")
    standing.version += 1
    standing.save(update_fields=["version"])
    _note(standing, actor, "answered", words, at, said_by=said_by)
    record_audit(actor=actor, verb="oncall.ticket_answered", subject=standing, after={"said_by": said_by}, at=at)
    _tell(standing, MOVED_KIND, _askers(standing, at), "info", f"v{standing.version}", at)
    return standing


@transaction.atomic
def link_ticket(*, actor: Any, ticket: UpstreamTicket, external_url: str, at: datetime) -> UpstreamTicket:
    """Where the upstream team tracks it themselves. Raises `DomainError` for what is no http(s) address."""
    standing = locked_ticket(ticket)
    require(can_open_ticket(actor))
    if external_url and not external_url.startswith(("https://", "http://")):
        raise DomainError("oncall.bad_url", "An address begins with https:// or http://.", "external_url")
    standing.external_url = external_url[:500]
    standing.version += 1
    standing.save(update_fields=["external_url", "version"])
    record_audit(
        actor=actor, verb="oncall.ticket_linked", subject=standing, after={"url": standing.external_url}, at=at
    )
    return standing


def report_overdue(*, ticket: UpstreamTicket, which: str, at: datetime) -> bool:
    """A clock of a live ticket ran out: whoever is on call upstream, their leads and those who wait are warned.

    It is a page to the one on call only where their own signed agreement on the asset wakes now. In a transaction.
    """
    if not ticket.is_live or (which == "unblock" and ticket.state == "unblocked"):
        return False
    people = {lead.pk for lead in responsible_leads(ticket.team, at.date())} | set(_askers(ticket, at))
    held = _on_call(ticket, at)
    on_call = {held} if held is not None else set()
    woken = on_call if on_call and _wakes(ticket, at) else set()
    _note(ticket, None, f"{which}_overdue", "", at)
    _tell(ticket, OVERDUE_KIND, sorted(woken), "page", which, at)
    _tell(ticket, OVERDUE_KIND, sorted((people | on_call) - woken), "warn", which, at)
    return True


def locked_ticket(ticket: UpstreamTicket) -> UpstreamTicket:
    """The ticket under a row lock."""
    rows = UpstreamTicket.objects.select_for_update(of=("self",)).select_related(
        "team", "upstream_asset", "asking_team"
    )
    found = rows.filter(pk=ticket.pk).first()
    if found is None:
        raise NotVisible
    return found


def _standing(asking: Asking) -> UpstreamTicket | None:
    live = UpstreamTicket.objects.select_related("team").filter(state__in=["open", "unblocked"])
    if asking.pre_check is not None and (found := live.filter(pre_check=asking.pre_check).first()):
        return found
    if asking.incident is None:
        return None
    return live.filter(incident=asking.incident, upstream_asset=asking.upstream_asset).first()


def _addressee(asking: Asking, at: datetime) -> tuple[Team, Any]:
    """The accountable team, and whom of it to write to now."""
    asset = asking.upstream_asset
    team = asking.team
    if asset is not None and team is None:
        team = owning_team([asset.pk], at)[asset.pk]
    if asset is not None and team is None:
        team = nearest_team(asset, at)
        raise_gap(actor=None, asset=asset, kind=NO_OWNER, detail={}, at=at)
    if team is None:
        raise DomainError("oncall.no_owner", "Nobody owns what lies upstream. Name the team to ask.", "team")
    contact = resolve_contact(asset, at) if asset is not None else None
    leads = responsible_leads(team, at.date()) or admins()
    return team, contact or next(iter(leads), None)


def _receivers(ticket: UpstreamTicket, hours: Hours, at: datetime) -> list[int]:
    """The upstream rota within its hours, else the contact of the asset."""
    works = counted(hours.calendar, at, at.replace(microsecond=0) + _MINUTE)
    on_call = _on_call(ticket, at) if works else None
    asked = on_call or ticket.contact_id
    return [asked] if asked is not None else []


def _on_call(ticket: UpstreamTicket, at: datetime) -> int | None:
    """Who answers for the upstream team now; None without a rota."""
    rota = pipeline_rota(ticket.team)
    held = resolve_oncall(rota=rota, at=at).holder("primary") if rota is not None else None
    return held.person_id if held is not None else None


def _wakes(ticket: UpstreamTicket, at: datetime) -> bool:
    """Whether what the upstream team has signed about its own asset wakes somebody now."""
    if ticket.upstream_asset is None:
        return False
    verdicts = decision_for(ticket.upstream_asset, at).verdicts
    own = [each for each in verdicts if each.is_agreed and each.distance == 0]
    return any(each.night_class == NightClass.WAKE and each.act_at <= at for each in own)


def _askers(ticket: UpstreamTicket, at: datetime) -> list[int]:
    """Whoever opened it, else the leads of the team that waits."""
    if ticket.opened_by_id is not None:
        return [ticket.opened_by_id]
    team = ticket.asking_team
    return [lead.pk for lead in responsible_leads(team, at.date())] if team is not None else []


def _set_state(ticket: UpstreamTicket, state: str, cause: str, planned_on: date | None, at: datetime) -> None:
    ticket.state, ticket.version = state, ticket.version + 1
    ticket.fix_planned_on = planned_on or ticket.fix_planned_on
    ticket.cause = cause or ticket.cause
    ticket.unblocked_at = at if state == "unblocked" else ticket.unblocked_at
    ticket.fixed_at = at if state == "fixed" else None
    ticket.save(update_fields=["state", "version", "fix_planned_on", "cause", "unblocked_at", "fixed_at"])


def _settle_clocks(actor: Any, ticket: UpstreamTicket, at: datetime) -> None:
    kinds = {"unblocked": [UNBLOCK_KIND], "fixed": [UNBLOCK_KIND, FIX_KIND], "declined": [UNBLOCK_KIND, FIX_KIND]}
    if ticket.state in kinds:
        cancel_deadlines(
            actor=actor, subject=subject_of(ticket), kinds=kinds[ticket.state], reason=ticket.state, at=at
        )  # fmt: skip
        return
    for kind, due_at in ((UNBLOCK_KIND, ticket.unblock_due), (FIX_KIND, ticket.fix_due)):
        arm_deadline(actor=actor, kind=kind, subject=subject_of(ticket), due_at=max(due_at, at), at=at)


def _note(ticket: UpstreamTicket, actor: Any, kind: str, text: str, at: datetime, *, said_by: str = "") -> None:
    last = TicketEvent.objects.filter(ticket=ticket).aggregate(last=Max("seq"))["last"] or 0
    TicketEvent.objects.create(
        ticket=ticket, seq=last + 1, kind=kind, actor=actor, said_by=said_by[:120], text=text[:2000], at=at
    )


def _publish(actor: Any, topic: str, ticket: UpstreamTicket, at: datetime) -> None:
    payload = {"ticket": ticket.pk, "asset": ticket.upstream_asset_id, "incident": ticket.incident_id}
    publish_event(actor=actor, topic=topic, subject=subject_of(ticket), payload=payload, at=at)


def _tell(ticket: UpstreamTicket, kind: str, people: list[int], severity: Any, key: str, at: datetime) -> None:
    context = {
        "number": ticket.number, "url": ticket.get_absolute_url(), "title": ticket.title[:200],
        "team": ticket.team.name, "state": ticket.state,
    }  # fmt: skip
    drafts = [
        NoticeDraft(kind, f"{kind}:ticket.{ticket.pk}:{key}:{to.key}", subject_of(ticket), to, severity, context)
        for to in (Recipient(person_id=pk) for pk in people)
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
