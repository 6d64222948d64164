"""Incidents that people open, the help they ask for, and whether it mattered (spec additions, On-call)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from oncall.domain.failure_kinds import FailureKind
from oncall.domain.signals import FIRING, Signal
from oncall.models import Agreement, Contribution, Incident, IncidentImpact
from oncall.policies import can_open_ticket, incidents_visible_to
from oncall.queries.incidents import open_incidents
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.moving import locked, note_event
from oncall.services.runs import subject
from oncall.services.wording import page_context
from ownership.queries.parties import owning_team
from portal.accounts.policies import standings
from portal.accounts.services.follows import follow
from portal.core.errors import Conflict, DomainError, NotAllowed, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Person, Team

HELP_KIND = "oncall.help"
LONGEST_TITLE, LONGEST_TEXT = 300, 500
ANSWERS = ("nothing", "inconvenient", "harm")


@transaction.atomic
def report_incident(
    *, actor: Any, asset: Asset, title: str, detail: str = "", failure_kind: str = "unknown", request: str = "",
    at: datetime,
) -> Incident:  # fmt: skip
    """A person says that an asset is broken: judged by the same agreements. An open incident of it is joined.

    `request` is the number of the request that says so; nothing private is joined for one. Raises `NotAllowed` for
    auditors, `DomainError` with the field.
    """
    require(can_open_ticket(actor))
    words = title.strip()
    if not words or len(words) > LONGEST_TITLE:
        raise DomainError("oncall.bad_text", f"Say what is wrong in 1 to {LONGEST_TITLE} characters.", "title")
    if failure_kind not in list(FailureKind):
        raise DomainError("oncall.unknown_kind", "This is no kind of failure.", "failure_kind")
    standing = next((one for one in open_incidents([asset.pk], actor) if not (request and one.is_private)), None)
    if standing is not None and request:
        return join_report(actor=actor, incident=standing, title=words, request=request, at=at)
    if standing is not None:
        note_event(
            actor=actor, incident=_lock(standing), kind="noted", data={"text": f"{words}. {detail}"[:2000]}, at=at
        )
        record_audit(actor=actor, verb="oncall.incident_noted", subject=standing, at=at)
        return standing
    team = owning_team([asset.pk], at)[asset.pk]
    if team is None:
        raise Conflict("oncall.no_owner", f"Nobody owns {asset.name} yet. Ask for an owner first.")
    signal = Signal(f"person:{uuid4()}", FIRING, words, detail.strip()[:2000])
    arrival = Arrival(signal, "person", team, asset, failure_kind=failure_kind, actor=actor)
    alert = receive_alert(arrival=arrival, at=at)
    if alert.incident is None:
        message = f"{asset.name} is silenced or in maintenance: no incident is opened until that ends."
        raise Conflict("oncall.kept_quiet", message)
    return join_report(actor=actor, incident=alert.incident, title=words, request=request, at=at)


@transaction.atomic
def join_report(*, actor: Any, incident: Incident, title: str, request: str, at: datetime) -> Incident:
    """The number of a request on the timeline of the incident that it is about, once; whoever asked follows it.

    Without a number nothing happens. Raises `NotVisible`.
    """
    if not request:
        return incident
    standing = incidents_visible_to(actor).select_for_update(of=("self",)).filter(pk=incident.pk).first()
    if standing is None:
        raise NotVisible
    if not standing.events.filter(kind="reported", data__request=request).exists():
        data = {"request": request, "text": f"{request} {title}"[:400]}
        note_event(actor=actor, incident=standing, kind="reported", data=data, at=at)
        record_audit(actor=actor, verb="oncall.incident_reported", subject=standing, after={"request": request}, at=at)
    with suppress(DomainError):  # whoever follows too much already joins all the same
        follow(actor=actor, subject=subject(standing), at=at)
    return standing


@transaction.atomic
def ask_colleague(*, actor: Any, incident: Incident, person: Person, text: str, at: datetime) -> Contribution:
    """Ask somebody for help; they get a warning, never a page. Asking again changes nothing.

    Raises `DomainError` for oneself, an inactive person or an empty text.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    words = text.strip()
    if person.pk == actor.pk or not person.is_active:
        raise DomainError("oncall.not_a_colleague", "Ask somebody else who works here.", "person")
    if not incidents_visible_to(person).filter(pk=standing.pk).exists():
        raise DomainError("oncall.not_a_colleague", "Only those who may read it can be asked about it.", "person")
    if not words or len(words) > LONGEST_TEXT:
        raise DomainError("oncall.bad_text", f"Say what you need in 1 to {LONGEST_TEXT} characters.", "text")
    asked, is_new = Contribution.objects.get_or_create(
        incident=standing, person=person, defaults={"asked_by": actor, "text": words, "asked_at": at}
    )
    if is_new:
        context = page_context(standing) if standing.is_private else page_context(standing) | {"line": words[:400]}
        to = Recipient(person_id=person.pk)
        key = f"{HELP_KIND}:incident.{standing.pk}:{to.key}"
        draft = NoticeDraft(HELP_KIND, key, subject(standing), to, "warn", context, is_private=standing.is_private)
        raise_notices(planned=[Planned(draft)], at=at)
        note_event(actor=actor, incident=standing, kind="asked_help", data={"person": person.name}, at=at)
        record_audit(actor=actor, verb="oncall.help_asked", subject=standing, after={"of": person.handle},
                     compartment=standing.compartment, at=at)  # fmt: skip
    return asked


@transaction.atomic
def answer_help(*, actor: Any, incident: Incident, accept: bool, at: datetime) -> Contribution:
    """Say yes or no as the one who was asked; a yes is credited by name on the incident. Idempotent.

    Raises `NotAllowed` for others.
    """
    rows = Contribution.objects.select_for_update(of=("self",)).select_related("incident")
    standing = rows.filter(incident=incident, person=actor).first()
    if standing is None:
        raise NotAllowed("oncall.not_asked", "Only the one who was asked answers.")
    if standing.state != "asked":
        return standing
    standing.state, standing.answered_at = ("accepted" if accept else "declined"), at
    standing.save(update_fields=["state", "answered_at"])
    incident = _lock(standing.incident)
    note_event(actor=actor, incident=incident, kind=f"help_{standing.state}", at=at)
    record_audit(actor=actor, verb="oncall.help_answered", subject=incident, after={"state": standing.state},
                 compartment=incident.compartment, at=at)  # fmt: skip
    return standing


@transaction.atomic
def say_impact(
    *, actor: Any, incident: Incident, team: Team, answer: str, sentence: str = "", at: datetime
) -> IncidentImpact:
    """Did it matter, by a team that reads the asset. Harm needs a sentence and puts the agreement to review.

    A second word replaces the first. Raises `NotVisible`, `NotAllowed`, `DomainError` with the field.
    """
    found = incidents_visible_to(actor).filter(pk=incident.pk).first()
    if found is None:
        raise NotVisible
    if actor.is_auditor or not standings(actor, team, at):
        raise NotAllowed("oncall.not_reader", f"Somebody of {team.name} says whether it mattered to them.")
    words = sentence.strip()
    if answer not in ANSWERS:
        raise DomainError("oncall.bad_answer", f"Say {', '.join(ANSWERS)}.", "answer")
    if (answer == "harm" and not words) or len(words) > LONGEST_TEXT:
        raise DomainError("oncall.bad_text", f"Say in 1 to {LONGEST_TEXT} characters what it harmed.", "sentence")
    standing = _lock(found)
    said, _ = IncidentImpact.objects.update_or_create(
        incident=standing, team=team, defaults={"answer": answer, "sentence": words, "said_by": actor, "at": at}
    )
    if answer == "harm" and standing.root_asset_id is not None:
        rows = Agreement.objects.filter(asset=standing.root_asset_id, downstream_team=team)
        rows.update(review_wanted_at=at, review_reason=words)
    note_event(actor=None, incident=standing, kind="impact", data={"team": team.name, "answer": answer}, at=at)
    record_audit(
        actor=actor, verb="oncall.impact_said", subject=standing, after={"team": team.slug, "answer": answer},
        compartment=standing.compartment, at=at,
    )  # fmt: skip
    return said


def _lock(incident: Incident) -> Incident:
    return Incident.objects.select_for_update().get(pk=incident.pk)
