"""What the engine calls for agreements, expectations, tickets and quiet times, and what other rooms tell us."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall.domain.agreements import AgreementState
from oncall.domain.signals import FIRING, RESOLVED, Signal
from oncall.models import AgreementVersion, Expectation, GuardrailFire, MaintenanceWindow, Silence, UpstreamTicket
from oncall.policies import agreements_visible_to, is_reader
from oncall.queries.tickets import open_tickets
from oncall.services.agreements import EXPIRY_KIND, end_agreement, next_expiry_deadline, unsign_for_new_owner
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.backfilling import note_backfill_done
from oncall.services.expecting import DUE_KIND, fall_due
from oncall.services.integrations import JOB_KIND, read_message
from oncall.services.overdue import take_up_again
from oncall.services.quiet import END_KIND, end_quiet
from oncall.services.reminding import remind_agreement
from oncall.services.schema_promises import check_promised_columns
from oncall.services.tickets import FIX_KIND, UNBLOCK_KIND, locked_ticket, report_overdue
from ownership.models import Asset, ChangePlan
from ownership.queries.parties import owning_team
from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import main_team
from portal.core import clock
from portal.core.models import ImportRun
from portal.engine.domain.drafts import DeadlineDraft, FireResult
from portal.engine.domain.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from portal.engine.domain.catch_up import CatchUp
    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.domain.subjects import Subject
    from portal.engine.registries import DeadlineHandler, JobProgress

Results = dict[int, FireResult]


class AgreementEnds:
    """`oncall.agreement_expiry`: reminders, then the end."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        ids = [deadline.subject.id for deadline in deadlines]
        rows = AgreementVersion.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        free = {row.pk: row for row in rows.select_related("agreement__asset", "agreement__downstream_team")}
        return {each.id: self._one(free[each.subject.id], each, at) for each in deadlines if each.subject.id in free}

    def _one(self, version: AgreementVersion, deadline: DueDeadline, at: datetime) -> FireResult:
        if version.state != AgreementState.ACTIVE:
            return FireResult("nothing", version.state)
        days = int(deadline.payload.get("days", 0))
        remind_agreement(version=version, days=days, at=at)
        if not days:
            end_agreement(actor=None, version=version, reason="its last day is over", is_due=True, at=at)
            return FireResult("done", "ended")
        team = owning_team([version.agreement.asset_id], at)[version.agreement.asset_id]
        following = next_expiry_deadline(version, team.zone if team else "UTC", at)
        return FireResult("done", f"{days} days before", deadlines=(following,))


class ExpectationsDue:
    """`oncall.expectation_due`: arms the next instant whatever came of this one."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        ids = [deadline.subject.id for deadline in deadlines]
        rows = Expectation.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        free = {row.pk: row for row in rows.select_related("asset")}
        return {each.id: self._one(free[each.subject.id], at) for each in deadlines if each.subject.id in free}

    def _one(self, expectation: Expectation, at: datetime) -> FireResult:
        if expectation.is_paused:
            return FireResult("nothing", "paused")
        missed, following = fall_due(expectation=expectation, at=at)
        deadline = DeadlineDraft(DUE_KIND, subject_of(expectation), following)
        return FireResult("done", "missed" if missed else "came", deadlines=(deadline,))


class TicketClocks:
    """`oncall.ticket_unblock` and `oncall.ticket_fix`."""

    def __init__(self, which: str) -> None:
        self.which = which

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        rows = open_tickets().in_bulk([deadline.subject.id for deadline in deadlines])
        results = {}
        for each in deadlines:
            ticket = rows.get(each.subject.id)
            results[each.id] = (
                self._one(locked_ticket(ticket), each, at) if ticket is not None else FireResult("nothing")
            )
        return results

    def _one(self, ticket: UpstreamTicket, deadline: DueDeadline, at: datetime) -> FireResult:
        """Step 0 says that it is overdue; step 1 asks again at the hour that was agreed for its incident."""
        if deadline.step == 0 and not report_overdue(ticket=ticket, which=self.which, at=at):
            return FireResult("nothing")
        is_blocked = self.which == "unblock" and ticket.state == "open"
        asked_at = datetime.fromisoformat(str(deadline.payload.get("asked_at", at.isoformat())))
        again_at = take_up_again(ticket=ticket, asked_at=asked_at, at=at) if is_blocked else None
        if again_at is None:
            return FireResult("done")
        payload = {"asked_at": asked_at.isoformat()}
        later = DeadlineDraft(UNBLOCK_KIND, subject_of(ticket), again_at, step=1, payload=payload)
        return FireResult("done", "waits", deadlines=(later,))


class QuietEnds:
    """`oncall.window_end`: of a silence or of maintenance."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Results:
        models: dict[str, Any] = {"oncall.silence": Silence, "oncall.maintenancewindow": MaintenanceWindow}
        results = {}
        for each in deadlines:
            quiet = models[each.subject.type].objects.filter(pk=each.subject.id).first()
            count = end_quiet(actor=None, quiet=quiet, at=at) if quiet is not None else 0
            results[each.id] = FireResult("done", f"{count} still fired")
        return results


class ReadableSubject:
    """Notices about a ticket, an agreement or a guarded night: read, nothing changes."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return self.model.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        if self.model is AgreementVersion:
            rows = AgreementVersion.objects.filter(agreement__in=agreements_visible_to(user))
            return set(rows.filter(pk__in=subject_ids).values_list("pk", flat=True))
        if self.model is GuardrailFire:
            return set(GuardrailFire.objects.filter(pk__in=subject_ids, person=user).values_list("pk", flat=True))
        return set(subject_ids) if is_reader(user) else set()

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """Nobody is waiting for this to be read."""


def owner_changed(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """`ownership.owner_changed`: what the former owner's team signed binds nobody."""
    asset = Asset.objects.filter(pk=subject.id).first()
    if asset is not None and int(payload.get("duty", 0)) == 1:
        unsign_for_new_owner(asset=asset, before=_team_of_party(payload.get("before"), at), at=at)


def run_state_changed(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """`ownership.run_state_changed`: a failed run of an asset fires, the next good one resolves."""
    asset = Asset.objects.filter(pk=subject.id).first()
    team = owning_team([subject.id], at)[subject.id] if asset is not None else None
    if asset is None or team is None:
        return
    status = FIRING if str(payload.get("state")) == "failed" else RESOLVED
    what = str(payload.get("what") or "run")
    title = f"{asset.name}: {what} failed" if status == FIRING else f"{asset.name}: {what} is fine again"
    signal = Signal(
        f"run_state:{asset.pk}:{what}", status, title[:300], str(payload.get("detail", ""))[:500],
        run=str(payload.get("run", ""))[:200],
    )  # fmt: skip
    kind = "test" if what.startswith("test") else "run_state"
    receive_alert(arrival=Arrival(signal, "run_state", team, asset, kind_source=kind), at=at)


def backfill_done(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """`ownership.backfill_done`: the incidents that asked for it say so."""
    del subject
    plan = ChangePlan.objects.filter(pk=int(payload.get("plan", 0))).first()
    if plan is not None:
        note_backfill_done(plan=plan, at=at)


def import_applied(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """`ownership.import_applied`: an import that is whole is held against the columns that agreements promise."""
    del payload
    run = ImportRun.objects.filter(pk=subject.id).first()
    if run is not None:
        check_promised_columns(run=run, at=at)


def receive_alert_job(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """`oncall.receive_alert`: one stored message; a job that starts again finds it done."""
    del progress
    return {"signals": read_message(message_id=int(args["message"]), at=clock.now())}


def _team_of_party(party: Any, at: datetime) -> Team | None:
    """The team of a party key: a negative one is a team's, a positive one a person's."""
    if not isinstance(party, int):
        return None
    if party < 0:
        return Team.objects.filter(pk=-party).first()
    person = Person.objects.filter(pk=party).first()
    return main_team(person, at.date()) if person is not None else None


KINDS: tuple[tuple[str, DeadlineHandler, CatchUp], ...] = (
    (EXPIRY_KIND, AgreementEnds(), "rebase"), (DUE_KIND, ExpectationsDue(), "rebase"),
    (UNBLOCK_KIND, TicketClocks("unblock"), "highest"), (FIX_KIND, TicketClocks("fix"), "highest"),
    (END_KIND, QuietEnds(), "rebase"),
)  # fmt: skip
JOBS = ((JOB_KIND, receive_alert_job),)
