"""What the engine calls for answers: expiry, the morning's notice, changes of assets, long work (spec faq 3, 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.models import ChangePlan
from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.models import Person
from portal.core import clock
from portal.engine.domain.drafts import FireResult
from requests_queue.answer_policies import visible_entries
from requests_queue.domain.answering import EntryState, Stale
from requests_queue.domain.fitting import LEAST_LABELS
from requests_queue.models import FaqEntry, FaqEvent
from requests_queue.services.asks import close_window, forget_people
from requests_queue.services.checking import EXPIRED_STEP, OWNER_STEP, mark_restated, mark_stale, recheck, sweep
from requests_queue.services.phrases import embed_phrases
from requests_queue.services.refitting import labels, refit_suggestions
from requests_queue.services.stale_telling import digest_draft, due_draft

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.domain.subjects import Subject
    from portal.engine.registries import JobProgress


KEPT = timedelta(days=90)


class AnswerExpiry:
    """Deadlines of kind `requests.answer_expiry`: reminders, the end of a check, a new owner who did not confirm."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        ids = [deadline.subject.id for deadline in deadlines]
        rows = FaqEntry.objects.select_for_update(skip_locked=True, of=("self",)).select_related("current", "team")
        free = rows.in_bulk(ids)
        return {
            deadline.id: _expire(free[deadline.subject.id], deadline.step, at)
            for deadline in deadlines
            if deadline.subject.id in free
        }


class AnswerDigest:
    """Deadlines of kind `requests.answer_digest`: what went stale after the notice of the day before."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return {deadline.id: _digest(deadline.subject.id, at) for deadline in deadlines}


class DeflectionWindow:
    """Deadlines of kind `requests.deflection_window`: seven days after an answer was opened."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        events = FaqEvent.objects.in_bulk([deadline.subject.id for deadline in deadlines])
        return {
            deadline.id: FireResult("done" if _close(events.get(deadline.subject.id), at) else "nothing")
            for deadline in deadlines
        }


class EntrySubject:
    """Notices about an answer: reading one changes nothing of it."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return FaqEntry.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(visible_entries(user, clock.now()).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The answer stands on the page of what waits for a check; there is no further step."""


def asset_changed(*, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    """Topics about one asset: hold the answers that rest on it against the asset as it is."""
    del payload
    recheck(asset_ids=[subject.id], at=at)


def import_applied(*, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    """A file was applied to its end: what retired or changed under an answer is looked at once more."""
    del subject, payload
    sweep(at=at)


def backfill_done(*, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    """Topic `ownership.backfill_done`: what was true of the history that was rebuilt has to be looked at again."""
    ended = ChangePlan.objects.filter(pk=payload["plan"]).values_list("finished_at", flat=True).first()
    mark_restated(asset_id=subject.id, rebuilt_at=ended or at, line="the history of {} was rebuilt", at=at)


def restated(*, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    """Topic `ownership.restated`: figures that were announced to change are others now."""
    since = datetime.fromisoformat(payload["at"])
    mark_restated(asset_id=subject.id, rebuilt_at=since, line="the figures of {} were restated", at=at)


def run_sweep(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """The job behind the hourly look at everything: renamed and retired assets have no topic of their own."""
    del args, progress
    with transaction.atomic():
        return {"stale": sweep(at=clock.now())}


def run_embedding(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """The job that gives wordings their vectors."""
    del args
    total, left = 0, 1
    while left:
        done, left = embed_phrases()
        total += done
        progress.tell(done=total, left=left)
        if not done:
            break
    return {"done": total}


def run_refit(args: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """The monthly fit of the bands; without fifty verdicts nothing is tried."""
    del args, progress
    if len(labels()) < LEAST_LABELS:
        return {"labels": 0}
    made = refit_suggestions(actor=None, at=clock.now())
    return {"n": made.n, "kept": made.is_active}


def run_forgetting(args: Mapping[str, Any], progress: JobProgress) -> dict[str, int]:
    """After 90 days nobody knows any more who asked what."""
    del args, progress
    return {"forgotten": forget_people(before=clock.now() - KEPT)}


def leaving_step() -> LeavingStep:
    """The contribution to `person.leaving`, before the assets are handed on: the answers say whose they were."""
    return LeavingStep("requests.answers", 35, preview_leaving, owner_leaves)


def preview_leaving(person: Person, at: datetime) -> list[str]:
    """What `owner_leaves` will do, in sentences; writes nothing."""
    del at
    mine = FaqEntry.objects.filter(owner=person, state=EntryState.PUBLISHED.value, current__isnull=False)
    count = sum(not entry.current.is_stale for entry in mine.select_related("current") if entry.current)
    return [f"{count} answers become stale and wait for the lead of their team."] if count else []


def owner_leaves(person: Person, at: datetime) -> None:
    """Each answer of the person is stale at once; the lead of the team hears of it. Repeating changes nothing."""
    rows = FaqEntry.objects.filter(owner=person, state=EntryState.PUBLISHED.value, current__isnull=False)
    for entry in rows.select_related("current").order_by("pk"):
        if entry.current is not None:
            mark_stale(answer=entry.current, reason=Stale.OWNER_LEFT, lines=[f"{person.name} left"], at=at)


def _expire(entry: FaqEntry, step: int, at: datetime) -> FireResult:
    answer = entry.current
    if answer is None or answer.is_stale or entry.state != EntryState.PUBLISHED:
        return FireResult("nothing")
    if step == EXPIRED_STEP:
        mark_stale(answer=answer, reason=Stale.EXPIRED, at=at)
        return FireResult("done")
    if step == OWNER_STEP:
        mark_stale(answer=answer, reason=Stale.OWNER, at=at)
        return FireResult("done")
    return FireResult("done", notices=tuple(due_draft(entry, step, at)))


def _close(event: FaqEvent | None, at: datetime) -> bool:
    return event is not None and close_window(event=event, at=at)


def _digest(person_id: int, at: datetime) -> FireResult:
    person = Person.objects.filter(pk=person_id, state="active").first()
    rows = FaqEntry.objects.filter(owner=person_id, state="published", current__stale_since__isnull=False)
    entries = list(rows.order_by("-current__stale_since")[:50])
    if person is None or not entries:
        return FireResult("nothing")
    return FireResult("done", notices=(digest_draft(person, entries, at),))
