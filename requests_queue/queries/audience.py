"""Who hears of a step, from memberships at that instant (spec sla 6.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oncall.domain.words import DutyRole, RotaKind
from oncall.models import Rota
from oncall.queries.resolving import pipeline_rota, resolve_oncall
from portal.accounts.models import Person
from portal.accounts.queries.people import is_away
from portal.accounts.queries.teams import admins, leads_of_person, leads_of_team, organization, responsible_leads
from portal.core.registries import contributions
from requests_queue.domain.kinds import kind_of
from requests_queue.models import CompartmentMember, TeamDesk
from requests_queue.policies import QUESTION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.models import DataRequest


# Beside the audiences of a ladder: who is offered a request that nobody took for triage (spec requests 5).
DESK_BACKUP = "desk_backup"


@dataclass
class Directory:
    """Answers of one batch, each asked once: many clocks of one team cost the queries of one."""

    at: datetime
    _leads: dict[int, list[int]] = field(default_factory=dict)
    _desks: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _standing_by: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _head: int | None = None
    _has_head: bool = False

    def leads(self, team: Team) -> list[int]:
        if team.pk not in self._leads:
            self._leads[team.pk] = [lead.pk for lead in leads_of_team(team, self.at.date())]
        return self._leads[team.pk]

    def desk(self, team: Team, route: str) -> list[int]:
        """Whoever is on duty for the route, else the leads."""
        key = (team.pk, route)
        if key not in self._desks:
            found = on_duty(team, route, self.at)
            self._desks[key] = [person.pk for person in found] or self.leads(team)
        return self._desks[key]

    def standing_by(self, team: Team, route: str) -> list[int]:
        """The second on the rota of the route, else the leads: who is offered what nobody takes."""
        key = (team.pk, route)
        if key not in self._standing_by:
            self._standing_by[key] = second_on_duty(team, route, self.at) or self.leads(team)
        return self._standing_by[key]

    def head_of_data(self) -> list[int]:
        if not self._has_head:
            self._head, self._has_head = organization().head_of_data_id, True
        return [self._head] if self._head is not None else []


@dataclass(frozen=True)
class Told:
    """The people of a step; `is_unrouted` when nobody of the audience was found and others are told instead."""

    people: tuple[int, ...]
    is_unrouted: bool


def on_duty(team: Team, route: str, at: datetime) -> Sequence[Person]:
    """Who answers for a route of the team at this instant, primary first; nobody where no rota says so."""
    duty = (find(team, route, at) for find in contributions("team.on_call_now"))
    return next((people for people in duty if people), ())


def desk_of(request: DataRequest, directory: Directory) -> list[int]:
    """Who answers for the route of this request now: whoever is on duty, else the leads of the team."""
    return directory.desk(request.team, kind_of(request.kind).route)


def second_on_duty(team: Team, route: str, at: datetime) -> list[int]:
    """Who holds the second slot of the rota that answers this route; nobody where it has none."""
    kind = RotaKind.QUESTIONS if route.startswith("question") else RotaKind.PIPELINE
    rota = Rota.objects.filter(team=team, kind=kind, is_archived=False).order_by("pk").first() or pipeline_rota(team)
    if rota is None:
        return []
    held = [row.person_id for row in resolve_oncall(rota=rota, at=at).entries if row.role == DutyRole.SECONDARY]
    return [pk for pk in held if pk is not None]


def partner_of(request: DataRequest) -> list[int]:
    """The analytics partner of the desk, for a question; nobody else's, and nobody where the desk has none."""
    if request.kind != QUESTION:
        return []
    desks = TeamDesk.objects.filter(team=request.team_id, partner__state="active")
    return [pk for pk in desks.values_list("partner", flat=True) if pk is not None]


def told_of(request: DataRequest, audience: Sequence[str], directory: Directory) -> Told:
    """Each person once. Of a private request its members alone, and never somebody outside."""
    found: dict[int, None] = {}
    for name in audience:
        found |= dict.fromkeys(_named(name, request, directory))
    people = _active(found)
    if request.is_private:
        return _within(request, people)
    if people:
        return Told(tuple(people), is_unrouted=False)
    return Told(tuple(_active(dict.fromkeys(_instead(request.team, directory)))), is_unrouted=True)


def _named(name: str, request: DataRequest, directory: Directory) -> list[int]:
    if name == "assignee":
        return _assignee(request, directory)
    if name == "backup":
        return [request.backup_id] if request.backup_id is not None else []
    if name == DESK_BACKUP:
        return directory.standing_by(request.team, kind_of(request.kind).route)
    if name == "partner":
        return partner_of(request)
    if name == "lead":
        return directory.leads(request.team)
    if name == "requester_lead":
        return [lead.pk for lead in leads_of_person(request.requester, directory.at.date())]
    return directory.head_of_data()


def _assignee(request: DataRequest, directory: Directory) -> list[int]:
    """Whoever has it, and the backup in addition while that person is away; the desk while nobody has it."""
    if request.assignee_id is None:
        return desk_of(request, directory)
    if request.assignee is not None and request.backup_id is not None and is_away(request.assignee, directory.at):
        return [request.assignee_id, request.backup_id]
    return [request.assignee_id]


def _instead(team: Team, directory: Directory) -> list[int]:
    """The nearest leads above the team, else the admins."""
    above = responsible_leads(team.parent, directory.at.date()) if team.parent else admins()
    return [person.pk for person in above]


def _active(found: dict[int, None]) -> list[int]:
    active = set(Person.objects.filter(pk__in=found, state="active").values_list("pk", flat=True))
    return [pk for pk in found if pk in active]


def _within(request: DataRequest, people: Sequence[int]) -> Told:
    members = CompartmentMember.objects.filter(request=request, removed_at=None)
    inside = list(members.order_by("id").values_list("person_id", flat=True))
    chosen = [pk for pk in people if pk in inside]
    return Told(tuple(chosen or inside), is_unrouted=not chosen)
