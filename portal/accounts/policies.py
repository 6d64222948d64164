"""Who may do what with people and teams; `may` is asked by every room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q

from portal.accounts.domain.rights import RIGHTS, Right
from portal.accounts.domain.vocabulary import PersonState, Role
from portal.accounts.models import Absence, ApiToken, Deputy, Endpoint, Grant, Membership, Person, Team
from portal.core.context import once
from portal.core.policies import ALLOWED, Decision, refused

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

# Oneself and everyone one is live deputy of; no chains, since only one's own rows of Deputy count. Each person's own
# local day decides which memberships and grants hold.
STANDING = """
WITH acting AS (
    SELECT id, zone FROM accounts_person WHERE id = %(person)s AND state = 'active'
    UNION ALL
    SELECT principal.id, principal.zone
    FROM accounts_deputy AS deputy JOIN accounts_person AS principal ON principal.id = deputy.person_id
    WHERE deputy.deputy_id = %(person)s AND deputy.ended_at IS NULL AND deputy.during @> %(at)s
        AND principal.state = 'active'
)
SELECT acting.id, member.role, ''
FROM acting JOIN accounts_membership AS member ON member.person_id = acting.id
WHERE member.team_id = %(team)s AND member.during @> (%(at)s AT TIME ZONE acting.zone)::date
UNION ALL
SELECT acting.id, '', held.name
FROM acting JOIN accounts_grant AS held ON held.person_id = acting.id
WHERE (held.team_id IS NULL OR held.team_id = %(team)s) AND held.revoked_at IS NULL
    AND held.during @> (%(at)s AT TIME ZONE acting.zone)::date
ORDER BY 1
"""


@dataclass(frozen=True)
class Standing:
    """A role in the team or a grant, of oneself or of a person one stands in for."""

    person_id: int
    role: str
    grant: str


def may(person: Any, verb: str, team: Team | None, at: datetime) -> Decision:
    """Whether `person` may do `verb` where `team` owns, at this instant; at most one query.

    A deputy's decision carries `on_behalf_of`. Raises KeyError for a verb outside the table.
    """
    right = RIGHTS[verb]
    if person is None or not person.is_active:
        return refused("accounts.person_inactive", "This account is not active.")
    if _by_oneself(person, right):
        return ALLOWED
    if not (right.member or right.lead or right.grant):
        return _missing(right)
    rows = standings(person, team, at)
    own = [row for row in rows if row.person_id == person.pk]
    if any(_counts(row, right) for row in own):
        return ALLOWED
    lent = [row for row in rows if row.person_id != person.pk and _is_lent(row, right)]
    return Decision(allowed=True, on_behalf_of=lent[0].person_id) if lent else _missing(right)


def standings(person: Person, team: Team | None, at: datetime) -> list[Standing]:
    """Roles in `team` and grants that reach it, own ones and those lent by a live deputyship."""
    team_id = team.pk if team else None

    def found() -> list[Standing]:
        with connection.cursor() as cursor:
            cursor.execute(STANDING, {"person": person.pk, "team": team_id, "at": at})
            return [Standing(*row) for row in cursor.fetchall()]

    return once(f"standings {person.pk} {team_id}", found)


def _by_oneself(person: Person, right: Right) -> bool:
    if person.is_auditor:
        return right.auditor
    return right.anyone or (right.admin and person.is_admin)


def _counts(row: Standing, right: Right) -> bool:
    if right.grant and row.grant == right.grant:
        return True
    return (right.lead and row.role == Role.LEAD) or (right.member and row.role == Role.MEMBER)


def _is_lent(row: Standing, right: Right) -> bool:
    """A deputy carries approvals and grants; a member's place is not lent."""
    return bool(right.grant and row.grant == right.grant) or (right.deputy and row.role == Role.LEAD)


def _missing(right: Right) -> Decision:
    by_admins = right.admin and not (right.member or right.lead or right.grant)
    return refused(
        "accounts.not_allowed", f"This needs {right.needs or 'another role'}.", "An admin" if by_admins else ""
    )


def people_visible_to(user: Any) -> QuerySet[Person]:
    """Everyone signed in sees who works here."""
    return Person.objects.all() if _may_look(user) else Person.objects.none()


def teams_visible_to(user: Any) -> QuerySet[Team]:
    return Team.objects.all() if _may_look(user) else Team.objects.none()


def absences_visible_to(user: Any) -> QuerySet[Absence]:
    """Who is away when; kind and note are shown by `can_read_absence_reason` alone."""
    live = Absence.objects.filter(cancelled_at__isnull=True)
    return live if _may_look(user) else live.none()


def deputies_visible_to(user: Any) -> QuerySet[Deputy]:
    """Who acts for whom is for everyone to know; the reason is not shown."""
    live = Deputy.objects.filter(ended_at__isnull=True)
    return live if _may_look(user) else live.none()


def grants_visible_to(user: Any) -> QuerySet[Grant]:
    """Who may decide what is for everybody to know."""
    live = Grant.objects.filter(revoked_at__isnull=True)
    return live if _may_look(user) else live.none()


def tokens_visible_to(user: Any, at: datetime) -> QuerySet[ApiToken]:
    """One's own, and those of programs of teams one leads; admins see that each exists. Never a secret."""
    if not _may_look(user):
        return ApiToken.objects.none()
    if user.is_admin:
        return ApiToken.objects.all()
    led = Membership.objects.filter(person=user, role=Role.LEAD, during__contains=at.date())
    return ApiToken.objects.filter(Q(person=user) | Q(person__owner_team__in=led.values("team")))


def can_keep_tokens(user: Any, person: Person, at: datetime) -> Decision:
    """Who sees and ends the tokens of somebody else: the leads of a program's team, and admins."""
    return may(user, "revoke_token", person.owner_team, at)


def endpoints_visible_to(user: Any, day: date) -> QuerySet[Endpoint]:
    """Those of the teams one leads that day; admins see all."""
    if not _may_look(user):
        return Endpoint.objects.none()
    if user.is_admin:
        return Endpoint.objects.all()
    led = Membership.objects.filter(person=user, role=Role.LEAD, during__contains=day)
    return Endpoint.objects.filter(team__in=led.values("team"))


def _may_look(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.state == PersonState.ACTIVE)


def can_manage_team(person: Any, team: Team, at: datetime) -> Decision:
    if team.is_system:
        return refused("accounts.team_system", "This team belongs to the installation and stays as it is.")
    return may(person, "manage_team", team, at)


def can_administer(person: Any, at: datetime) -> Decision:
    return may(person, "administer", None, at)
