"""The acts on an incident: a form and the service behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.forms import incidents as forms
from oncall.queries.named import incident_called, person_called, team_called
from oncall.queries.runbooks import runbook_for
from oncall.services.backfilling import start_backfill
from oncall.services.failure_rules import correct_kind_for_good
from oncall.services.helping import answer_help, ask_colleague, say_impact
from oncall.services.incidents import (
    acknowledge_incident,
    add_note,
    escalate_now,
    resolve_incident,
    sleep_incident,
    wait_for_upstream,
)
from oncall.services.merging import merge_incidents
from oncall.services.runbooks import Used, record_use
from oncall.services.telling import send_update
from portal.core.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.forms import Form

    from oncall.models import Incident, RunbookVersion

Given = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """`run` takes actor, incident, at and what `given` makes of the form."""

    form: type[Form]
    run: Callable[..., object]
    given: Callable[[Given, Any], Given]


def _nothing(_data: Given, _viewer: Any) -> Given:
    return {}


def _plain(data: Given, _viewer: Any) -> Given:
    return data


def _tell(data: Given, _viewer: Any) -> Given:
    return {"text": data["text"], "teams": data["teams"].replace(",", " ").split(), "again": data["again"] or 0}


def _tell_and_promise(*, again: int, at: datetime, **given: Any) -> None:
    send_update(next_update_at=at + timedelta(minutes=again) if again else None, at=at, **given)


def _into(data: Given, viewer: Any) -> Given:
    return {"survivor": incident_called(data["into"], viewer, "into")}


def _whom(data: Given, _viewer: Any) -> Given:
    return {"person": person_called(data["person"]), "text": data["text"]}


def _use_step(*, actor: Any, incident: Incident, used: Used, at: datetime) -> None:
    version: RunbookVersion | None = runbook_for(incident.root_asset_id, incident.team_id)
    if version is None:
        raise Conflict("oncall.no_runbook", "There is no runbook for this.")
    record_use(actor=actor, version=version, used=used, incident=incident, at=at)


ACTS = {
    "acknowledge": Act(forms.NoForm, acknowledge_incident, _nothing),
    "sleep": Act(forms.NoForm, sleep_incident, _nothing),
    "ticket": Act(forms.NoForm, wait_for_upstream, _nothing),
    "wake": Act(forms.NoForm, escalate_now, _nothing),
    "resolve": Act(forms.ResolveForm, resolve_incident, _plain),
    "note": Act(forms.TextForm, add_note, _plain),
    "kind": Act(forms.KindForm, correct_kind_for_good, _plain),
    "tell": Act(forms.TellForm, _tell_and_promise, _tell),
    "merge": Act(forms.MergeForm, merge_incidents, _into),
    "help": Act(forms.HelpForm, ask_colleague, _whom),
    "answer-help": Act(forms.HelpAnswerForm, answer_help, lambda data, _: {"accept": data["answer"] == "yes"}),
    "impact": Act(forms.ImpactForm, say_impact, lambda data, _: data | {"team": team_called(data["team"])}),
    "backfill": Act(forms.BackfillForm, start_backfill, _plain),
    "step": Act(
        forms.StepForm, _use_step, lambda data, _: {"used": Used(data["issue"], data["step"], data["outcome"])}
    ),
}  # fmt: skip
# The four of the night card: what a link in a page may do, and no more.
NIGHT_ACTS = ("sleep", "acknowledge", "ticket", "wake")


def perform(verb: str, *, actor: Any, incident: Incident, data: Given, at: datetime) -> None:
    """Run the service of an act with what its form gave."""
    act = ACTS[verb]
    act.run(actor=actor, incident=incident, at=at, **act.given(data, actor))
