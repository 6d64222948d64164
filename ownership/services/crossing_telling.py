"""What leads hear about crossings: of the organisation, never of a person (spec ownership 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.models import Crossing, Talk
    from ownership.queries.sides import Sides
    from portal.accounts.models import Person

STEP, ACCEPTANCE = "ownership.crossing_step", "ownership.acceptance_asked"
TALK = "ownership.talk"
NOBODY = "nobody named"


def step_notices(row: Crossing, sides: Sides, days: int, leads: Iterable[Person]) -> tuple[NoticeDraft, ...]:
    """One line for each lead: this has been open for so many days."""
    subject = subject_of(row)
    context = {
        "asset": row.asset.name, "label": row.rule.label, "days": str(days), "remedy": row.rule.remedy,
        "doing": sides.doing.name if sides.doing else NOBODY,
        "expected": sides.expected.name if sides.expected else NOBODY,
        "url": f"/boundaries/crossings/{row.pk}",
    }  # fmt: skip
    return tuple(
        NoticeDraft(
            kind=STEP,
            dedup_key=dedup_key(STEP, subject, days, Recipient(person_id=lead.pk)),
            subject=subject,
            to=Recipient(person_id=lead.pk),
            severity="info",
            context=context,
        )
        for lead in leads
    )


def tell_acceptance_asked(row: Crossing, sides: Sides, leads: Iterable[Person], actor: Person, at: datetime) -> None:
    """The other side is asked to agree."""
    del sides
    subject = subject_of(row)
    for lead in leads:
        to = Recipient(person_id=lead.pk)
        until = row.accepted_until.isoformat() if row.accepted_until else ""
        raise_notice(
            actor=actor,
            draft=NoticeDraft(
                kind=ACCEPTANCE,
                dedup_key=dedup_key(f"{ACCEPTANCE}.{until}", subject, 0, to),
                subject=subject,
                to=to,
                severity="info",
                context={
                    "asset": row.asset.name,
                    "by": actor.name,
                    "until": until,
                    "url": f"/boundaries/crossings/{row.pk}",
                },
            ),
            at=at,
        )


def talk_notices(talk: Talk, people: Iterable[Person], key: str) -> tuple[NoticeDraft, ...]:
    """The date and the place of the agenda, for everybody who takes part."""
    subject = subject_of(talk)
    expected = talk.expected_team.name if talk.expected_team else NOBODY
    context = {
        "doing": talk.doing_team.name, "expected": expected, "when": talk.at.isoformat(),
        "url": f"/boundaries/talks/{talk.pk}",
    }  # fmt: skip
    return tuple(
        NoticeDraft(
            kind=TALK,
            dedup_key=dedup_key(f"{TALK}.{key}", subject, 0, Recipient(person_id=person.pk)),
            subject=subject,
            to=Recipient(person_id=person.pk),
            severity="info",
            context=context,
        )
        for person in people
    )
