"""What an absence or a farewell does to shifts, in its own transaction (spec oncall 5, accounts 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.domain.coverage import without
from oncall.domain.rules import bad
from oncall.models import AcceptedGap, CoverRequest, PlannedShift, Rota, RotaMember, ShiftChange
from oncall.models.spans import ends
from oncall.queries.people import Doubt
from oncall.queries.shifts import candidates, members_at
from oncall.queries.working_out import behind_between, firm_between
from oncall.services.covers import open_cover_request, role_needs_cover, withdraw_cover
from oncall.services.laying import Stretch
from oncall.services.locking import lock_rota
from oncall.services.serving import materialise_rota
from oncall.services.shift_news import shift_line
from oncall.services.verifying import tell_gaps
from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.core.errors import Conflict
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.effective import Effective
    from portal.accounts.models import Absence, Person


def absence_step() -> AbsenceStep:
    """The contribution to `person.absence`: shifts come first of all rooms."""
    return AbsenceStep("shifts", 10, find_clashes, apply_absence)


def rotas_of(person: Person, start: datetime, end: datetime) -> list[Rota]:
    """The rotas in which the person holds something in the span, by plan or by change."""
    planned = PlannedShift.objects.filter(person=person, during__overlap=(start, end)).values("rota")
    laid = ShiftChange.objects.filter(to_person=person, state="active", during__overlap=(start, end)).values("rota")
    rows = Rota.objects.filter(pk__in=planned).union(Rota.objects.filter(pk__in=laid))
    return list(Rota.objects.filter(pk__in=[row.pk for row in rows]).select_related("team", "borrowed_from"))


def rotas_with(person: Person, start: datetime, end: datetime) -> list[Rota]:
    """The rotas in use whose rules name the person in the span: there nobody may be left to stand in."""
    places = RotaMember.objects.filter(person=person, version__valid__overlap=(start, end))
    rows = Rota.objects.filter(pk__in=places.values("version__rota"), is_archived=False)
    return list(rows.select_related("team").order_by("pk")) if start < end else []


def clashing(rota: Rota, person: Person, start: datetime, end: datetime) -> list[Effective]:
    """The stretches of the rota that the person would leave."""
    rows = firm_between(rota, start, end)
    return [row for row in rows if row.person == person.pk and role_needs_cover(row.role)]


def find_clashes(person: Person, during: Any, at: datetime) -> list[Clash]:
    """Each shift inside the absence with the least loaded free candidate; reads only."""
    start, end = ends(during)
    start = max(start, at)
    if start >= end:
        return []
    found = []
    for rota in rotas_of(person, start, end):
        for row in clashing(rota, person, start, end):
            free = [c for c in candidates(rota, row.role, row.start, row.end, at) if c.person_id != person.pk]
            line = shift_line(row.role, row.start, row.end, person.zone, at)
            is_open = bool(_uncovered(rota, person, row))
            cover = free[0].name if free else "nobody is free"
            action = "A colleague must say yes first, or the lead accepts the gap." if is_open else "They are asked."
            found.append(Clash("shift", rota.name, f"{rota.name}: you are {line}.", "bad" if is_open else "warn",
                               cover, action))  # fmt: skip
    return found


def apply_absence(absence: Absence, change: str, at: datetime) -> None:
    """Created: cover is asked for each stretch, and the leads hear where nobody is left. Cancelled: nobody is asked.

    A rota of one is refused while uncovered: `Conflict` `oncall.uncovered`. Who serves follows from the absence itself,
    in the same transaction.
    """
    person = absence.person
    start, end = ends(absence.during)
    if start < at < end:
        for rota in rotas_of(person, start, end):
            materialise_rota(rota=rota, until=at, doubt=Doubt(absence.pk, counts=change == "cancelled"))
    if change == "cancelled":
        for cover in CoverRequest.objects.filter(absence=absence, state="open"):
            withdraw_cover(actor=None, cover=cover, at=at)
        return
    for rota in rotas_of(person, max(start, at), end):
        rota_now = lock_rota(rota)
        for row in clashing(rota_now, person, max(start, at), end):
            _cover_row(rota_now, row, absence, at)
    for rota in rotas_with(person, max(start, at), end):
        tell_gaps(rota=rota, start=max(start, at), end=end, at=at)


def _cover_row(rota: Rota, row: Effective, absence: Absence, at: datetime) -> None:
    left = _uncovered(rota, absence.person, row)
    if left:
        line = shift_line(row.role, left[0][0], left[0][1], rota.zone, at)
        message = f"{rota.name} has nobody else: {line} would be uncovered. Ask for cover first."
        raise Conflict("oncall.uncovered", message, "first_on", rota=rota.slug)
    standing = CoverRequest.objects.filter(
        rota=rota, role=row.role, slot=row.slot, state="open", during__overlap=(row.start, row.end)
    )
    if not standing.exists():
        stretch = Stretch(row.role, row.start, row.end, row.slot)
        open_cover_request(actor=None, rota=rota, stretch=stretch, from_person=absence.person, absence=absence, at=at)


def _uncovered(rota: Rota, person: Person, row: Effective) -> list[tuple[datetime, datetime]]:
    """What is left open when a rota of one loses its person; accepted gaps and the list behind it are no gaps."""
    if any(member.person_id != person.pk for member in members_at(rota, row.start)):
        return []
    gaps = AcceptedGap.objects.filter(rota=rota, during__overlap=(row.start, row.end)).order_by("during")
    standing, people = behind_between(rota, row.start, row.end)
    stood_in = [
        span for each in standing if each.person != person.pk
        for span in without([(each.start, each.end)], sorted(people[each.person].away))
    ]  # fmt: skip
    return without([(row.start, row.end)], sorted([*(ends(gap.during) for gap in gaps), *stood_in]))


@transaction.atomic
def accept_gap(*, actor: Person, rota: Rota, start: datetime, end: datetime, reason: str, at: datetime) -> AcceptedGap:
    """The lead leaves a time uncovered, with a reason; pages then go to the fallback chain."""
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    if start >= end or end <= at:
        raise bad("during", "The gap lies ahead and ends after it begins.")
    if not reason.strip():
        raise bad("reason", "Say in a few words why.")
    row = AcceptedGap(rota=rota, during=DateTimeTZRange(start, end), reason=reason[:500], accepted_by=actor,
                      accepted_at=at)  # fmt: skip
    row.save(force_insert=True)
    after = {"start": start.isoformat(), "end": end.isoformat()}
    record_audit(actor=actor, verb="oncall.gap_accepted", subject=rota, after=after, reason=reason, at=at)
    return row
