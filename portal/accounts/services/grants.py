"""Rights beside the roles, and who stands in for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from portal.accounts.domain import checks
from portal.accounts.domain.vocabulary import GrantName
from portal.accounts.models import Absence, Deputy, Grant, Person, Team
from portal.accounts.policies import can_administer, can_manage_team
from portal.accounts.services.changing import apply_changes, locked
from portal.accounts.services.refusing import refusing
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import date, datetime

LONGEST_DEPUTY = timedelta(days=92)
DOUBLE = {"accounts_grant_once": Conflict("accounts.grant_overlap", "Has this right on some of these days already.")}
SECOND = {"accounts_deputy_one": Conflict("accounts.two_deputies", "Has a deputy in some of this time already.")}


@transaction.atomic
def give_grant(
    *, actor: Person | None, person: Person, team: Team | None, name: str, reason: str, days: tuple[date, date | None],
    at: datetime,
) -> Grant:  # fmt: skip
    """A right over `days` [first, end); without a team it reaches all, which only `exempt` may. Audited with a reason.

    Admins give `exempt`; the lead of the team gives the others.
    """
    if name not in list(GrantName):
        raise DomainError("accounts.unknown_grant", f"One of {', '.join(GrantName)}.", "name")
    if team is None and name != GrantName.EXEMPT:
        raise DomainError("accounts.grant_reach", "Only exemptions may be confirmed for all teams.", "team")
    _require_giver(actor, team, name, at)
    person = locked(Person, person.pk)
    if not person.is_active:
        raise DomainError("accounts.person_inactive", "This account is not active.", "person")
    if days[1] is not None and days[1] <= days[0]:
        raise DomainError("accounts.bad_days", "The last day is before the first.", "until")
    row = Grant(
        person=person, team=team, name=name, during=DateRange(*days), given_by=actor or person,
        reason=checks.clean_text(reason, "reason", longest=300),
    )  # fmt: skip
    with refusing(DOUBLE):
        row.save(force_insert=True)
    after = {"person": person.handle, "team": team.slug if team else "all", "name": name}
    record_audit(actor=actor, verb="accounts.grant_given", subject=row, after=after, reason=reason, at=at)
    return row


@transaction.atomic
def revoke_grant(*, actor: Person | None, grant: Grant, reason: str = "", at: datetime) -> Grant:
    """Gone at once. Idempotent."""
    _require_giver(actor, grant.team, grant.name, at)
    row: Grant = locked(Grant, grant.pk)
    if row.revoked_at is None:
        apply_changes(row, {"revoked_at": at}, actor=actor, verb="accounts.grant_revoked", reason=reason, at=at)
    return row


def _require_giver(actor: Person | None, team: Team | None, name: str, at: datetime) -> None:
    if actor is None:
        return
    if name == GrantName.EXEMPT or team is None:
        require(can_administer(actor, at))
    else:
        require(can_manage_team(actor, team, at))


@transaction.atomic
def name_deputy(
    *, actor: Person | None, person: Person, deputy: Person, period: tuple[datetime, datetime], reason: str = "",
    at: datetime,
) -> Deputy:  # fmt: skip
    """`deputy` may use the approvals and grants of `person` in `period`, at most 92 days; the person names them.

    Rights that a deputy holds for others are not handed on.
    """
    if actor is not None and actor.pk != person.pk:
        require(can_administer(actor, at))
    return lay_deputy(actor=actor, person=person, deputy=deputy, period=period, reason=reason, at=at)


def lay_deputy(
    *, actor: Person | None, person: Person, deputy: Person, period: tuple[datetime, datetime], reason: str = "",
    absence: Absence | None = None, at: datetime,
) -> Deputy:  # fmt: skip
    """The row of a deputyship, for callers that have looked at the rights; one of an absence ends with it."""
    if period[1] <= period[0] or period[1] - period[0] > LONGEST_DEPUTY:
        raise DomainError("accounts.bad_period", "A deputy stands in for at most 92 days.", "until")
    if person.pk == deputy.pk or not deputy.is_active or deputy.is_service:
        raise DomainError("accounts.bad_deputy", "A deputy is another person who is here.", "deputy")
    locked(Person, person.pk)
    row = Deputy(
        person=person, deputy=deputy, during=DateTimeTZRange(*period), absence=absence,
        reason=checks.clean_text(reason, "reason", longest=300, is_required=False),
    )  # fmt: skip
    with refusing(SECOND):
        row.save(force_insert=True)
    after = {"person": person.handle, "deputy": deputy.handle, "until": period[1].isoformat()}
    record_audit(actor=actor, verb="accounts.deputy_named", subject=row, after=after, reason=reason, at=at)
    return row


@transaction.atomic
def end_deputy(*, actor: Person | None, deputy: Deputy, at: datetime) -> Deputy:
    """Idempotent; either side may end it."""
    if actor is not None and actor.pk not in (deputy.person_id, deputy.deputy_id):
        require(can_administer(actor, at))
    row: Deputy = locked(Deputy, deputy.pk)
    if row.ended_at is None:
        apply_changes(row, {"ended_at": at}, actor=actor, verb="accounts.deputy_ended", at=at)
    return row
