"""What the engine calls when an instant of this room is reached, and what it asks about its subjects."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ownership.domain.handoffs import CLOSED, EXPIRE, EXPIRED, MOST_MOVED_DAYS, OFFERED, REMIND
from ownership.domain.scores import STEP_DAYS, persists
from ownership.models import Crossing, Handoff, Talk
from ownership.queries.handoffs import PARTIES, recipients, speakers
from ownership.queries.sides import leads_of, sides_of
from ownership.services import handoff_telling
from ownership.services.crossing_acts import reopen_accepted
from ownership.services.crossing_telling import step_notices, talk_notices
from ownership.services.handoff_telling import notices
from ownership.services.handoffs import end_unfinished, move_by_a_day, take_effect
from portal.engine.domain.drafts import DeadlineDraft, FireResult
from portal.engine.domain.subjects import subject_of
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from django.db import models

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts

LAST_STEP = STEP_DAYS[-1]


class CrossingSteps:
    """Deadlines of kind `ownership.crossing_step`: at 30 and 90 days both leads, at 180 the domain's lead too."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = _free(Crossing.objects.select_related("asset__domain__lead_team", "rule"), deadlines)
        sides = sides_of(list(rows.values()), at)
        results = {}
        for deadline in deadlines:
            row = rows.get(deadline.subject.id)
            if row is not None:
                results[deadline.id] = self._step(row, sides[row.pk], deadline.step, at)
        return results

    def _step(self, row: Crossing, sides: Any, days: int, at: datetime) -> FireResult:
        lasts = row.valid.upper is None and persists(
            state=row.state, is_owned=row.is_owned, last_evidence_at=row.last_evidence_at, at=at
        )
        if not lasts:
            return FireResult("nothing", f"{row.state}: nothing to bring up")
        payload = {"crossing": row.pk, "asset": row.asset_id, "days": days}
        publish_event(actor=None, topic="ownership.crossing_step", subject=subject_of(row), payload=payload, at=at)
        domain = row.asset.domain
        above = [domain.lead_team] if days == LAST_STEP and domain is not None else []
        leads = leads_of([sides.doing, sides.expected, *above], at)
        return FireResult("done", notices=step_notices(row, sides, days, leads))


class AcceptanceEnds:
    """Deadlines of kind `ownership.crossing_acceptance`: open again, aged as before."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = _free(Crossing.objects.all(), deadlines)
        return {
            deadline.id: FireResult("done" if reopen_accepted(crossing=rows[deadline.subject.id], at=at) else "nothing")
            for deadline in deadlines
            if deadline.subject.id in rows
        }


class TalkReminders:
    """Deadlines of kind `ownership.talk_reminder`: a day before, to everybody who takes part."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        del at
        rows = _free(Talk.objects.select_related("doing_team", "expected_team"), deadlines)
        people = defaultdict(list)
        for talk in Talk.objects.filter(pk__in=rows).prefetch_related("attendees"):
            people[talk.pk] = list(talk.attendees.all())
        return {
            deadline.id: FireResult(
                "done", notices=talk_notices(rows[deadline.subject.id], people[deadline.subject.id], "reminder")
            )
            for deadline in deadlines
            if deadline.subject.id in rows
        }


class RegisterSubject:
    """Assets, crossings, talks and handovers: everybody signed in may see them; nothing of them is acknowledged."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return self.model._default_manager.select_for_update(nowait=nowait).filter(pk=subject_id).first()  # noqa: SLF001 (Django's public name)

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        if not getattr(user, "is_authenticated", False):
            return set()
        return set(self.model._default_manager.filter(pk__in=subject_ids).values_list("pk", flat=True))  # noqa: SLF001 (as above)

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """Another lead has the same line on the board."""
        del subject_id, notice, at


def _free(rows: models.QuerySet[Any], deadlines: Sequence[DueDeadline]) -> dict[int, Any]:
    """The subjects nobody else holds, locked; the others are tried again a second later."""
    ids = [deadline.subject.id for deadline in deadlines]
    return {row.pk: row for row in rows.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)}


class HandoffWaits:
    """Deadlines of kind `ownership.handoff_wait`: a reminder, a word to both leads, the end."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = _free(Handoff.objects.select_related(*PARTIES, "created_by"), deadlines)
        return {
            deadline.id: self._step(rows[deadline.subject.id], deadline.step, at)
            for deadline in deadlines
            if deadline.subject.id in rows
        }

    def _step(self, row: Handoff, step: int, at: datetime) -> FireResult:
        if row.state != OFFERED:
            return FireResult("nothing", f"the handover is {row.state}")
        both = [*speakers(row.from_person, row.from_team, at), *speakers(row.to_person, row.to_team, at)]
        if step == EXPIRE:
            end_unfinished(handoff=row, state=EXPIRED, actor=None, at=at)
            return FireResult("done", notices=notices(handoff_telling.EXPIRED, row, [*both, row.created_by]))
        people = recipients(row, at) if step == REMIND else [*both, row.created_by]
        return FireResult("done", notices=notices(handoff_telling.WAITS, row, people, step))


class HandoffEffects:
    """Deadlines of kind `ownership.handoff_effect`: begin, or move by a day while a required check is open."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        rows = _free(Handoff.objects.select_related(*PARTIES, "created_by"), deadlines)
        return {
            deadline.id: self._begin(rows[deadline.subject.id], deadline, at)
            for deadline in deadlines
            if deadline.subject.id in rows
        }

    def _begin(self, row: Handoff, deadline: DueDeadline, at: datetime) -> FireResult:
        if row.state not in {OFFERED, CLOSED}:
            return FireResult("nothing", f"the handover is {row.state}")
        is_open = row.checks.filter(is_required=True, state="open").order_by("pk")
        labels = list(is_open.values_list("label", flat=True))
        if not labels:
            return FireResult("done", f"{take_effect(actor=None, handoff=row, at=at)} assets")
        leads = [*speakers(row.from_person, row.from_team, at), *speakers(row.to_person, row.to_team, at)]
        both = [*leads, row.created_by, *recipients(row, at)]
        if row.moved_days >= MOST_MOVED_DAYS:
            told = handoff_telling.stuck_notices(row, both, labels)
            return FireResult("done", "waits for a lead", notices=told)
        move_by_a_day(handoff=row)
        following = DeadlineDraft(deadline.kind, deadline.subject, row.effective_at)
        told = handoff_telling.moved_notices(row, both, labels)
        return FireResult("done", "moved by a day", notices=told, deadlines=(following,))
