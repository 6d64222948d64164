"""Who is in which team, from when to when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from portal.accounts.domain import checks
from portal.accounts.domain.vocabulary import PersonState, Role
from portal.accounts.models import Membership, Person, Team
from portal.accounts.policies import can_manage_team
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import leads_of_team, members_of
from portal.accounts.services.changing import apply_changes, locked
from portal.accounts.services.refusing import refusing
from portal.accounts.services.seeding import NO_TEAM
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

FULL = 100
OVERLAPS = {
    "accounts_membership_once": Conflict("accounts.membership_overlap", "Already in this team on some of these days."),
    "accounts_membership_one_main": Conflict(
        "accounts.two_main_teams", "Has a main team on some of these days already.", "is_main"
    ),
}


@dataclass(frozen=True)
class Place:
    """What a membership says; `since` None is today where the person lives, `until` is the first day without it."""

    discipline: str = ""
    role: str = Role.MEMBER
    fte_percent: int = FULL
    is_main: bool = True
    since: date | None = None
    until: date | None = None
    source: str = "hand"


@transaction.atomic
def add_member(
    *, actor: Person | None, team: Team, person: Person, place: Place = Place(), at: datetime
) -> Membership:  # fmt: skip
    """Put a person into a team; a place in *No team yet* ends where a main one begins. Locks the person.

    Raises `Conflict` for overlapping days or a second main team, `DomainError` when shares pass 100 % on some day.
    """
    if actor is not None:
        require(can_manage_team(actor, team, at))
    person = locked(Person, person.pk)
    _check_place(team, person, place)
    since = place.since or local_day(person, at)
    if place.until is not None and place.until <= since:
        raise DomainError("accounts.bad_days", "The last day is before the first.", "until")
    if place.is_main:
        _leave_no_team(person, since)
    row = Membership(
        person=person, team=team, during=DateRange(since, place.until), discipline=place.discipline, role=place.role,
        fte_percent=place.fte_percent, is_main=place.is_main, source=place.source,
    )  # fmt: skip
    check_shares(row)
    with refusing(OVERLAPS):
        row.save(force_insert=True)
    after = {"person": person.handle, "team": team.slug, "role": place.role, "since": since.isoformat()}
    record_audit(actor=actor, verb="accounts.member_added", subject=row, after=after, at=at)
    return row


def _check_place(team: Team, person: Person, place: Place) -> None:
    checks.clean_discipline(place.discipline)
    if place.role not in list(Role):
        raise DomainError("accounts.unknown_role", "member or lead.", "role")
    if not 1 <= place.fte_percent <= FULL:
        raise DomainError("accounts.bad_share", "A share is 1 to 100 percent.", "fte_percent")
    if person.state not in (PersonState.ACTIVE, PersonState.INVITED):
        raise DomainError("accounts.person_inactive", "This person has left.", "person")
    if team.archived_at is not None:
        raise DomainError("accounts.team_archived", "This team is archived.", "team")


def place_without_team(*, person: Person, at: datetime) -> Membership:
    """The place of somebody whose team nobody has said yet; inside the transaction that makes the person."""
    team = Team.objects.get(slug=NO_TEAM)
    return add_member(actor=None, team=team, person=person, place=Place(source="system"), at=at)


def _leave_no_team(person: Person, since: date) -> None:
    for row in Membership.objects.select_for_update().filter(person=person, team__slug=NO_TEAM):
        if row.first_on >= since:
            row.delete()
        elif row.during.upper is None or row.during.upper > since:
            row.during = DateRange(row.first_on, since)
            row.save(update_fields=["during"])


def check_shares(row: Membership) -> None:
    """Raise `DomainError` if the shares of some day would pass 100; the person is locked by the caller.

    Sums change only where a membership begins, so those days are all that must be looked at.
    """
    others = [
        other
        for other in Membership.objects.filter(person=row.person, during__overlap=row.during).exclude(pk=row.pk)
        if other.team_id != row.team_id
    ]
    for day in [row.first_on, *(other.first_on for other in others if row.holds_on(other.first_on))]:
        total = row.fte_percent + sum(other.fte_percent for other in others if other.holds_on(day))
        if total > FULL:
            message = f"Shares add up to {total} % on {day.isoformat()}; at most 100 % of a person can be given."
            raise DomainError("accounts.fte_over", message, "fte_percent")


@transaction.atomic
def change_membership(
    *, actor: Person | None, membership: Membership, changes: Mapping[str, Any], at: datetime
) -> Membership:
    """Change role, discipline, share or main mark of a membership. Raises `Conflict` for the last lead."""
    row = _locked_membership(actor, membership, at)
    unknown = sorted(set(changes) - {"role", "discipline", "fte_percent", "is_main"})
    if unknown:
        raise DomainError("accounts.unknown_field", f"This cannot be changed here: {unknown[0]}.", unknown[0])
    standing = Place(role=row.role, discipline=row.discipline, fte_percent=row.fte_percent, is_main=row.is_main)
    place = replace(standing, **changes)
    _check_place(row.team, row.person, place)
    if row.role == Role.LEAD and place.role != Role.LEAD:
        check_other_lead(row, local_day(row.person, at))
    row.fte_percent, kept = place.fte_percent, row.fte_percent
    check_shares(row)
    row.fte_percent = kept
    with refusing(OVERLAPS):
        apply_changes(row, changes, actor=actor, verb="accounts.membership_changed", at=at)
    return row


@transaction.atomic
def end_membership(
    *, actor: Person | None, membership: Membership, on: date, reason: str = "", at: datetime
) -> Membership:
    """`on` is the first day without the place. Raises `Conflict` for the last lead of a team that has other members."""
    row = _locked_membership(actor, membership, at)
    if on < row.first_possible_end:
        raise DomainError("accounts.bad_days", "A place ends after the day it began.", "on")
    if row.role == Role.LEAD:
        check_other_lead(row, on)
    reason = checks.clean_text(reason, "reason", longest=200, is_required=False)
    changes = {"during": DateRange(row.first_on, on), "end_reason": reason}
    apply_changes(row, changes, actor=actor, verb="accounts.membership_ended", reason=reason, at=at)
    if row.is_main and not Membership.objects.filter(person=row.person, is_main=True, during__contains=on).exists():
        place = Place(source="system", since=on)
        add_member(actor=None, team=Team.objects.get(slug=NO_TEAM), person=row.person, place=place, at=at)
    return row


def _locked_membership(actor: Person | None, membership: Membership, at: datetime) -> Membership:
    if actor is not None:
        require(can_manage_team(actor, membership.team, at))
    locked(Person, membership.person_id)
    row: Membership = Membership.objects.select_for_update().select_related("person", "team").get(pk=membership.pk)
    return row


def check_other_lead(row: Membership, on: date) -> None:
    """Raise `Conflict` if `row` is the only lead on that day and others would stay behind without one."""
    leads = [lead for lead in leads_of_team(row.team, on) if lead.pk != row.person_id]
    others = [member for member in members_of(row.team, on) if member.pk != row.person_id]
    if others and not leads:
        raise Conflict("accounts.last_lead", f"{row.person} is the last lead of {row.team}. Name another lead first.")
