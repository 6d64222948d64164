"""People and teams in search and palette, and the questions the palette answers by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS, Discipline, PersonState
from portal.accounts.models import Membership
from portal.accounts.policies import people_visible_to, teams_visible_to
from portal.accounts.queries.people import absences_at, local_day
from portal.accounts.queries.teams import leads_of_team
from portal.core import clock
from portal.core.registries import Hit
from portal.core.web.presentation import day_words

if TYPE_CHECKING:
    import re
    from datetime import datetime

    from django.db.models import QuerySet

EXACT_KEY, EXACT_NAME, PREFIX, ELSEWHERE = 0, 1, 2, 3


def find_people(query: str, viewer: Any, limit: int) -> list[Hit]:
    """By handle, or by any part of the name, colleagues of one's teams first; people who left are not found.

    One query.
    """
    near = _places(viewer).filter(person=OuterRef("pk"), team__in=_places(viewer).filter(person=viewer).values("team"))
    rows = people_visible_to(viewer).exclude(state=PersonState.INACTIVE).annotate(is_near=Exists(near))
    matching = rows.filter(Q(handle__istartswith=query) | Q(name__icontains=query))
    hits = [_person_hit(person, query) for person in matching.order_by("-is_near", "name", "pk")[: limit * 4]]
    return sorted(hits, key=lambda hit: (hit.rank, hit.label))[:limit]


def find_teams(query: str, viewer: Any, limit: int) -> list[Hit]:
    """By slug, or by any part of the name, one's own first; archived ones are not found. One query."""
    own = _places(viewer).filter(person=viewer, team=OuterRef("pk"))
    rows = teams_visible_to(viewer).filter(archived_at__isnull=True, is_system=False).annotate(is_near=Exists(own))
    matching = rows.filter(Q(slug__istartswith=query) | Q(name__icontains=query))
    hits = [_team_hit(team, query) for team in matching.order_by("-is_near", "name", "pk")[: limit * 4]]
    return sorted(hits, key=lambda hit: (hit.rank, hit.label))[:limit]


def _places(viewer: Any) -> QuerySet[Membership]:
    """Places of the viewer's own day."""
    return Membership.objects.filter(during__contains=local_day(viewer, clock.now()))


def _person_hit(person: Any, query: str) -> Hit:
    url = reverse("people_detail", args=[person.handle])
    rank = (_rank(query, person.handle, person.name), 0 if person.is_near else 1)
    return Hit(f"person.{person.pk}", person.name, person.handle, url, "user-round", rank, "person")


def _team_hit(team: Any, query: str) -> Hit:
    url = reverse("teams_detail", args=[team.slug])
    line = DISCIPLINE_LABELS[Discipline(team.discipline)].capitalize() if team.discipline else "Team"
    rank = (_rank(query, team.slug, team.name), 0 if team.is_near else 1)
    return Hit(f"team.{team.pk}", team.name, line, url, "users", rank, "team")


def _rank(query: str, key: str, name: str) -> int:
    asked = query.casefold()
    if asked == key:
        return EXACT_KEY
    if asked == name.casefold():
        return EXACT_NAME
    return PREFIX if key.startswith(asked) or name.casefold().startswith(asked) else ELSEWHERE


def who_leads(match: re.Match[str], viewer: Any, at: datetime) -> Hit | None:
    """The leads of the best matching team, for "Who leads Data Platform?"."""
    named = match["team"].strip()
    rows = teams_visible_to(viewer).filter(archived_at__isnull=True, is_system=False)
    team = rows.filter(Q(slug__iexact=named) | Q(name__istartswith=named)).order_by("name").first()
    if team is None:
        return None
    leads = leads_of_team(team, local_day(viewer, at))
    answer = ", ".join(lead.name for lead in leads) or "Nobody"
    url = reverse("teams_detail", args=[team.slug])
    return Hit(f"lead.{team.pk}", f"{answer} leads {team.name}", "Team", url, "crown", (0, 0), "answer")


def is_somebody_away(match: re.Match[str], viewer: Any, at: datetime) -> Hit | None:
    """Until when somebody is away, never why, for "Is Mara away?"."""
    named = match["name"].strip()
    rows = people_visible_to(viewer).filter(state=PersonState.ACTIVE)
    person = rows.filter(Q(handle__iexact=named) | Q(name__istartswith=named)).order_by("name").first()
    if person is None:
        return None
    absence = absences_at(at).filter(person=person).first()
    answer = f"{person.name} is here"
    if absence is not None and absence.during.upper is not None:
        zone = ZoneInfo(viewer.zone)
        until = day_words(absence.during.upper.astimezone(zone).date(), at.astimezone(zone).date())
        answer = f"{person.name} is away until {until}"
    url = reverse("people_detail", args=[person.handle])
    return Hit(f"away.{person.pk}", answer, "Person", url, "plane", (0, 0), "answer")
