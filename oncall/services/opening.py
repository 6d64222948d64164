"""An incident begins: decided by what was agreed, held or paged, downstream told by its hour (spec oncall 6, 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.failure_kinds import FailureKind
from oncall.domain.incident_states import State
from oncall.domain.signals import FIRING
from oncall.models import Incident, IncidentUpdate, Rota
from oncall.queries.night import decision_for
from oncall.queries.resolving import resolve_responder
from oncall.queries.upstream_changes import changed_upstream
from oncall.services.moving import Move, move, note_event
from oncall.services.runs import start_run, subject
from oncall.services.telling import tell_task
from oncall.services.wording import stored_decision, update_text
from portal.accounts.models import Team
from portal.core.services.audit import record_audit
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from oncall.domain.answers import Responder
    from ownership.models import Asset

HOLD_KIND, TELL_KIND = "oncall.hold_end", "oncall.tell_due"


@dataclass(frozen=True)
class Opening:
    """What is known when it begins; `team` answers where the asset is not known or has no owner."""

    title: str
    asset: Asset | None
    team: Team
    failure_kind: str = FailureKind.UNKNOWN.value
    summary: str = ""
    is_private: bool = False


@dataclass(frozen=True)
class Judged:
    """What was decided about a failing asset, and who answers for it."""

    decision: dict[str, Any]
    act_at: datetime
    page_at: datetime | None
    fix_by: datetime | None
    rota: Rota | None
    team: Team


def judge(*, asset: Asset | None, team: Team, at: datetime) -> Judged:
    """Decide about an asset, and find its rota. Without an asset the team's own people are paged now."""
    if asset is None:
        rota = Rota.objects.filter(team=team, kind="pipeline", is_archived=False).order_by("pk").first()
        return Judged(_now(at, team), at, at, None, rota, team)
    responder = resolve_responder(asset=asset, at=at)
    is_covered = responder.answer is None or responder.answer.is_covered
    decision = decision_for(asset, at, is_covered=is_covered)
    rota = Rota.objects.filter(pk=responder.rota_id).select_related("team").first() if responder.rota_id else None
    owner = _team_of(responder) or team
    zone = rota.zone if rota is not None else owner.zone
    return Judged(
        stored_decision(decision, zone), decision.act_at, decision.page_at, decision.fix_by, rota, owner
    )  # fmt: skip


def open_incident(*, actor: Any, opening: Opening, at: datetime) -> Incident:
    """Write the incident with its first event, run or hold, and what downstream is promised. Inside a transaction.

    The caller holds the grouping lock, so that one failure makes one incident.
    """
    judged = judge(asset=opening.asset, team=opening.team, at=at)
    is_now = judged.act_at <= at
    incident = Incident.objects.create(
        title=opening.title[:300], summary=opening.summary[:1000], root_asset=opening.asset, team=judged.team,
        rota=judged.rota, state=State.TRIGGERED if is_now else State.HELD, failure_kind=opening.failure_kind,
        decision=judged.decision, act_at=judged.act_at, page_at=judged.page_at, fix_by=judged.fix_by, opened_at=at,
        opened_by=actor, triggered_at=at if is_now else None, is_private=opening.is_private,
    )  # fmt: skip
    note_event(
        actor=actor, incident=incident, kind="opened", states=("", incident.state), at=at,
        data={"asset": opening.asset.slug if opening.asset else "", "act_at": judged.act_at.isoformat()},
    )  # fmt: skip
    record_audit(
        actor=actor, verb="oncall.incident_opened", subject=incident, at=at,
        after={"state": incident.state, "team": judged.team.slug, "kind": incident.failure_kind},
        compartment=incident.number if incident.is_private else "",
    )  # fmt: skip
    if opening.asset is not None and (changes := changed_upstream(opening.asset, at)):
        note_event(actor=None, incident=incident, kind="changed_upstream", data={"text": "; ".join(changes)}, at=at)
    promise_updates(incident=incident, at=at)
    act_or_hold(incident=incident, at=at)
    return incident


def act_or_hold(*, incident: Incident, at: datetime) -> None:
    """A triggered incident pages, or is a task; a held one waits for its instant under the engine's clock."""
    if incident.state == State.HELD:
        arm_deadline(
            actor=None, kind=HOLD_KIND, subject=subject(incident), due_at=incident.act_at, at=at
        )  # fmt: skip
    elif incident.page_at is not None and incident.page_at <= at:
        start_run(incident=incident, at=at)
    else:
        tell_task(incident=incident, at=at)
        if incident.page_at is not None:
            arm_deadline(
                actor=None, kind=HOLD_KIND, subject=subject(incident), step=1, due_at=incident.page_at, at=at
            )  # fmt: skip


def end_hold(*, incident: Incident, step: int, at: datetime) -> bool:
    """The agreed instant is reached and it still fails: page, or hand over the task. Returns whether anything was due.

    The incident is locked by the caller. Step 1 is a page that was agreed for later than the task. While every signal
    is quiet nobody is paged: it is over in a moment, or it fires again and that goes on from here.
    """
    if not fails(incident):
        return False
    if step == 1 and incident.state == State.TRIGGERED and incident.acknowledged_at is None:
        start_run(incident=incident, at=at)
        return True
    if incident.state != State.HELD:
        return False
    move(actor=None, incident=incident, step=Move(State.TRIGGERED, "hold_ended", columns={"triggered_at": at}), at=at)
    act_or_hold(incident=incident, at=at)
    return True


def rejudge(*, incident: Incident, asset: Asset, at: datetime) -> Judged | None:
    """Another asset of the incident failed: take its decision if it is an earlier one. The incident is locked.

    A held incident is brought forward; one that sleeps or waits is woken only if the new decision is stricter and
    acts now. Returns what was decided when it changed anything.
    """
    judged = judge(asset=asset, team=incident.team, at=at)
    if incident.state == State.HELD and judged.act_at < incident.act_at:
        _bring_forward(incident, judged, at)
        return judged
    pages_now = judged.page_at is not None and judged.page_at <= at
    is_stricter = judged.decision["class"] == "wake" and incident.decision.get("class") != "wake"
    if incident.state in (State.ASLEEP, State.WAITING_UPSTREAM) and pages_now and is_stricter:
        take_decision(incident, judged)
        wake(incident=incident, kind="worse", at=at)
        return judged
    return None


def fails(incident: Incident) -> bool:
    """Whether a signal still fires; an incident without any is open until somebody says otherwise."""
    states = set(incident.alerts.values_list("status", flat=True))
    return not states or FIRING in states


def go_on_failing(*, incident: Incident, at: datetime) -> None:
    """It fires again after quiet minutes: an hour that was reached in them counts now. The incident is locked."""
    if incident.state == State.ASLEEP and incident.wake_at is not None and incident.wake_at <= at:
        wake(incident=incident, kind="woke", at=at)
    elif incident.state == State.HELD and incident.act_at <= at:
        end_hold(incident=incident, step=0, at=at)
    elif incident.page_at is not None and incident.page_at <= at and not incident.runs.exists():
        end_hold(incident=incident, step=1, at=at)


def wake(*, incident: Incident, kind: str, first_step: int = 0, at: datetime) -> None:
    """Page again: the sleep is over, it got worse, or the acknowledger fell silent. The incident is locked."""
    columns = {"wake_at": None, "acknowledged_by": None, "acknowledged_at": None, "triggered_at": at}
    move(actor=None, incident=incident, step=Move(State.TRIGGERED, kind, columns=columns), at=at)
    start_run(incident=incident, first_step=first_step, at=at)


def promise_updates(*, incident: Incident, at: datetime) -> None:
    """A draft for each team that is promised word by an hour, and the deadline that sends it if nobody does."""
    promised = [
        (str(team), int(minutes), verdict)
        for verdict in incident.decision.get("verdicts", [])
        for team, minutes in verdict.get("tell", [])
    ]
    for step, (team, minutes, verdict) in enumerate(promised):
        due_at = at + timedelta(minutes=minutes)
        update = IncidentUpdate.objects.create(
            incident=incident, text=update_text(incident, verdict), teams=[team], due_at=due_at, created_at=at
        )
        arm_deadline(
            actor=None, kind=TELL_KIND, subject=subject(incident), step=step, due_at=due_at,
            payload={"update": update.pk}, at=at,
        )  # fmt: skip


def _bring_forward(incident: Incident, judged: Judged, at: datetime) -> None:
    take_decision(incident, judged)
    if judged.act_at > at:
        arm_deadline(actor=None, kind=HOLD_KIND, subject=subject(incident), due_at=judged.act_at, at=at)
        note_event(actor=None, incident=incident, kind="brought_forward", at=at,
                   data={"act_at": judged.act_at.isoformat()})  # fmt: skip
        return
    cancel_deadlines(actor=None, subject=subject(incident), kinds=[HOLD_KIND], reason="worse", at=at)
    move(actor=None, incident=incident, step=Move(State.TRIGGERED, "worse", columns={"triggered_at": at}), at=at)
    act_or_hold(incident=incident, at=at)


def take_decision(incident: Incident, judged: Judged) -> None:
    """What was decided now holds from now on. The incident is locked by the caller."""
    incident.decision, incident.act_at = judged.decision, judged.act_at
    incident.page_at, incident.fix_by = judged.page_at, judged.fix_by
    incident.save(update_fields=["decision", "act_at", "page_at", "fix_by"])


def _team_of(responder: Responder) -> Team | None:
    return Team.objects.filter(pk=responder.team_id).first() if responder.team_id is not None else None


def _now(at: datetime, team: Team) -> dict[str, Any]:
    """An unknown asset cannot be judged: it is treated as one that must not wait."""
    by: dict[str, Any] = {
        "agreement": None, "asset": "", "team": "", "distance": 0, "class": "wake", "act_at": at.isoformat(),
        "fix_by": None, "pages": True, "is_agreed": False, "shown_meanwhile": "", "consequence": "", "tell": [],
    }  # fmt: skip
    return {
        "at": at.isoformat(), "zone": team.zone, "act_at": at.isoformat(), "fix_by": None, "page_at": at.isoformat(),
        "pages": True, "class": "wake", "by": by, "verdicts": [by], "not_agreed": [],
    }  # fmt: skip
