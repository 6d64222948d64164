"""What the engine calls when an instant of a rota is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from oncall.models import CompDay, CoverRequest, Rota, RotaEdit, ShiftChange, SpecialPeriod
from oncall.policies import rotas_visible_to
from oncall.services.consents import step_edit
from oncall.services.covers import step_cover
from oncall.services.handoffs import hand_over, remind_next
from oncall.services.locking import NAMESPACE
from oncall.services.planning import plan_rota
from oncall.services.seasons import step_period
from oncall.services.serving import post_ledger, remind_comp_day
from oncall.services.verifying import verify_rota
from portal.core import clock
from portal.engine.domain.drafts import FireResult

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DeadlineDraft, DueDeadline, NoticeFacts


def _result(following: tuple[DeadlineDraft, ...] | None) -> FireResult:
    """Done, with what falls due next; None says that nothing was to be done any more."""
    return FireResult("nothing") if following is None else FireResult(deadlines=following)


class Handoffs:
    """Deadlines of kind `oncall.handoff`: what was served is written, the new holders are told."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rotas = Rota.objects.select_related("team").in_bulk([deadline.subject.id for deadline in deadlines])
        return {
            deadline.id: _result(hand_over(rota=rotas[deadline.subject.id], at=at))
            for deadline in deadlines
            if deadline.subject.id in rotas and _is_free(deadline.subject.id)
        }


class Reminders:
    """Deadlines of kind `oncall.shift_reminder`: a shift begins in a day, in an hour."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rotas = Rota.objects.select_related("team").in_bulk([deadline.subject.id for deadline in deadlines])
        for deadline in deadlines:
            if deadline.subject.id in rotas:
                remind_next(rota=rotas[deadline.subject.id], at=at)
        return {deadline.id: FireResult() for deadline in deadlines}


class Covers:
    """Deadlines of kind `oncall.cover_step`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = CoverRequest.objects.select_for_update(skip_locked=True, of=("self",)).select_related("rota__team")
        found = rows.in_bulk([deadline.subject.id for deadline in deadlines])
        return {
            deadline.id: _result(step_cover(cover=found[deadline.subject.id], at=at))
            for deadline in deadlines
            if deadline.subject.id in found
        }


class Consents:
    """Deadlines of kind `oncall.consent_step`: somebody has not answered about an edit."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = RotaEdit.objects.select_for_update(skip_locked=True, of=("self",))
        found = rows.select_related("rota__team", "asked_by", "change").in_bulk([each.subject.id for each in deadlines])
        return {
            deadline.id: _result(step_edit(edit=found[deadline.subject.id], at=at))
            for deadline in deadlines
            if deadline.subject.id in found
        }


class Periods:
    """Deadlines of kind `oncall.period_step`: the draft of a special period goes on."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = SpecialPeriod.objects.select_for_update(skip_locked=True, of=("self",)).select_related("rota__team")
        found = rows.in_bulk([each.subject.id for each in deadlines])
        return {
            deadline.id: _result(step_period(period=found[deadline.subject.id], at=at))
            for deadline in deadlines
            if deadline.subject.id in found
        }


class CompDays:
    """Deadlines of kind `oncall.comp_day`: a day off is due in 30, in 7 days."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        found = CompDay.objects.select_related("person", "rota__team").in_bulk(
            [deadline.subject.id for deadline in deadlines]
        )
        return {
            deadline.id: _result(remind_comp_day(found[deadline.subject.id], at))
            for deadline in deadlines
            if deadline.subject.id in found
        }


class RotaSubject:
    """Notices about a rota: reading one changes nothing."""

    model: type[Any] = Rota

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return self.model.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(rotas_visible_to(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The page of the rota shows it; covers and handoffs remind by themselves."""


class PartSubject(RotaSubject):
    """Covers, changes and comp days: visible to everybody who sees rotas."""

    def __init__(self, model: type[CoverRequest | ShiftChange | CompDay | RotaEdit | SpecialPeriod]) -> None:
        self.model = model

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        rotas = rotas_visible_to(user).values("pk")
        return set(self.model.objects.filter(pk__in=subject_ids, rota__in=rotas).values_list("pk", flat=True))


def run_plans(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The Job that extends every plan and posts what was served; repeatable."""
    at = clock.now()
    done = 0
    rows = Rota.objects.filter(is_archived=False)
    for rota in rows.filter(pk=args["rota_id"]) if "rota_id" in args else rows:
        done += plan_rota(actor=None, rota=rota, at=at)
        post_ledger(rota=rota, at=at)
        progress.tell(done=done)
    return {"shifts": done}


def run_verify(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The Job that looks each night whether plans and rows say what the rules do; repeatable, mends nothing."""
    del args
    at, differing, empty = clock.now(), 0, 0
    for rota in Rota.objects.filter(is_archived=False).select_related("team").order_by("pk"):
        found, gaps = verify_rota(rota=rota, at=at)
        differing, empty = differing + found, empty + gaps
        progress.tell(differences=differing, gaps=empty)
    return {"differences": differing, "gaps": empty}


def _is_free(rota_id: int) -> bool:
    """Take the rota's lock if nobody holds it; a busy rota is tried a second later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [NAMESPACE, rota_id])
        row = cursor.fetchone()
    return bool(row and row[0])
