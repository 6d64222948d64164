"""Who is in which team on a day, and who leads it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q

from portal.accounts.domain.vocabulary import PersonState, Role
from portal.accounts.models import Membership, Organization, Person, Team
from portal.core.models import CalendarVersion

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

MAX_DEPTH = 6


def memberships_on(on: date) -> QuerySet[Membership]:
    """Memberships of active people that hold on this day."""
    return Membership.objects.filter(during__contains=on, person__state=PersonState.ACTIVE)


def members_of(team: Team, on: date) -> QuerySet[Person]:
    """The team's active members on the day, by handle."""
    return Person.objects.filter(pk__in=memberships_on(on).filter(team=team).values("person")).order_by("handle")


def teams_of(person: Person, on: date) -> list[Team]:
    """The person's teams on the day, the main one first."""
    rows = memberships_on(on).filter(person=person).select_related("team").order_by("-is_main", "team__slug")
    return [membership.team for membership in rows]


def main_team(person: Person, on: date) -> Team | None:
    """The team that gives requester team and capacity; None for somebody not placed yet."""
    return next(iter(main_teams([person.pk], on).values()), None)


def main_teams(person_ids: list[int], on: date) -> dict[int, Team]:
    """Main team by person id; people without one are left out."""
    rows = memberships_on(on).filter(person_id__in=person_ids, is_main=True).select_related("team")
    return {membership.person_id: membership.team for membership in rows}


def leads_of_team(team: Team, on: date) -> list[Person]:
    """The team's own leads on the day, by handle; empty if it has none."""
    rows = memberships_on(on).filter(team=team, role=Role.LEAD).values("person")
    return list(Person.objects.filter(pk__in=rows).order_by("handle"))


def responsible_leads(team: Team, on: date) -> list[Person]:
    """The nearest leads upwards from the team: its own, else its parents', else the admins (spec accounts 2)."""
    step: Team | None = team
    for _ in range(MAX_DEPTH):
        if step is None:
            break
        if leads := leads_of_team(step, on):
            return leads
        step = step.parent
    return admins()


def leads_of_person(person: Person, on: date) -> list[Person]:
    """Who leads this person: their main team's leads, else upwards; a lead's lead is the parent team's."""
    team = main_team(person, on)
    if team is None:
        return admins()
    leads = responsible_leads(team, on)
    if person in leads:
        return responsible_leads(team.parent, on) if team.parent else [lead for lead in admins() if lead != person]
    return leads


def admins() -> list[Person]:
    """Active admins, by handle."""
    return list(Person.objects.filter(is_admin=True, state=PersonState.ACTIVE).order_by("handle"))


def discipline_of_team(team: Team, on: date) -> str:
    """The team's own discipline, else that of more than half of its members by share on the day, else `mixed`."""
    if team.discipline:
        return team.discipline
    shares: Counter[str] = Counter()
    for discipline, share in memberships_on(on).filter(team=team).values_list("discipline", "fte_percent"):
        shares[discipline] += share
    if not shares:
        return ""
    discipline, share = shares.most_common(1)[0]
    return discipline if 2 * share > shares.total() else "mixed"


def discipline_of(person: Person, team: Team | None, on: date) -> str:
    """The discipline of the membership in `team`, else of the main one; "" if nothing says (spec decisions)."""
    rows = list(memberships_on(on).filter(person=person).filter(Q(team=team) | Q(is_main=True)))
    rows.sort(key=lambda membership: team is None or membership.team_id != team.pk)
    return rows[0].discipline if rows else ""


def team_calendar(team: Team) -> CalendarVersion:
    """The newest version of the team's calendar."""
    return newest_version(team.calendar_id)


def has_team(person: Person, at: datetime) -> bool:
    """Whether the person is in a team that is one, on their own day; one query."""
    day = at.astimezone(ZoneInfo(person.zone)).date()
    return Membership.objects.filter(person=person, during__contains=day, team__is_system=False).exists()


def calendar_of_person(person: Person, on: date) -> CalendarVersion:
    """The person's own calendar, else their main team's, else the organization's."""
    if person.calendar_id is not None:
        return newest_version(person.calendar_id)
    team = main_team(person, on)
    return newest_version(team.calendar_id if team is not None else organization().calendar_id)


def newest_version(calendar_id: int) -> CalendarVersion:
    """The version in force; a calendar is never without one."""
    return CalendarVersion.objects.filter(calendar_id=calendar_id).latest("n")


def organization() -> Organization:
    """The installation's one row, seeded at the first migrate."""
    return Organization.objects.select_related("calendar").get(pk=1)
