"""What the engine calls for incidents, and what it asks about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.escalation import STEP_KIND
from oncall.domain.incident_states import State
from oncall.models import EscalationRun, Incident, IncidentUpdate
from oncall.policies import can_answer, incidents_visible_to
from oncall.services.alerts import recover
from oncall.services.burden import GUARDRAIL_KIND
from oncall.services.guarding import guard_person
from oncall.services.incidents import ACK_KIND, ACK_TIMEOUT, ANSWERS_WITHIN, WAKE_KIND, end_all, take
from oncall.services.moving import note_event
from oncall.services.opening import HOLD_KIND, end_hold, fails, wake
from oncall.services.paging import fire_steps
from oncall.services.runs import subject
from oncall.services.telling import NEXT_KIND, ask_for_update, ask_sign_of_life, send_draft
from portal.accounts.models import Person
from portal.core import clock
from portal.engine.domain.drafts import DeadlineDraft, FireResult
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from portal.engine.domain.catch_up import CatchUp
    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.registries import DeadlineHandler

SAYING = ("acknowledged", "noted", "step", "told", "escalated", "kind_corrected", "ticketed", "asked_help", "alive")
Results = dict[int, FireResult]


class EscalationSteps:
    """`oncall.escalation_step`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        return fire_steps(deadlines=deadlines, at=at)


class _OfIncident:
    """Locks the incidents of a batch and answers one by one; busy ones are left out."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        ids = {deadline.subject.id for deadline in deadlines}
        rows = Incident.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        free = {row.pk: row for row in rows.select_related("root_asset", "team", "rota").order_by("pk")}
        return {
            deadline.id: self.one(free[deadline.subject.id], deadline, at)
            for deadline in deadlines
            if deadline.subject.id in free
        }

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        raise NotImplementedError


class Holds(_OfIncident):
    """`oncall.hold_end`: the agreed instant."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        did = end_hold(incident=incident, step=deadline.step, at=at)
        return FireResult("done" if did else "nothing", incident.state)


class Wakes(_OfIncident):
    """`oncall.wake`: the end of a sleep, if it still fails."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        del deadline
        if incident.state != State.ASLEEP:
            return FireResult("nothing", incident.state)
        if not fails(incident):
            return FireResult("nothing", "quiet")
        wake(incident=incident, kind="woke", at=at)
        return FireResult("done")


class AckTimeouts(_OfIncident):
    """`oncall.ack_timeout`: asked after an hour of silence, and ten minutes later the next step of the ladder fires.

    Of somebody who has left the ladder begins anew: another one holds the first step now.
    """

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        if incident.state != State.ACKNOWLEDGED or incident.acknowledged_at is None:
            return FireResult("nothing", incident.state)
        last = incident.events.filter(kind__in=SAYING, actor=incident.acknowledged_by_id).order_by("-seq").first()
        said_at = last.at if last is not None else incident.acknowledged_at
        gone = incident.acknowledged_by is not None and not incident.acknowledged_by.is_active
        if at - said_at < ACK_TIMEOUT and not gone:
            following = DeadlineDraft(ACK_KIND, subject(incident), said_at + ACK_TIMEOUT)
            return FireResult("nothing", "a sign of life", deadlines=(following,))
        if deadline.step == 0 and not gone:
            ask_sign_of_life(incident=incident, at=at)
            note_event(actor=None, incident=incident, kind="asked_if_on_it", at=at)
            later = DeadlineDraft(ACK_KIND, subject(incident), at + ANSWERS_WITHIN, step=1)
            return FireResult("done", "asked", deadlines=(later,))
        wake(incident=incident, kind="unacknowledged", first_step=0 if gone else 1, at=at)
        return FireResult("done", "no answer")


class Tells(_OfIncident):
    """`oncall.tell_due`: a promised word whose draft nobody has sent."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        update = IncidentUpdate.objects.select_for_update().filter(pk=int(deadline.payload.get("update", 0))).first()
        did = update is not None and send_draft(actor=None, incident=incident, update=update, at=at)
        return FireResult("done" if did else "nothing")


class NextUpdates(_OfIncident):
    """`oncall.next_update`: the word after the last one, as it was promised."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        update = incident.updates.filter(pk=int(deadline.payload.get("update", 0))).first()
        did = update is not None and ask_for_update(incident=incident, update=update, at=at)
        return FireResult("done" if did else "nothing")


class Recoveries(_OfIncident):
    """`oncall.recovered`: quiet for five minutes."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        del deadline
        did = recover(incident=incident, at=at)
        if did:
            end_all(actor=None, incident=incident, reason="recovered", at=at)
        return FireResult("done" if did else "nothing")


class Guardrails(_OfIncident):
    """`oncall.guardrail`: after a broken night."""

    def one(self, incident: Incident, deadline: DueDeadline, at: datetime) -> FireResult:
        person = Person.objects.filter(pk=int(deadline.payload.get("person", 0)), state="active").first()
        if incident.rota is None or person is None:
            return FireResult("nothing")
        fire = guard_person(person=person, rota=incident.rota, at=at)
        return FireResult("done" if fire is not None else "nothing", fire.outcome if fire is not None else "")


class IncidentSubject:
    """Incidents in the engine's eyes: who acknowledges one has it."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        rows = Incident.objects.select_for_update(of=("self",), nowait=nowait)
        return rows.select_related("root_asset", "team", "rota").filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        if subject.state in (State.HELD, State.TRIGGERED, State.ASLEEP, State.WAITING_UPSTREAM):
            take(incident=subject, actor=actor, at=at)
        elif subject.state == State.ACKNOWLEDGED:
            note_event(actor=actor, incident=subject, kind="alive", at=at)
        return [STEP_KIND]

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(incidents_visible_to(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def is_responder(self, user: Any, subject_id: int) -> bool:
        """Whether somebody who was not told may acknowledge for the team."""
        found = Incident.objects.filter(pk=subject_id).select_related("team").first()
        return found is not None and bool(can_answer(user, found, clock.now()))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """No way reached this person: the next step fires now instead of in a quarter of an hour."""
        del notice
        with transaction.atomic():
            self._step_over(subject_id, at)

    def _step_over(self, incident_id: int, at: datetime) -> None:
        """Under the incident's lock, else an acknowledge could commit in between; whoever holds it is acting."""
        rows = Incident.objects.select_for_update(skip_locked=True).filter(pk=incident_id, state=State.TRIGGERED)
        run = EscalationRun.objects.filter(incident__in=list(rows), state="running").select_related("incident").first()
        if run is not None:
            number = run.loop * len(run.snapshot) + run.step
            arm_deadline(
                actor=None, kind=STEP_KIND, subject=subject(run.incident), step=number, due_at=at,
                payload={"run": run.pk}, at=at,
            )  # fmt: skip


KINDS: tuple[tuple[str, DeadlineHandler, CatchUp], ...] = (
    (HOLD_KIND, Holds(), "rebase"), (WAKE_KIND, Wakes(), "rebase"), (ACK_KIND, AckTimeouts(), "rebase"),
    ("oncall.tell_due", Tells(), "rebase"), (NEXT_KIND, NextUpdates(), "rebase"),
    ("oncall.recovered", Recoveries(), "rebase"),
    (GUARDRAIL_KIND, Guardrails(), "rebase"),
)  # fmt: skip
