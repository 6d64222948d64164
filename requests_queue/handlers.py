"""What the engine calls when an instant of this room is reached, and what it asks about its subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.engine.domain.drafts import FireResult
from requests_queue.models import DataRequest, SlaClock
from requests_queue.policies import visible_clocks, visible_to
from requests_queue.services.ladder import fire_due_steps
from requests_queue.services.triage import release_claim

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts


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
