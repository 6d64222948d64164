"""Guardrails that act: the next night goes to the second, and the person is told before they ask (spec oncall 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.guardrails import RULE_WORDS, broken_rule, next_night
from oncall.domain.sleeping import night_of
from oncall.models import GuardrailFire, Rota, ShiftChange, TeamDuty
from oncall.queries.burden import burden_of
from oncall.queries.resolving import resolve_oncall
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import Conflict, NotAllowed
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.answers import OnCallAnswer
    from portal.accounts.models import Person

NOTICE_KIND = "oncall.guardrail"
OUTCOMES = {
    "moved": "Somebody else has tonight.", "nobody": "Nobody else could take tonight.",
    "not_needed": "Tonight had been agreed otherwise already; that stands.",
}  # fmt: skip


@transaction.atomic
def guard_person(*, person: Person, rota: Rota, at: datetime) -> GuardrailFire | None:
    """If a rule is broken, lay tonight over with the second on call; once a person and night.

    A change that stands there already wins ("not needed"); with nobody else to take it the lead is asked and the
    person stays ("nobody").
    """
    duty = TeamDuty.objects.filter(team=rota.team_id).first()
    rule = broken_rule(burden_of(person, at), at, duty.guardrails if duty else {})
    if not rule:
        return None
    start, end = next_night(at, person.zone)
    night = night_of(start, person.zone, person.night_to)
    if GuardrailFire.objects.filter(person=person, night=night).exists():
        return None
    Rota.objects.select_for_update().get(pk=rota.pk)
    answer = resolve_oncall(rota=rota, at=start)
    held = answer.holder("primary")
    agreed = ShiftChange.objects.filter(rota=rota, role="primary", state="active", during__overlap=(start, end))
    if (held is None or held.person_id != person.pk) and not agreed.filter(from_person=person).exists():
        return None
    outcome, change = _lay_over(rota, answer, person, start, end, at)
    fire = GuardrailFire.objects.create(
        person=person, rule=rule, night=night, rota=rota, change=change, outcome=outcome, fired_at=at
    )
    _tell(fire, at)
    record_audit(
        actor=None, verb="oncall.guardrail_fired", subject=fire, after={"rule": rule, "outcome": outcome}, at=at
    )
    return fire


@transaction.atomic
def decline_guardrail(*, actor: Any, fire: GuardrailFire, at: datetime) -> GuardrailFire:
    """The person takes the night after all; recorded. Idempotent. Raises `NotAllowed`, `Conflict` once it began."""
    standing = GuardrailFire.objects.select_for_update(of=("self",)).select_related("change").get(pk=fire.pk)
    if standing.person_id != actor.pk:
        raise NotAllowed("oncall.not_yours", "Only the person themself declines a free night.")
    if standing.outcome == "declined":
        return standing
    change = standing.change
    begins_at = change.during.lower if change is not None else None
    if standing.outcome != "moved" or change is None or begins_at is None or begins_at <= at:
        raise Conflict("oncall.past", "This night has begun, or was never moved.")
    ShiftChange.objects.filter(group=change.group, state="active").update(state="withdrawn")
    standing.outcome, standing.declined_at = "declined", at
    standing.save(update_fields=["outcome", "declined_at"])
    record_audit(actor=actor, verb="oncall.guardrail_declined", subject=standing, at=at)
    return standing


def _lay_over(
    rota: Rota, answer: OnCallAnswer, person: Person, start: datetime, end: datetime, at: datetime
) -> tuple[str, ShiftChange | None]:
    """The night to the second, the second's place to the cascade, in one group."""
    live = ShiftChange.objects.filter(rota=rota, state="active", during__overlap=(start, end))
    if live.filter(role="primary").exists():
        return "not_needed", None
    second = answer.holder("secondary")
    cascade = [each.person_id for each in answer.fallbacks if each.kind == "cascade" and each.person_id != person.pk]
    third = next((pk for pk in cascade if second is None or pk != second.person_id), None)
    taker = second.person_id if second is not None else third
    if taker is None or GuardrailFire.objects.filter(person=taker, night=start.date(), outcome="moved").exists():
        return "nobody", None
    facts = {"rota": rota, "slot": 0, "kind": "guardrail", "during": (start, end), "state": "active", "created_at": at}
    if second is not None and third is not None and not live.filter(role="secondary").exists():
        behind = ShiftChange.objects.create(
            **facts, role="secondary", from_person_id=taker, to_person_id=third, reason="behind a guarded night"
        )
        facts["group"] = behind.group
    change: ShiftChange = ShiftChange.objects.create(
        **facts, role="primary", from_person=person, to_person_id=taker, reason="a guarded night"
    )
    return "moved", change


def _tell(fire: GuardrailFire, at: datetime) -> None:
    """The person, whoever takes over, and the lead; the lead learns no figure."""
    leads = [lead.pk for lead in responsible_leads(fire.rota.team, at.date())]
    taker = [fire.change.to_person_id] if fire.change is not None else []
    context = {
        "rule": RULE_WORDS[fire.rule], "person": fire.person.name, "url": "/oncall/guardrails/",
        "outcome": OUTCOMES[fire.outcome],
    }  # fmt: skip
    drafts = [
        NoticeDraft(NOTICE_KIND, f"{NOTICE_KIND}:{fire.pk}:{to.key}", subject_of(fire), to, "warn", context)
        for to in (Recipient(person_id=pk) for pk in dict.fromkeys([fire.person_id, *taker, *leads]))
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
