"""The holidays nobody should hold two years running (spec oncall 3, 4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from oncall import policies
from oncall.domain.rules import bad
from oncall.models import MajorHoliday
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

ONE_DAY = timedelta(days=1)
LONGEST_DAYS, MOST_NAME = 14, 80


@transaction.atomic
def set_major_holiday(
    *, actor: Any, team: Team, name: str, first: date, last: date, last_held_by: Person | None, at: datetime
) -> MajorHoliday:
    """Dates that nobody should hold two years running; the same name and dates are the same holiday.

    Plans that are made from now on keep it; what is published stays. Raises `NotAllowed`, `DomainError` with the field.
    """
    require(policies.can_manage_rota(actor, team, at))
    if not 1 <= len(name.strip()) <= MOST_NAME:
        raise bad("name", f"A name of 1 to {MOST_NAME} characters.")
    if not first <= last < first + timedelta(days=LONGEST_DAYS):
        raise bad("last", f"The last day is not before the first, and at most {LONGEST_DAYS} days are one holiday.")
    row, _ = MajorHoliday.objects.update_or_create(
        team=team, name=name.strip(), dates=DateRange(first, last + ONE_DAY), defaults={"last_held_by": last_held_by}
    )
    after = {"name": row.name, "first": first.isoformat(), "last": last.isoformat(),
             "last_held_by": last_held_by.handle if last_held_by else ""}  # fmt: skip
    record_audit(actor=actor, verb="oncall.major_set", subject=row, after=after, at=at)
    return row


@transaction.atomic
def remove_major_holiday(*, actor: Any, major: MajorHoliday, at: datetime) -> None:
    """It counts no more in plans that are made from now on. Raises `NotAllowed`."""
    row = MajorHoliday.objects.select_for_update(of=("self",)).select_related("team").get(pk=major.pk)
    require(policies.can_manage_rota(actor, row.team, at))
    record_audit(actor=actor, verb="oncall.major_removed", subject=row, before={"name": row.name}, at=at)
    row.delete()
