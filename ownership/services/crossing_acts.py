"""What people do about a crossing: accept it until a day, say that the rule does not fit (spec ownership 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain.crossing_states import ACCEPTED, DISMISSED, OPEN, may_follow
from ownership.domain.scores import LONGEST_ACCEPTANCE, acceptance_ends
from ownership.models import Crossing, CrossingStep
from ownership.queries.parties import local_day, teams_led_by
from ownership.queries.sides import Sides, leads_of, sides_of
from ownership.services.crossing_steps import ACCEPTANCE, cancel_acceptance
from ownership.services.crossing_telling import tell_acceptance_asked
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.accounts.models import Person

REASON_CHARACTERS = 500


@transaction.atomic
def accept_crossing(*, actor: Person, crossing: Crossing, until: date, reason: str, at: datetime) -> Crossing:
    """Agree to live with it until a day, at most 180 days ahead; it counts when the leads of both teams agree.

    Locks the crossing. Another day or reason asks the other side again. Its age goes on. Raises `DomainError` for a
    day or reason that does not fit, `Conflict` for a crossing that is settled or dismissed.
    """
    row, sides = _locked(crossing, actor, at)
    _must_follow(row, ACCEPTED)
    today = local_day(actor, at)
    if not today < until <= today + LONGEST_ACCEPTANCE:
        raise DomainError("ownership.bad_acceptance", "A day from tomorrow on, at most 180 days ahead.", "until")
    text = _reason(reason)
    if (row.accepted_until, row.accepted_reason) != (until, text):
        row.agreed_by.clear()
    row.agreed_by.add(actor)
    row.accepted_until, row.accepted_reason = until, text
    missing = _who_must_agree(row, sides, at)
    if not missing:
        _move(row, ACCEPTED, actor, text, at)
        zone = sides.doing.zone if sides.doing else "UTC"
        due_at = acceptance_ends(until, zone)
        arm_deadline(actor=actor, kind=ACCEPTANCE, subject=subject_of(row), due_at=due_at, at=at)
    row.save(update_fields=["accepted_until", "accepted_reason", "state", "version"])
    after: dict[str, Any] = {"until": until.isoformat(), "state": row.state}
    record_audit(actor=actor, verb="ownership.crossing_accepted", subject=row, after=after, reason=text, at=at)
    if missing:
        tell_acceptance_asked(row, sides, missing, actor, at)
    return row


@transaction.atomic
def dismiss_crossing(*, actor: Person, crossing: Crossing, reason: str, at: datetime) -> Crossing:
    """Say that the rule does not fit here; it stays away while the same owner and rule last. Locks the crossing."""
    row, _ = _locked(crossing, actor, at)
    _must_follow(row, DISMISSED)
    text = _reason(reason)
    _move(row, DISMISSED, actor, text, at)
    row.note = text
    row.save(update_fields=["state", "note", "version"])
    cancel_acceptance(crossings=[row], at=at)
    record_audit(actor=actor, verb="ownership.crossing_dismissed", subject=row, reason=text, at=at)
    return row


def reopen_accepted(*, crossing: Crossing, at: datetime) -> bool:
    """The accepted time is over: open again, with its age. The caller holds the row; False if it moved on before."""
    if crossing.state != ACCEPTED:
        return False
    _move(crossing, OPEN, None, "the accepted time is over", at)
    crossing.reopened += 1
    crossing.accepted_until = None
    crossing.agreed_by.clear()
    crossing.save(update_fields=["state", "reopened", "accepted_until", "version"])
    record_audit(actor=None, verb="ownership.crossing_reopened", subject=crossing, at=at)
    return True


def move_crossing(*, actor: Person | None, crossing: Crossing, state: str, note: str, at: datetime) -> None:
    """Bring a locked crossing to another state and keep the step; nothing if the table has no such step."""
    if crossing.state != state and may_follow(crossing.state, state):
        _move(crossing, state, actor, note, at)
        crossing.save(update_fields=["state", "version"])


def _locked(crossing: Crossing, actor: Person, at: datetime) -> tuple[Crossing, Sides]:
    row = Crossing.objects.select_for_update(of=("self",)).select_related("asset__domain").get(pk=crossing.pk)
    sides = sides_of([row], at)[row.pk]
    lead_team = row.asset.domain.lead_team_id if row.asset.domain else None
    require(policies.boundaries.can_decide(actor, sides.team_ids, lead_team, teams_led_by(actor, at)))
    return row, sides


def _must_follow(row: Crossing, state: str) -> None:
    if row.valid.upper is not None or not may_follow(row.state, state):
        raise Conflict("ownership.crossing_settled", "This has been settled meanwhile.", state=row.state)


def _who_must_agree(row: Crossing, sides: Sides, at: datetime) -> list[Person]:
    """Leads of a side of which nobody has agreed yet; admins stand in where no team is named."""
    agreed = set(row.agreed_by.values_list("pk", flat=True))
    missing: list[Person] = []
    for team in (sides.doing, sides.expected):
        leads = responsible_leads(team, at.date()) if team else []
        if leads and not agreed & {lead.pk for lead in leads}:
            missing += leads
    return missing or ([] if agreed else leads_of([sides.doing], at))


def _move(row: Crossing, state: str, actor: Person | None, note: str, at: datetime) -> None:
    row.state = state
    row.version += 1
    CrossingStep.objects.create(
        crossing=row, at=at, state=state, level=row.level, score=row.score, by=actor, note=note[:REASON_CHARACTERS]
    )


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > REASON_CHARACTERS or "\x00" in reason:
        raise DomainError("ownership.reason_missing", "Say in a few words why, at most 500 characters.", "reason")
    return reason
