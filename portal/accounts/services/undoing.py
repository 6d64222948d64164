"""The inverses of what is done to people and teams; each is a service with its own checks (spec site 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.models import Absence, Deputy, Grant, Membership, Organization, Person, Team
from portal.accounts.queries.people import fallback_names, local_day
from portal.accounts.services.absences import cancel_absence
from portal.accounts.services.grants import end_deputy, give_grant, revoke_grant
from portal.accounts.services.memberships import Place, add_member, change_membership, end_membership
from portal.accounts.services.organization import update_organization
from portal.accounts.services.people import update_profile
from portal.accounts.services.teams import archive_team, update_team
from portal.core.errors import Conflict, NotVisible

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from portal.core.models import AuditEntry


def undo_profile(*, actor: Person, entry: AuditEntry, at: datetime) -> Person:
    """What the profile said before; refused when it was changed again since."""
    row = _unchanged(Person, entry)
    return update_profile(actor=actor, person=row, changes=_before(row, entry), at=at)


def undo_team(*, actor: Person, entry: AuditEntry, at: datetime) -> Team:
    """What the team said of itself before; refused when it was changed again since."""
    row = _unchanged(Team, entry)
    return update_team(actor=actor, team=row, changes=_before(row, entry), at=at)


def undo_team_created(*, actor: Person, entry: AuditEntry, at: datetime) -> Team:
    """The team goes to the archive; its days stay in the history."""
    row = _row(Team, entry)
    if row.archived_at is not None:
        raise Conflict("core.undo_superseded", "This team is archived already.")
    return archive_team(actor=actor, team=row, reason="taken back", at=at)


def undo_organization(*, actor: Person, entry: AuditEntry, at: datetime) -> Organization:
    """What held for the house before; refused when it was changed again since."""
    row = _unchanged(Organization, entry)
    return update_organization(actor=actor, changes=_before(row, entry), at=at)


def undo_fallback(*, actor: Person, entry: AuditEntry, at: datetime) -> Organization:
    """Who heard last before; refused when the list was changed again since."""
    if fallback_names() != entry.after["fallback"]:
        raise Conflict("core.undo_superseded", "A later change touched the same: the fallback.")
    return update_organization(actor=actor, changes={}, fallback=entry.before["fallback"], at=at)


def undo_place_change(*, actor: Person, entry: AuditEntry, at: datetime) -> Membership:
    """Role, discipline and share as before; refused when they were changed again since."""
    row = _unchanged(Membership, entry)
    return change_membership(actor=actor, membership=row, changes=_before(row, entry), at=at)


def undo_place(*, actor: Person, entry: AuditEntry, at: datetime) -> Membership:
    """The place ends today: the day it began stays in the history."""
    row = _row(Membership, entry)
    today = max(local_day(row.person, at), row.first_possible_end)
    if row.during.upper is not None and row.during.upper <= today:
        raise Conflict("core.undo_superseded", "This place has ended already.")
    return end_membership(actor=actor, membership=row, on=today, reason="taken back", at=at)


def undo_place_end(*, actor: Person, entry: AuditEntry, at: datetime) -> Membership:
    """The same place again, from the day it ended or from today."""
    row = _row(Membership, entry)
    since = max(local_day(row.person, at), row.during.upper or row.first_on)
    place = Place(row.discipline, row.role, row.fte_percent, row.is_main, since)
    return add_member(actor=actor, team=row.team, person=row.person, place=place, at=at)


def undo_grant(*, actor: Person, entry: AuditEntry, at: datetime) -> Grant:
    """The right ends now."""
    row = _row(Grant, entry)
    if row.revoked_at is not None:
        raise Conflict("core.undo_superseded", "This right was taken back already.")
    return revoke_grant(actor=actor, grant=row, reason="taken back", at=at)


def undo_grant_end(*, actor: Person, entry: AuditEntry, at: datetime) -> Grant:
    """The same right again, from today."""
    row = _row(Grant, entry)
    days = (max(local_day(row.person, at), row.during.lower), row.during.upper)
    return give_grant(actor=actor, person=row.person, team=row.team, name=row.name, reason=row.reason, days=days, at=at)


def undo_deputy(*, actor: Person, entry: AuditEntry, at: datetime) -> Deputy:
    """The deputyship ends now."""
    row = _row(Deputy, entry)
    if row.ended_at is not None:
        raise Conflict("core.undo_superseded", "This deputyship has ended already.")
    return end_deputy(actor=actor, deputy=row, at=at)


def undo_absence(*, actor: Person, entry: AuditEntry, at: datetime) -> Absence:
    """The absence is cancelled; what a colleague took stays theirs."""
    row = _row(Absence, entry)
    if row.cancelled_at is not None:
        raise Conflict("core.undo_superseded", "This absence was cancelled already.")
    return cancel_absence(actor=actor, absence=row, at=at)


def _row(model: type[Model], entry: AuditEntry) -> Any:
    row = model._default_manager.filter(pk=int(entry.object_id)).first()  # noqa: SLF001 (Django's public name)
    if row is None:
        raise NotVisible
    return row


def _unchanged(model: type[Model], entry: AuditEntry) -> Any:
    """The row, if the fields of the entry still hold what it wrote."""
    row = _row(model, entry)
    written = _values(model, entry.after)
    for name, value in written.items():
        if getattr(row, name) != value:
            shown = name.removesuffix("_id").replace("_", " ")
            raise Conflict("core.undo_superseded", f"A later change touched the same: {shown}.")
    return row


def _before(row: Any, entry: AuditEntry) -> dict[str, Any]:
    return _values(type(row), entry.before)


def _values(model: type[Model], told: dict[str, Any]) -> dict[str, Any]:
    """What the audit says of fields, as the model keeps it."""
    fields: Any = model._meta  # noqa: SLF001 (Django's public name for model facts)
    return {name: fields.get_field(name).to_python(value) for name, value in told.items()}
