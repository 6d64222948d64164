"""Quarters without a locked plan follow calendars, places and absences (spec budget 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.accounts.models import Membership
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.states import OPEN
from requests_queue.models import BudgetPeriod, DataRequest
from requests_queue.queries.capacity import capacity_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Absence

REFRESH_JOB = "requests.refresh_capacity"
MOST_CLASHES = 20


@transaction.atomic
def refresh_capacity(*, period: BudgetPeriod) -> bool:
    """Read the capacity of an open, unlocked quarter anew; says whether it changed. Locks the period. Idempotent."""
    standing = BudgetPeriod.objects.select_for_update(of=("self",)).select_related("team").get(pk=period.pk)
    if standing.locked_at is not None or standing.closed_at is not None:
        return False
    capacity = capacity_of(standing.team, quarter_of(standing.quarter_start))
    if capacity == standing.opening_capacity_minutes:
        return False
    standing.opening_capacity_minutes = capacity
    standing.save(update_fields=["opening_capacity_minutes"])
    return True


def refresh_all(args: Mapping[str, Any], progress: Any) -> Mapping[str, Any]:
    """The nightly job: memberships and calendars that changed without an act on the books."""
    del args, progress
    rows = BudgetPeriod.objects.filter(locked_at=None, closed_at=None).order_by("pk")
    return {"changed": sum(refresh_capacity(period=period) for period in rows)}


def work_left_behind(person: Any, during: Any, at: datetime) -> list[Clash]:
    """The requests in the person's hands that fall due while they are away; one clash each, the backup as cover."""
    rows = DataRequest.objects.filter(
        assignee=person, is_private=False, state__in=sorted(OPEN), due_at__lt=during.upper
    ).select_related("backup")
    del at
    return [
        Clash(
            "request", row.number, f"{row.number} “{row.title}” falls due meanwhile.",
            cover=row.backup.name if row.backup else "", action=row.get_absolute_url(),
        )
        for row in rows.order_by("due_at", "pk")[:MOST_CLASHES]
    ]  # fmt: skip


def follow_absence(absence: Absence, change: str, at: datetime) -> None:
    """Read the unlocked quarters of the person's teams anew, in the transaction of the absence."""
    del change, at
    teams = Membership.objects.filter(person=absence.person_id).values("team_id")
    for period in BudgetPeriod.objects.filter(team__in=teams, locked_at=None, closed_at=None).order_by("pk"):
        refresh_capacity(period=period)


def absence_step() -> AbsenceStep:
    """What this room does when somebody goes away or comes back."""
    return AbsenceStep("requests", 60, work_left_behind, follow_absence)
