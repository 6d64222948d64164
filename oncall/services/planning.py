"""Writing the plan (spec oncall 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall.domain.diff import Piece, compare
from oncall.domain.rotation import blocks
from oncall.models import PlannedShift, RotaMember, RotaVersion
from oncall.models.spans import ends
from oncall.queries.facts import newest_version, version_at
from oncall.queries.planned import Row, Span, plan_of
from oncall.services.locking import lock_rota
from oncall.services.timers import arm_next_handoff
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.diff import Diff
    from oncall.models import Rota

HORIZON = timedelta(days=396)  # thirteen months


def places_of(version: RotaVersion) -> list[RotaMember]:
    """The members of a version, in order."""
    return list(version.members.select_related("person").order_by("position", "person__handle"))


def write_plan(rota: Rota, version: RotaVersion, start: datetime, end: datetime) -> list[PlannedShift]:
    """Replace what is planned from `start` on by the version's plan until `end`. Under the rota's lock."""
    rows = plan_of(rota, version, places_of(version), Span(start, end))
    PlannedShift.objects.filter(rota=rota, during__startswith__gte=start).delete()
    return PlannedShift.objects.bulk_create([_shift(rota, version, row) for row in rows])


def _shift(rota: Rota, version: RotaVersion, row: Row) -> PlannedShift:
    return PlannedShift(
        rota=rota, version=version, role=row.role, slot=row.slot, person_id=row.person_id,
        during=DateTimeTZRange(row.start, row.end), block_kind=row.kind, planner=row.planner, order=list(row.order),
        why=row.why,
    )  # fmt: skip


def replan(rota: Rota, start: datetime, end: datetime, *, at: datetime, notice_days: int) -> Diff:
    """Plan the days anew, from `start` to the handoff that follows `end`; what lies around them is constant.

    The block that runs at `start` ends there. Without a plan of these days nothing is written: it comes with its time.
    Under the rota's lock, in a transaction.
    """
    standing = list(PlannedShift.objects.filter(rota=rota, during__overlap=(start, end)).select_related("person"))
    before = [
        Piece(row.role, row.slot, row.person.handle if row.person else "", max(ends(row.during)[0], start),
              ends(row.during)[1])
        for row in standing
    ]  # fmt: skip
    for row in standing:
        low = ends(row.during)[0]
        if low < start:
            row.during = DateTimeTZRange(low, start)
            row.save(update_fields=["during"])
        else:
            row.delete()
    resumes = max((piece.end for piece in before), default=start)
    rows: list[Row] = []
    for version in RotaVersion.objects.filter(rota=rota, valid__overlap=(start, resumes)) if before else ():
        first, past = version.valid.lower or start, version.valid.upper or resumes
        span = Span(max(start, first), min(resumes, past))
        planned = plan_of(rota, version, places_of(version), span)
        made = [replace(row, end=min(row.end, resumes)) for row in planned if row.start < resumes]
        PlannedShift.objects.bulk_create([_shift(rota, version, row) for row in made])
        rows += made
    after = [Piece(row.role, row.slot, row.handle, row.start, row.end) for row in rows]
    return compare(before, after, at=at, notice_days=notice_days)


def turn_end(rota: Rota, instant: datetime) -> datetime:
    """Where the usual turn that runs at the instant ends; the instant itself at a handoff or without rules."""
    version = version_at(rota, instant)
    if version is None:
        return instant
    turns = blocks(version.rotation, rota.zone, instant - HORIZON, instant + HORIZON)
    return next((turn.end for turn in turns if turn.start < instant < turn.end), instant)


def plan_start(rota: Rota, wanted: datetime) -> datetime:
    """Where a new plan may begin: the running shift ends at its planned handoff."""
    running = PlannedShift.objects.filter(rota=rota, during__contains=wanted).values_list("during", flat=True)
    return max([wanted, *(ends(during)[1] for during in running if ends(during)[0] < wanted)])


@transaction.atomic
def plan_rota(*, actor: object, rota: Rota, at: datetime) -> int:
    """Extend the plan by whole blocks to thirteen months from now; what is published is constant.

    Locks the rota. Returns how many shifts were written; 0 when the horizon is reached or the rules have an end.
    """
    rota = lock_rota(rota)
    version = newest_version(rota)
    if version is None:
        return 0
    begins, until = version.valid.lower, version.valid.upper
    last = PlannedShift.objects.filter(rota=rota).order_by("-during__endswith").values_list("during", flat=True).first()
    start = ends(last)[1] if last is not None else begins
    end = min([at + HORIZON, *([until] if until is not None else [])])
    if start is None or start >= end:
        return 0
    shifts = write_plan(rota, version, start, end)
    if shifts:
        after = {"shifts": len(shifts), "until": end.isoformat()}
        record_audit(actor=actor, verb="oncall.planned", subject=rota, after=after, at=at)
        arm_next_handoff(rota, at)
    return len(shifts)
