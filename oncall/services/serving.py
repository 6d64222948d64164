"""Closing what was served: rows at each handoff, points the day after, comp days (spec oncall 4; decisions)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.domain.balance import COMP_DAY_DUE
from oncall.domain.instants import day_bounds
from oncall.domain.points import HOLIDAY, day_points
from oncall.domain.rules import bad
from oncall.domain.words import DutyRole, LedgerKind
from oncall.models import CompDay, DutyLedgerEntry, EffectiveShift, Rota
from oncall.models.spans import ends
from oncall.queries.facts import holidays_of
from oncall.queries.shifts import first_planned
from oncall.queries.working_out import facts_between
from oncall.services.locking import lock_rota
from oncall.services.shift_news import CHANGED, tell
from oncall.services.timers import COMP, COMP_SUBJECT
from portal.core.errors import Conflict
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.core.web.presentation import day_words
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from oncall.queries.people import Doubt

LEAST_HOURS = timedelta(hours=4)
REMIND_BEFORE = (timedelta(days=30), timedelta(days=7))
Served = dict[tuple[int, "date"], timedelta]


@transaction.atomic
def materialise_rota(*, rota: Rota, until: datetime, doubt: Doubt | None = None) -> int:
    """Write who served up to the instant; rows are never changed afterwards. Idempotent. Locks the rota.

    `doubt`: an absence entered or cancelled at this instant does not touch the hours before it.
    """
    rota = lock_rota(rota)
    start = rota.served_until or first_planned(rota)
    if start is None or start >= until:
        return 0
    rows, _ = facts_between(rota, start, until, doubt=doubt)
    made = EffectiveShift.objects.bulk_create(
        EffectiveShift(
            rota=rota, role=row.role, slot=row.slot, person_id=row.person, during=DateTimeTZRange(row.start, row.end),
            source=row.source, reason_code=row.reason_code, provisional=row.provisional, block_kind=row.kind,
        )
        for row in rows
    )  # fmt: skip
    rota.served_until = until
    rota.save(update_fields=["served_until"])
    return len(made)


@transaction.atomic
def post_ledger(*, rota: Rota, at: datetime) -> int:
    """Points of everything that is closed and not posted yet, with the comp days it earned. Idempotent."""
    rota = lock_rota(rota)
    if rota.served_until is None:
        return 0
    rows = EffectiveShift.objects.filter(rota=rota, person__isnull=False, during__endswith__lte=rota.served_until)
    if rota.posted_until is not None:
        rows = rows.filter(during__startswith__gte=rota.posted_until)
    shifts = list(rows.exclude(role=DutyRole.SHADOW).select_related("person").order_by("during", "pk"))
    holidays = holidays_of([row.person_id or 0 for row in shifts])
    entries, served = _entries(rota, shifts, holidays, at)
    DutyLedgerEntry.objects.bulk_create(entries)
    _earn(rota, served, at)
    rota.posted_until = rota.served_until
    rota.save(update_fields=["posted_until"])
    return len(entries)


def _entries(
    rota: Rota, shifts: Sequence[EffectiveShift], holidays: Mapping[int, frozenset[date]], at: datetime
) -> tuple[list[DutyLedgerEntry], Served]:
    """The lines of the shifts, and how long each person served on each own holiday as primary."""
    entries, served = [], Served()
    for shift in shifts:
        person = shift.person
        if person is None:
            continue
        start, end = ends(shift.during)
        for day in day_points([(start, end)], person.zone, holidays.get(person.pk, frozenset())):
            entries.append(
                DutyLedgerEntry(
                    rota=rota, role=shift.role, person=person, local_date=day.day, kind=LedgerKind.SHIFT,
                    milli_points=day.milli, weight_tenths=day.tenths, source=f"shift:{shift.pk}", recorded_at=at,
                )
            )  # fmt: skip
            if day.tenths == HOLIDAY and shift.role == DutyRole.PRIMARY:
                opens, closes = day_bounds(day.day, person.zone)
                key = (person.pk, day.day)
                served[key] = served.get(key, timedelta(0)) + min(end, closes) - max(start, opens)
    return entries, served


def _earn(rota: Rota, served: Served, at: datetime) -> None:
    for (person_id, day), length in served.items():
        if length < LEAST_HOURS:
            continue
        row, is_new = CompDay.objects.get_or_create(
            person_id=person_id, earned_on=day, rota=rota, defaults={"due_by": day + COMP_DAY_DUE}
        )
        if is_new:
            arm_deadlines(drafts=_reminder(row, at), at=at)


def _reminder(row: CompDay, at: datetime) -> tuple[DeadlineDraft, ...]:
    """The next reminder that lies ahead."""
    due = [day_bounds(row.due_by - before, row.person.zone)[0] for before in REMIND_BEFORE]
    ahead = [instant for instant in due if instant > at]
    return (DeadlineDraft(COMP, Subject(COMP_SUBJECT, row.pk), min(ahead)),) if ahead else ()


@transaction.atomic
def take_comp_day(*, actor: Any, comp: CompDay, on: date, at: datetime) -> CompDay:
    """The day off was taken. By the person or their lead. Raises `Conflict` when it was taken before."""
    row = CompDay.objects.select_for_update().select_related("rota__team", "person").get(pk=comp.pk)
    if actor.pk != row.person_id:
        require(policies.can_manage_rota(actor, row.rota.team, at))
    if row.state == "taken":
        raise Conflict("oncall.comp_taken", "This day was taken already.", "on")
    if on <= row.earned_on:
        raise bad("on", "The day off lies after the holiday that earned it.")
    row.state, row.taken_on = "taken", on
    row.save(update_fields=["state", "taken_on"])
    record_audit(actor=actor, verb="oncall.comp_day_taken", subject=row.rota, after={"on": on.isoformat()}, at=at)
    return row


@transaction.atomic
def adjust_ledger(*, actor: Any, rota: Rota, moves: Mapping[int, int], reason: str, at: datetime) -> int:
    """Correct balances by hand: thousandths by person, summing to 0, with a reason. Leads alone."""
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    if not reason.strip():
        raise bad("reason", "Say in a few words why.")
    if sum(moves.values()) or not moves:
        raise bad("moves", "What one gets another gives: the moves sum to 0.")
    rows = DutyLedgerEntry.objects.bulk_create(
        DutyLedgerEntry(
            rota=rota, person_id=person_id, local_date=at.date(), kind=LedgerKind.ADJUST, milli_points=milli,
            source=f"adjust:{at.isoformat()}"[:60], reason=reason[:300], recorded_at=at, recorded_by=actor,
        )
        for person_id, milli in moves.items()
    )  # fmt: skip
    record_audit(actor=actor, verb="oncall.ledger_adjusted", subject=rota, reason=reason, at=at)
    return len(rows)


def remind_comp_day(comp: CompDay, at: datetime) -> tuple[DeadlineDraft, ...] | None:
    """Tell whoever earned the day that it is still to be taken, with the last reminder; None once it is taken."""
    if comp.state != "open":
        return None
    due = day_words(comp.due_by, at.date())
    line = f"Your day off for {day_words(comp.earned_on, at.date())} is to be taken by {due}."
    key = f"comp.{comp.pk}:{at.date().isoformat()}"
    tell(comp.rota, CHANGED, [comp.person_id], line, key=key, at=at, url="/oncall/answers/")
    return _reminder(comp, at)
