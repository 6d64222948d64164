"""Talks of the leads of two teams: arranged, reminded of, and what came of them (spec additions, "talk")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.crossing_states import HANDOVER, OPEN, OUTCOMES, TALKING
from ownership.models import Crossing, Talk
from ownership.queries.parties import teams_led_by
from ownership.queries.sides import leads_of, sides_of
from ownership.services.crossing_acts import move_crossing
from ownership.services.crossing_telling import talk_notices
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

REMINDER = "ownership.talk_reminder"
A_DAY_BEFORE = timedelta(days=1)
NOTE_CHARACTERS = 1000


@dataclass(frozen=True)
class TalkDraft:
    """Two teams, when, and what the agenda says; `expected` None where nobody is named."""

    doing: Team
    expected: Team | None
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a talk, and when they speak again."""

    outcome: str
    note: str = ""
    next_at: datetime | None = None


@transaction.atomic
def start_talk(*, actor: Person, draft: TalkDraft, at: datetime) -> Talk:
    """Put a talk on the agenda of both leads; what is open between the teams reads "talking" from now on.

    A reminder goes a day before. Raises `DomainError` for a time that is past or a text that is too long, `Conflict`
    where such a talk is waiting already.
    """
    team_ids = frozenset(team.pk for team in (draft.doing, draft.expected) if team is not None)
    require(policies.boundaries.can_decide(actor, team_ids, None, teams_led_by(actor, at)))
    _check(draft, at)
    waiting = Talk.objects.filter(doing_team=draft.doing, expected_team=draft.expected, held_at=None)
    if waiting.exists():
        raise Conflict("ownership.talk_waiting", "They have a talk on the agenda already.", "at")
    talk = _make(actor, draft, at)
    for row in _crossings(talk, at):
        if row.state == OPEN:
            move_crossing(actor=actor, crossing=row, state=TALKING, note=draft.note, at=at)
    record_audit(actor=actor, verb="ownership.talk_arranged", subject=talk, after=_facts(talk), at=at)
    return talk


@transaction.atomic
def close_talk(*, actor: Person, talk: Talk, result: Result, at: datetime) -> Talk:
    """Write down what came of it; without a next date and without a result the crossings read "open" again.

    Locks the talk. Raises `Conflict` for a talk that has a result, `DomainError` for an unknown one.
    """
    row = Talk.objects.select_for_update(of=("self",)).select_related("doing_team", "expected_team").get(pk=talk.pk)
    team_ids = frozenset(pk for pk in (row.doing_team_id, row.expected_team_id) if pk is not None)
    require(policies.boundaries.can_decide(actor, team_ids, None, teams_led_by(actor, at)))
    if row.held_at is not None:
        raise Conflict("ownership.talk_held", "This talk has a result already.")
    if result.outcome not in OUTCOMES:
        raise DomainError("ownership.unknown_outcome", f"One of {', '.join(OUTCOMES)}.", "outcome")
    following = TalkDraft(row.doing_team, row.expected_team, result.next_at, row.note) if result.next_at else None
    if following is not None:
        _check(following, at)
    row.outcome, row.outcome_note, row.next_at = result.outcome, result.note[:NOTE_CHARACTERS], result.next_at
    row.held_at, row.version = at, row.version + 1
    row.save(update_fields=["outcome", "outcome_note", "next_at", "held_at", "version"])
    cancel_deadlines(actor=actor, subject=subject_of(row), reason="held", at=at)
    record_audit(actor=actor, verb="ownership.talk_held", subject=row, after={"outcome": row.outcome}, at=at)
    if following is not None:
        _make(actor, following, at)
    elif result.outcome == "none":
        for crossing in _crossings(row, at):
            if crossing.state == TALKING:
                move_crossing(actor=actor, crossing=crossing, state=OPEN, note=row.outcome_note, at=at)
    return row


def mark_handover(*, actor: Person, crossings: list[Crossing], handoff_id: int, at: datetime) -> None:
    """A handover is offered for these crossings; the caller's transaction holds the handoff."""
    for row in Crossing.objects.select_for_update().filter(pk__in=[each.pk for each in crossings]):
        row.handoff_id = handoff_id
        row.save(update_fields=["handoff"])
        move_crossing(actor=actor, crossing=row, state=HANDOVER, note="", at=at)


def _make(actor: Person, draft: TalkDraft, at: datetime) -> Talk:
    talk = Talk.objects.create(
        doing_team=draft.doing, expected_team=draft.expected, at=draft.at, note=draft.note.strip(), created_by=actor,
        created_at=at,
    )  # fmt: skip
    people = leads_of([draft.doing, draft.expected], at)
    talk.attendees.set(people)
    others = [person for person in people if person.pk != actor.pk]
    raise_notices(planned=[Planned(notice) for notice in talk_notices(talk, others, "arranged")], at=at)
    due_at = max(at, draft.at - A_DAY_BEFORE)
    arm_deadline(actor=actor, kind=REMINDER, subject=subject_of(talk), due_at=due_at, at=at)
    return talk


def _crossings(talk: Talk, at: datetime) -> list[Crossing]:
    """What crosses between the two teams now, locked."""
    rows = list(
        Crossing.objects.select_for_update(of=("self",)).filter(valid__upper_inf=True).exclude(state="dismissed")
    )
    sides = sides_of(rows, at)
    wanted = (talk.doing_team_id, talk.expected_team_id)
    return [row for row in rows if _pair(sides[row.pk].doing, sides[row.pk].expected) == wanted]


def _pair(doing: Team | None, expected: Team | None) -> tuple[int | None, int | None]:
    return doing.pk if doing else None, expected.pk if expected else None


def _check(draft: TalkDraft, at: datetime) -> None:
    if draft.at <= at:
        raise DomainError("ownership.bad_talk_time", "Choose a time that is still to come.", "at")
    if len(draft.note) > NOTE_CHARACTERS or "\x00" in draft.note:
        raise DomainError("ownership.long_note", f"At most {NOTE_CHARACTERS} characters of plain text.", "note")
    if draft.doing == draft.expected:
        raise DomainError("ownership.one_team", "A talk needs two teams.", "expected")


def _facts(talk: Talk) -> dict[str, str | int | None]:
    return {"doing": talk.doing_team_id, "expected": talk.expected_team_id, "at": talk.at.isoformat()}
