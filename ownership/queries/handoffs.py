"""Handovers: who gives, who takes, who speaks for them, and by when they answer (spec ownership 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When

from ownership.domain.handoffs import EXPIRE, OFFERED, WAIT_DAYS
from ownership.domain.states import State
from ownership.models import Asset, Handoff, Ownership
from ownership.queries.parties import leading
from portal.accounts.queries.teams import calendar_of_person, leads_of_person, responsible_leads, team_calendar
from portal.core.domain.working_time import add
from portal.core.queries.calendars import load_calendar
from portal.engine.models import Deadline

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Person, Team

# Offers wait under deadlines of this kind and subject.
WAIT, TYPE = "ownership.handoff_wait", "ownership.handoff"
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


def answer_due(handoff: Handoff) -> datetime | None:
    """When an offer ends that nobody has answered."""
    armed = Deadline.objects.filter(
        kind=WAIT, subject_type=TYPE, subject_id=handoff.pk, step=EXPIRE, state="armed"
    ).values_list("due_at", flat=True)
    return armed.first()


def concerning(viewer: Person, at: datetime) -> Q:
    """What waits for this person, what they give, and what they wrote down."""
    waiting = waiting_for(viewer, at).order_by().values("pk")
    return Q(pk__in=waiting) | Q(created_by=viewer) | Q(from_person=viewer)


def items_of(handoff: Handoff) -> QuerySet[Any]:
    """Its items, those that wait for an answer first (`turn` 0)."""
    turn = Case(When(state=OFFERED, then=Value(0)), default=Value(1), output_field=IntegerField())
    return handoff.items.select_related("asset", "decided_by").annotate(turn=turn)


def held_among(assets: QuerySet[Asset], party: Person | Team) -> QuerySet[Asset]:
    """Those of the assets of which the party holds any duty now, by name."""
    side = "person" if party._meta.model_name == "person" else "team"  # noqa: SLF001 (Django's public name for model facts)
    rows = Ownership.objects.filter(
        asset=OuterRef("pk"), state=State.ACCEPTED.value, valid__upper_inf=True, **{side: party}
    )
    return assets.filter(Exists(rows)).order_by("name", "pk")


def lead_teams(asset_ids: Collection[int]) -> frozenset[int | None]:
    """The teams that lead the domains of these assets; None for one in no domain, or in one that nobody leads."""
    rows = Asset.objects.filter(pk__in=asset_ids).order_by()
    return frozenset(rows.values_list("domain__lead_team", flat=True).distinct())


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
