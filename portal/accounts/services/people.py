"""People and programs: made, described, given flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.domain.vocabulary import PersonKind, PersonState
from portal.accounts.models import Person, Team
from portal.accounts.policies import can_administer
from portal.accounts.queries.gone import is_gone_handle
from portal.accounts.services.changing import apply_changes, check_seen, locked
from portal.accounts.services.memberships import add_member, place_without_team
from portal.accounts.services.refusing import refusing
from portal.core.errors import Conflict, DomainError
from portal.core.models import BusinessCalendar
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.services.memberships import Place

PROFILE = frozenset(
    {"name", "zone", "calendar_id", "night_from", "night_to", "theme", "keys_enabled", "hold_while_away"}
)
NAME_LENGTH, PURPOSE_LENGTH = 120, 200
HANDLE_TAKEN = Conflict("accounts.handle_taken", "This handle is used, or once was.", "handle")
EMAIL_TAKEN = Conflict("accounts.email_taken", "Somebody has this address already.", "email")
BAD_NIGHT = DomainError("accounts.short_night", "A night has at least 6 hours.", "night_to")


@transaction.atomic
def create_person(
    *, actor: Person | None, handle: str, name: str, email: str, zone: str = "UTC", password: str | None = None,
    home: tuple[Team, Place] | None = None, at: datetime,
) -> Person:  # fmt: skip
    """An active person with a verified e-mail, at `home` or in *No team yet*; admins and the installation itself may.

    Without a password only a reset mail lets the person in. Raises `Conflict` for a used handle or address.
    """
    if actor is not None:
        require(can_administer(actor, at))
    person = Person(
        handle=checks.clean_handle(handle),
        name=checks.clean_text(name, "name", longest=NAME_LENGTH),
        email=checks.clean_email(email),
        zone=checks.clean_zone(zone),
        joined_at=at,
    )
    person.set_password(password)
    _insert(person)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    record_audit(
        actor=actor, verb="accounts.person_created", subject=person, after={"handle": handle, "name": name}, at=at
    )
    if home is None:
        place_without_team(person=person, at=at)
    else:
        add_member(actor=None, team=home[0], person=person, place=home[1], at=at)
    return person


@transaction.atomic
def create_service_person(
    *, actor: Person | None, handle: str, name: str, owner_team: Team, purpose: str, at: datetime
) -> Person:
    """A program's account: rights of an analyst, cut by the scopes of its tokens; it never has a session."""
    if actor is not None:
        require(can_administer(actor, at))
    if owner_team.archived_at is not None or owner_team.is_system:
        raise DomainError("accounts.team_system", "A program belongs to a team that is at work.", "owner_team")
    person = Person(
        handle=checks.clean_handle(handle),
        name=checks.clean_text(name, "name", longest=NAME_LENGTH),
        kind=PersonKind.SERVICE,
        owner_team=owner_team,
        purpose=checks.clean_text(purpose, "purpose", longest=PURPOSE_LENGTH),
        zone=owner_team.zone,
        joined_at=at,
    )
    person.set_unusable_password()
    _insert(person)
    after = {"handle": handle, "owner_team": owner_team.slug, "purpose": purpose}
    record_audit(actor=actor, verb="accounts.person_created", subject=person, after=after, at=at)
    return person


def _insert(person: Person) -> None:
    if is_gone_handle(person.handle):
        raise HANDLE_TAKEN
    with refusing({"accounts_person_handle_key": HANDLE_TAKEN, "accounts_person_email": EMAIL_TAKEN}):
        person.save(force_insert=True)


@transaction.atomic
def update_profile(
    *, actor: Person | None, person: Person, changes: Mapping[str, Any], version: int | None = None, at: datetime
) -> Person:
    """Change what `PROFILE` names; the person or an admin may. Locks the person; raises `Stale` for an old version."""
    if actor is not None and actor.pk != person.pk:
        require(can_administer(actor, at))
    unknown = sorted(set(changes) - PROFILE)
    if unknown:
        raise DomainError("accounts.unknown_field", f"This cannot be changed here: {unknown[0]}.", unknown[0])
    row: Person = locked(Person, person.pk)
    check_seen(row, version)
    with refusing({"accounts_person_night": BAD_NIGHT}):
        apply_changes(row, _checked(changes), actor=actor, verb="accounts.profile_changed", at=at)
    return row


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(changes)
    if "name" in kept:
        kept["name"] = checks.clean_text(kept["name"], "name", longest=NAME_LENGTH)
    if "zone" in kept:
        kept["zone"] = checks.clean_zone(kept["zone"])
    if kept.get("theme", "") not in ("", "light", "dark"):
        raise DomainError("accounts.unknown_theme", "light, dark, or empty to follow the system.", "theme")
    calendar_id = kept.get("calendar_id")
    if calendar_id is not None and not BusinessCalendar.objects.filter(pk=calendar_id).exists():
        raise DomainError("accounts.unknown_calendar", "There is no such calendar.", "calendar_id")
    return kept


@transaction.atomic
def set_flags(
    *, actor: Person | None, person: Person, is_admin: bool, is_auditor: bool, reason: str, at: datetime
) -> Person:
    """Make or unmake an admin or auditor. Raises `Conflict` when the last admin would go."""
    if actor is not None:
        require(can_administer(actor, at))
    row: Person = locked(Person, person.pk)
    if is_admin and is_auditor:
        raise DomainError("accounts.one_flag", "Nobody is admin and auditor at once.", "is_auditor")
    if row.is_service and (is_admin or is_auditor):
        raise DomainError("accounts.service_flag", "A program is neither admin nor auditor.", "is_admin")
    if row.is_admin and not is_admin:
        check_other_admin(row)
    changes = {"is_admin": is_admin, "is_auditor": is_auditor}
    apply_changes(row, changes, actor=actor, verb="accounts.flags_changed", reason=reason, at=at)
    return row


def check_other_admin(person: Person) -> None:
    """Raise `Conflict` unless another active admin stays. Locks the admins, so two cannot leave at once."""
    admins = Person.objects.select_for_update().filter(is_admin=True, state=PersonState.ACTIVE).order_by("pk")
    if not [admin for admin in admins if admin.pk != person.pk]:
        raise Conflict("accounts.last_admin", "This is the last admin. Make somebody else an admin first.")
