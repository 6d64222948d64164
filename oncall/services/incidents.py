"""What people do with an incident; each act is one tap, and a second tap answers with what already happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.escalation import STEP_KIND
from oncall.domain.failure_kinds import FailureKind
from oncall.domain.incident_states import Cause, State, may_close_with
from oncall.domain.sleeping import is_night, next_start, sleep_until
from oncall.models import Incident, IncidentUpdate
from oncall.queries.incidents import running_run
from oncall.queries.night import team_hours
from oncall.queries.targets import duty_of
from oncall.services.burden import note_woken
from oncall.services.moving import Move, locked, move, note_event
from oncall.services.opening import HOLD_KIND, TELL_KIND
from oncall.services.paging import PAGE_KIND
from oncall.services.runs import stop_run, subject
from oncall.services.telling import NEXT_KIND, send_drafts
from oncall.services.ticketing import ticket_upstream
from oncall.services.wording import page_context
from ownership.services.evidence import Act, record_evidence
from portal.accounts.queries.teams import leads_of_team
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from portal.engine.services.notices import raise_notices, settle_notices

if TYPE_CHECKING:
    from datetime import datetime

ACK_KIND, WAKE_KIND = "oncall.ack_timeout", "oncall.wake"
ACK_TIMEOUT, ANSWERS_WITHIN = timedelta(minutes=60), timedelta(minutes=10)
LONGEST_NOTE = 5000
OWED = (HOLD_KIND, TELL_KIND, NEXT_KIND, ACK_KIND, WAKE_KIND)
ONE_TAP = timedelta(minutes=1)


@transaction.atomic
def acknowledge_incident(*, actor: Any, incident: Incident, at: datetime) -> Incident:
    """Somebody is on it: the ladder stops, what is queued is cancelled. Idempotent; the first one keeps it.

    After the commit nothing of this incident is claimed for sending. Raises `NotVisible`, `NotAllowed`, `Conflict`
    `oncall.bad_transition` for one that is closed.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    if standing.state == State.ACKNOWLEDGED:
        return standing
    take(incident=standing, actor=actor, at=at)
    cancel_deadlines(actor=actor, subject=subject(standing), kinds=[STEP_KIND], reason="acknowledged", at=at)
    settle_notices(actor=actor, subject=subject(standing), reason=f"acknowledged by {actor.handle}", at=at)
    return standing


def take(*, incident: Incident, actor: Any, at: datetime) -> None:
    """The state, run and time-out of an acknowledge; the engine's own ends here too. Locked by the caller."""
    woken = _is_woken(incident, actor, at)
    columns = {"acknowledged_by": actor, "acknowledged_at": at, "wake_at": None,
               "has_woken": incident.has_woken or woken}  # fmt: skip
    move(
        actor=actor, incident=incident, step=Move(State.ACKNOWLEDGED, "acknowledged", {"woken": woken}, columns), at=at
    )
    stop_run(incident=incident, reason="acknowledged", at=at, actor=actor)
    cancel_deadlines(actor=actor, subject=subject(incident), kinds=[HOLD_KIND, WAKE_KIND], reason="acknowledged", at=at)
    arm_deadline(actor=actor, kind=ACK_KIND, subject=subject(incident), due_at=at + ACK_TIMEOUT, at=at)
    if woken:
        note_woken(person=actor, incident=incident, at=at)
    _leave_trace(incident, actor, "page_acked", at)


def _leave_trace(incident: Incident, actor: Any, kind: str, at: datetime) -> None:
    """Who works on an asset speaks for who takes care of it; nothing of a private incident leaves it."""
    if incident.root_asset is not None and not incident.is_private:
        act = Act(kind, f"incident {incident.pk}", at)
        record_evidence(actor=actor, person=actor, assets=[incident.root_asset], act=act)


@transaction.atomic
def sleep_incident(*, actor: Any, incident: Incident, until: datetime | None = None, at: datetime) -> Incident:
    """Back to sleep until an agreed hour: acknowledges, asks upstream if the cause is there, tells who was promised.

    `until` is at most the next working start, unless a lead says so. Idempotent while it sleeps. Raises `DomainError`
    `oncall.bad_until` naming the latest hour, `Conflict` `oncall.bad_transition`.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    if standing.state == State.ASLEEP and (until is None or until == standing.wake_at):
        return standing
    hours = team_hours(standing.team)
    wake_at = until or sleep_until(standing.decision, hours, at)
    latest = next_start(hours, at)
    is_lead = actor in leads_of_team(standing.team, at.date())
    if wake_at <= at or (wake_at > latest and not is_lead):
        message = f"At most until the team's next working start, {latest:%a %H:%M} UTC. A lead may let it sleep longer."
        raise DomainError("oncall.bad_until", message, "until", latest=latest.isoformat())
    woken = _is_woken(standing, actor, at)
    columns = {"wake_at": wake_at, "acknowledged_by": standing.acknowledged_by or actor,
               "acknowledged_at": standing.acknowledged_at or at, "has_woken": standing.has_woken or woken}  # fmt: skip
    ticket = ticket_upstream(actor=actor, incident=standing, at=at)
    told = send_drafts(actor=actor, incident=standing, at=at)
    data = {"until": wake_at.isoformat(), "told": told, "ticket": ticket.number if ticket else "", "woken": woken,
            "fallback": standing.decision["by"].get("shown_meanwhile", "")}  # fmt: skip
    move(actor=actor, incident=standing, step=Move(State.ASLEEP, "asleep", data, columns), at=at)
    _quiet(actor, standing, "back to sleep", at)
    arm_deadline(actor=actor, kind=WAKE_KIND, subject=subject(standing), due_at=wake_at, at=at)
    if woken:
        note_woken(person=actor, incident=standing, at=at)
    return standing


@transaction.atomic
def wait_for_upstream(*, actor: Any, incident: Incident, at: datetime) -> Incident:
    """Ticket only: the owner upstream is asked and the incident waits for them. Idempotent.

    Raises `Conflict` `oncall.nothing_upstream` if nothing says what lies upstream.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    if standing.state == State.WAITING_UPSTREAM:
        return standing
    ticket = ticket_upstream(actor=actor, incident=standing, at=at, insist=True)
    if ticket is None:
        raise Conflict(
            "oncall.nothing_upstream", "Nothing upstream is known to be at fault. Name it on the ticket page."
        )
    woken = _is_woken(standing, actor, at)
    columns = {"acknowledged_by": standing.acknowledged_by or actor, "has_woken": standing.has_woken or woken,
               "acknowledged_at": standing.acknowledged_at or at}  # fmt: skip
    step = Move(State.WAITING_UPSTREAM, "waiting_upstream", {"ticket": ticket.number, "woken": woken}, columns)
    move(actor=actor, incident=standing, step=step, at=at)
    _quiet(actor, standing, "waits for upstream", at)
    if woken:
        note_woken(person=actor, incident=standing, at=at)
    return standing


@transaction.atomic
def escalate_now(*, actor: Any, incident: Incident, at: datetime) -> Incident:
    """Wake the next one: the ladder's next step fires now; of an acknowledged one the second is called to help.

    A second tap within a minute changes nothing. Raises `Conflict` `oncall.bad_transition` when nothing is burning.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    last = standing.events.filter(kind="escalated").order_by("-seq").first()
    if last is not None and at - last.at < ONE_TAP:
        return standing
    run = running_run(standing)
    if standing.state == State.TRIGGERED and run is not None:
        number = run.loop * len(run.snapshot) + run.step
        arm_deadline(
            actor=actor, kind=STEP_KIND, subject=subject(standing), step=number, due_at=at, payload={"run": run.pk},
            at=at,
        )  # fmt: skip
    elif standing.state == State.ACKNOWLEDGED:
        _call_help(standing, actor, at)
    else:
        raise Conflict("oncall.bad_transition", f"{standing.number} pages nobody now.", state=standing.state)
    note_event(actor=actor, incident=standing, kind="escalated", at=at)
    record_audit(
        actor=actor, verb="oncall.incident_escalated", subject=standing, compartment=standing.compartment, at=at
    )
    return standing


@transaction.atomic
def resolve_incident(*, actor: Any, incident: Incident, cause: str, note: str = "", at: datetime) -> Incident:
    """It is over, with its cause. What woke somebody needs one that keeps it from doing so again. Idempotent.

    Raises `DomainError` `oncall.bad_cause`, `Conflict` `oncall.bad_transition`.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    if standing.state == State.RESOLVED:
        return standing
    if cause not in list(Cause) or not may_close_with(cause, has_woken=standing.has_woken):
        message = "It ended somebody's sleep: say that the cause is fixed, the agreement changed, or it is accepted."
        plain = "Say why it is over."
        raise DomainError("oncall.bad_cause", message if standing.has_woken else plain, "cause")
    columns = {"resolved_at": at, "resolved_by": actor, "cause": cause, "close_reason": note.strip()[:1000]}
    move(actor=actor, incident=standing, step=Move(State.RESOLVED, "resolved", {"cause": cause}, columns), at=at)
    standing.alerts.filter(status="firing").update(status="resolved", resolved_at=at)
    end_all(actor=actor, incident=standing, reason="resolved", at=at)
    _leave_trace(standing, actor, "incident_resolved", at)
    return standing


@transaction.atomic
def add_note(*, actor: Any, incident: Incident, text: str, at: datetime) -> Incident:
    """A line for those who come after; also a sign of life. Raises `DomainError` for an empty or overlong one."""
    standing = locked(actor=actor, incident=incident, at=at)
    words = text.strip()
    if not words or len(words) > LONGEST_NOTE:
        raise DomainError("oncall.bad_text", f"Write 1 to {LONGEST_NOTE:,} characters.", "text")
    note_event(actor=actor, incident=standing, kind="noted", data={"text": words}, at=at)
    record_audit(actor=actor, verb="oncall.incident_noted", subject=standing, compartment=standing.compartment, at=at)
    return standing


@transaction.atomic
def correct_kind(*, actor: Any, incident: Incident, failure_kind: str, at: datetime) -> Incident:
    """A person says what kind of failure it is. Raises `DomainError` `oncall.unknown_kind`."""
    standing = locked(actor=actor, incident=incident, at=at)
    if failure_kind not in list(FailureKind):
        raise DomainError("oncall.unknown_kind", "This is no kind of failure.", "failure_kind")
    if standing.failure_kind != failure_kind:
        before, standing.failure_kind = standing.failure_kind, failure_kind
        standing.version += 1
        standing.save(update_fields=["failure_kind", "version"])
        note_event(
            actor=actor, incident=standing, kind="kind_corrected", data={"from": before, "to": failure_kind}, at=at
        )
        record_audit(
            actor=actor, verb="oncall.kind_corrected", subject=standing, before={"kind": before},
            after={"kind": failure_kind}, compartment=standing.compartment, at=at,
        )  # fmt: skip
    return standing


def end_all(*, actor: Any, incident: Incident, reason: str, at: datetime) -> None:
    """Nothing of a closed incident is owed any more: ladder, deadlines, pages, drafts. A recovery ends itself."""
    stop_run(incident=incident, reason=reason, at=at, actor=actor)
    cancel_deadlines(actor=actor, subject=subject(incident), kinds=OWED, reason=reason, at=at)
    settle_notices(actor=actor, subject=subject(incident), reason=reason, at=at)
    IncidentUpdate.objects.filter(incident=incident, state="draft").update(state="moot")


def _quiet(actor: Any, incident: Incident, reason: str, at: datetime) -> None:
    stop_run(incident=incident, reason=reason, at=at, actor=actor)
    kinds = [HOLD_KIND, ACK_KIND, WAKE_KIND, *([TELL_KIND] if incident.state == State.ASLEEP else [])]
    cancel_deadlines(actor=actor, subject=subject(incident), kinds=kinds, reason=reason, at=at)
    settle_notices(actor=actor, subject=subject(incident), reason=reason, at=at)


def _is_woken(incident: Incident, actor: Any, at: datetime) -> bool:
    """Paged and acknowledging in one's own night."""
    if incident.state != State.TRIGGERED:
        return False
    return is_night(at, actor.zone, actor.night_from, actor.night_to)


def _call_help(incident: Incident, actor: Any, at: datetime) -> None:
    """Page the second on the rota, or the next one who is not the one asking."""
    answer = duty_of(incident, at).answer
    held = [row.person_id for row in answer.entries if row.role in ("primary", "secondary")] if answer else []
    rest = [each.person_id for each in answer.fallbacks] if answer else []
    others = [pk for pk in (*held, *rest) if pk is not None and pk != actor.pk]
    people = others[:1] or [lead.pk for lead in leads_of_team(incident.team, at.date()) if lead.pk != actor.pk][:1]
    to = Recipient(person_id=people[0]) if people else Recipient()
    key = f"{PAGE_KIND}:incident.{incident.pk}:help.v{incident.version}:{at:%H%M}:{to.key}"
    draft = NoticeDraft(
        PAGE_KIND, key, subject(incident), to, "page", page_context(incident), is_private=incident.is_private
    )
    raise_notices(planned=[Planned(draft)], at=at)
    data = {"to": [], "people": people, "help": True}
    note_event(actor=None, incident=incident, kind="paged", data=data, at=at)
