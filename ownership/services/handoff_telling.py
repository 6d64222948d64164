"""What the two sides of a handover hear, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.impact import asset_words
from ownership.queries.handoffs import TYPE
from portal.core.web.presentation import count_words
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ownership.models import Handoff
    from portal.accounts.models import Person

OFFERED, WAITS, CLOSED, EXPIRED = (
    "ownership.handoff_offered", "ownership.handoff_waits", "ownership.handoff_closed", "ownership.handoff_expired",
)  # fmt: skip
MOVED, STUCK = "ownership.handoff_moved", "ownership.handoff_stuck"


def notices(
    kind: str, row: Handoff, people: Iterable[Person], step: int = 0, more: Mapping[str, str] | None = None
) -> tuple[NoticeDraft, ...]:
    """One line for each of these people; `more` is what this kind says beside the parties and their counts."""
    subject = Subject(TYPE, row.pk)
    giver, taker = row.from_person or row.from_team, row.to_person or row.to_team
    states = list(row.items.values_list("state", flat=True))
    context = {
        "number": row.code, "giver": str(giver), "taker": str(taker), "count": count_words(len(states), "asset"),
        "waiting": count_words(states.count("offered"), "asset"), "accepted": str(states.count("accepted")),
        "url": f"/handoffs/{row.code}",
    }  # fmt: skip
    return tuple(
        NoticeDraft(
            kind=kind,
            dedup_key=dedup_key(kind, subject, step, Recipient(person_id=person.pk)),
            subject=subject,
            to=Recipient(person_id=person.pk),
            severity="info",
            context=context | dict(more or {}),
        )
        for person in {person.pk: person for person in people}.values()
    )


def moved_notices(row: Handoff, people: Iterable[Person], labels: Sequence[str]) -> tuple[NoticeDraft, ...]:
    """These lines of the checklist are open, so it begins a day later."""
    told = {"open": asset_words([*labels]), "begins": f"{row.effective_at:%a %d %b %H:%M} UTC"}
    return notices(MOVED, row, people, row.moved_days, told)


def stuck_notices(row: Handoff, people: Iterable[Person], labels: Sequence[str]) -> tuple[NoticeDraft, ...]:
    """It has moved as often as it may: a lead waives what is open, or takes it back."""
    return notices(STUCK, row, people, more={"open": asset_words([*labels])})


def tell_offered(row: Handoff, people: Iterable[Person], at: datetime) -> None:
    """The recipient is asked."""
    raise_notices(planned=[Planned(each) for each in notices(OFFERED, row, people)], at=at)


def tell_closed(row: Handoff, at: datetime) -> None:
    """Who offered it learns what came of it."""
    raise_notices(planned=[Planned(each) for each in notices(CLOSED, row, [row.created_by])], at=at)
