"""What the engine calls when an instant of this room is reached, and what it asks about its subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from oncall.models import UpstreamTicket
from portal.core import clock
from portal.engine.domain.drafts import FireResult
from requests_queue.models import BreakGlass, BudgetPeriod, DataRequest, RequestMessage, SlaClock, TeamDesk
from requests_queue.policies import visible_clocks, visible_to
from requests_queue.services.desks import tell_partners
from requests_queue.services.exempting import lapse_exemption
from requests_queue.services.forecasting import warn_of_caps
from requests_queue.services.ladder import fire_due_steps
from requests_queue.services.quarters import close_quarter
from requests_queue.services.summing import sum_attainment
from requests_queue.services.timers import remind_approval
from requests_queue.services.triage import release_claim
from requests_queue.services.upstream import go_on_after
from requests_queue.services.waiting import chase_reply, close_quietly, remind_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.domain.subjects import Subject
    from portal.engine.registries import JobProgress


class SlaSteps:
    """Deadlines of kind `requests.sla_step`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_due_steps(deadlines=deadlines, at=at)


class ClaimLapses:
    """Deadlines of kind `requests.claim_lapse`: a claimed request that nobody decided is new again."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        ids = [deadline.subject.id for deadline in deadlines]
        free = DataRequest.objects.select_for_update(skip_locked=True).in_bulk(ids)
        results = {}
        for deadline in deadlines:
            if deadline.subject.id in free:
                did = release_claim(request=free[deadline.subject.id], at=at)
                results[deadline.id] = FireResult("done" if did else "nothing")
        return results


class _EachRequest:
    """Deadlines whose service takes its own locks, the books before the request; `run` says whether it did anything."""

    run: Callable[..., bool]

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        found = DataRequest.objects.select_related("team").in_bulk([deadline.subject.id for deadline in deadlines])
        results = {}
        for deadline in deadlines:
            request = found.get(deadline.subject.id)
            did = request is not None and type(self).run(request=request, at=at)
            results[deadline.id] = FireResult("done" if did else "nothing")
        return results


class ClosesQuietly(_EachRequest):
    """Deadlines of kind `requests.close`."""

    run = close_quietly


class NoReplies:
    """Deadlines of kind `requests.no_reply`: the steps are the reminders, the last one ends the request."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        found = DataRequest.objects.select_related("team").in_bulk([deadline.subject.id for deadline in deadlines])
        results = {}
        for deadline in deadlines:
            request = found.get(deadline.subject.id)
            did = request is not None and chase_reply(request=request, step=deadline.step, at=at)
            results[deadline.id] = FireResult("done" if did else "nothing")
        return results


class AskedPeople:
    """Deadlines of kind `requests.asked_of`: somebody was asked by name and has not written since."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = RequestMessage.objects.select_related("request__team")
        found = rows.in_bulk([deadline.subject.id for deadline in deadlines])
        results = {}
        for deadline in deadlines:
            message = found.get(deadline.subject.id)
            did = message is not None and remind_asked(message=message, at=at)
            results[deadline.id] = FireResult("done" if did else "nothing")
        return results


class ExemptionLapses(_EachRequest):
    """Deadlines of kind `requests.exemption`."""

    run = lapse_exemption


class ApprovalWaits(_EachRequest):
    """Deadlines of kind `requests.approval`."""

    run = remind_approval


class QuarterCloses:
    """Deadlines of kind `requests.quarter_close`, one a team and quarter."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        found = BudgetPeriod.objects.select_related("team").in_bulk([deadline.subject.id for deadline in deadlines])
        results = {}
        for deadline in deadlines:
            period = found.get(deadline.subject.id)
            did = period is not None and close_quarter(period=period, at=at)
            results[deadline.id] = FireResult("done" if did else "nothing")
        return results


class BudgetSubject:
    """Notices about a team's budget: everybody signed in may read it."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return BudgetPeriod.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(BudgetPeriod.objects.filter(pk__in=subject_ids).values_list("pk", flat=True)) if user else set()

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The budget stands on its page."""


class DeskSubject(BudgetSubject):
    """Notices about a team's desk: everybody signed in may read how it answers."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return TeamDesk.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(TeamDesk.objects.filter(pk__in=subject_ids).values_list("pk", flat=True)) if user else set()


class GlassSubject:
    """Notices about a compartment that was opened: for its members and the administrators."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return BreakGlass.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        inside = Q(request__members__person=user, request__members__removed_at=None)
        rows = BreakGlass.objects.filter(pk__in=subject_ids)
        return set((rows if user.is_admin else rows.filter(inside)).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The audit of the compartment tells its members as well."""


class RequestSubject:
    """Notices about a request: somebody has read them, nothing of the request changes."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return DataRequest.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(visible_to(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The request stands on the page of its desk; there is no further step to take."""


class ClockSubject:
    """Notices about a promise. To acknowledge one quiets it; the later steps of the ladder stay armed."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return SlaClock.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(visible_clocks(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The next rung of the ladder tells somebody else by itself."""


def ticket_closed(*, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    """Topic `oncall.ticket_closed`: what waited for the desk upstream goes on."""
    del payload
    found = UpstreamTicket.objects.select_related("team").filter(pk=subject.id).first()
    if found is not None and not found.is_live:
        go_on_after(ticket=found, at=at)


def run_partner_digest(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """The job of Monday morning: what was asked at the desks that have an analytics partner."""
    del args, progress
    with transaction.atomic():
        return {"told": tell_partners(at=clock.now())}


def run_attainment(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """The nightly job: how many promises were kept, by day."""
    del args, progress
    return {"days": sum_attainment(at=clock.now())}


def run_budget_forecast(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """The job of each morning: who is about to reach the cap."""
    del args, progress
    with transaction.atomic():
        return {"teams": warn_of_caps(at=clock.now())}
