"""Handovers: who gives, who takes, who speaks for them, and by when they answer (spec ownership 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.domain.handoffs import OFFERED, WAIT_DAYS
from ownership.models import Handoff
from ownership.queries.parties import leading
from portal.accounts.queries.teams import calendar_of_person, leads_of_person, responsible_leads, team_calendar
from portal.core.domain.working_time import add
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Person, Team

PARTIES = ("from_person", "from_team", "to_person", "to_team")


def handoffs_of(viewer: Any) -> QuerySet[Handoff]:
    """Every handover with its counts; everybody signed in sees them, drafts only who made them."""
    if not getattr(viewer, "is_authenticated", False):
        return Handoff.objects.none()
    rows = Handoff.objects.filter(~Q(state="draft") | Q(created_by=viewer)).select_related(*PARTIES)
    return rows.annotate(
        waiting=Count("items", filter=Q(items__state=OFFERED)),
        accepted=Count("items", filter=Q(items__state="accepted")),
        total=Count("items"),
    )


def handoff_called(code: str, viewer: Any) -> Handoff | None:
    """The visible handover of a code such as HND-3."""
    number = code.upper().removeprefix("HND-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):  # noqa: PLR2004 (digits of a bigint)
        return None
    return handoffs_of(viewer).filter(pk=int(number)).first()


def waiting_for(viewer: Person, at: datetime) -> QuerySet[Handoff]:
    """Offers that this person has to answer, for themself or for a team they lead."""
    led = leading(viewer, at).values("team_id")
    mine = Q(to_person=viewer) | Q(to_team__in=led)
    return handoffs_of(viewer).filter(mine, state=OFFERED).order_by("offered_at", "pk")


def party_key(person: Person | None, team: Team | None) -> int:
    """A person's id, or minus a team's."""
    return person.pk if person is not None else -(team.pk if team is not None else 0)


def speakers(person: Person | None, team: Team | None, at: datetime) -> list[Person]:
    """The leads who speak for the party."""
    if team is not None:
        return responsible_leads(team, at.date())
    return leads_of_person(person, at.date()) if person is not None else []


def recipients(handoff: Handoff, at: datetime) -> list[Person]:
    """Who is asked: the person, or the leads of the team."""
    if handoff.to_person is not None:
        return [handoff.to_person]
    return speakers(None, handoff.to_team, at)


def answer_instants(handoff: Handoff, at: datetime) -> dict[int, datetime]:
    """By step the instant after 2, 5 and 10 of the recipient's working days; never in a calendar that is not open."""
    version = (
        calendar_of_person(handoff.to_person, at.date())
        if handoff.to_person is not None
        else team_calendar(handoff.to_team)  # type: ignore[arg-type] # one of the two is set
    )
    hours = load_calendar(version.pk)
    found = {step: add(hours, at, days * version.nominal_day_seconds) for step, days in WAIT_DAYS.items()}
    return {step: instant for step, instant in found.items() if instant is not None}
