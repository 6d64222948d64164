"""A person leaves: doors close at once, the rooms follow one by one (spec accounts 7, resolutions 1.5)."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import (
    ApiToken,
    Deactivation,
    DeactivationStep,
    Deputy,
    Grant,
    Invitation,
    Membership,
    Person,
)
from portal.accounts.policies import can_administer
from portal.accounts.queries.people import local_day
from portal.accounts.services.changing import apply_changes, locked
from portal.accounts.services.memberships import place_without_team
from portal.accounts.services.people import check_other_admin
from portal.accounts.services.sessions import close_sessions
from portal.core import clock
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.registries import contributions
from portal.engine.services.enqueueing import enqueue_job

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from portal.accounts.domain.clashes import LeavingStep

JOB = "accounts.deactivate"


class StepFailed(Exception):
    """A room could not let go; the row of the step says why, and the next try begins there."""


def leaving_steps() -> list[LeavingStep]:
    """What the rooms do when somebody leaves, lower orders first."""
    found: list[LeavingStep] = [provide() for provide in contributions("person.leaving")]
    return sorted(found, key=lambda step: (step.order, step.key))


def preview_deactivation(*, person: Person, at: datetime) -> list[str]:
    """What will be ended, handed over or left open, in sentences."""
    return [sentence for step in leaving_steps() for sentence in step.preview(person, at)]


@transaction.atomic
def deactivate_person(*, actor: Person | None, person: Person, reason: str, at: datetime) -> Person:
    """Ends sign-ins, tokens, invitations, deputies, grants and places now; the rooms' steps follow as a Job.

    active -> leaving here, -> inactive when the last step is done. Idempotent. Raises `Conflict` for the last admin.
    """
    if actor is not None:
        require(can_administer(actor, at))
    row: Person = locked(Person, person.pk)
    if row.state in (PersonState.LEAVING, PersonState.INACTIVE):
        return row
    if row.is_admin:
        check_other_admin(row)
    changes = {"state": PersonState.LEAVING, "is_admin": False, "is_auditor": False}
    apply_changes(row, changes, actor=actor, verb="accounts.person_left", reason=reason, at=at)
    _close_doors(row, actor, at)
    _end_places(row, local_day(row, at))
    _plan_steps(row, actor, at)
    enqueue_job(actor=actor, kind=JOB, args={"person_id": row.pk}, unique_key=f"{JOB}:{row.pk}", at=at)
    return row


def _plan_steps(person: Person, actor: Person | None, at: datetime) -> Deactivation:
    """The rows of a farewell that has begun; repeating it finds them."""
    plan, _ = Deactivation.objects.get_or_create(person=person, finished_at=None, defaults={"by": actor, "at": at})
    rows = [DeactivationStep(deactivation=plan, key=step.key) for step in leaving_steps()]
    DeactivationStep.objects.bulk_create(rows, ignore_conflicts=True)
    return plan


def _close_doors(person: Person, actor: Person | None, at: datetime) -> None:
    close_sessions(person=person)
    ApiToken.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=at, revoked_by=actor)
    links = Q(invited_by=person) | Q(email=person.email or "nobody")
    Invitation.objects.filter(links, accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=at)
    Deputy.objects.filter(Q(person=person) | Q(deputy=person), ended_at__isnull=True).update(ended_at=at)
    Grant.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=at)


def _end_places(person: Person, today: date) -> None:
    """A place that began today keeps that one day: the history says the person was there."""
    for row in Membership.objects.select_for_update().filter(person=person):
        if row.first_on > today:
            row.delete()
        elif row.during.upper is None or row.during.upper > today:
            row.during = DateRange(row.first_on, max(today, row.first_possible_end))
            row.end_reason = "left"
            row.save(update_fields=["during", "end_reason"])


def run_deactivation(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The Job: every room's step in its own transaction, then `inactive`. Repeatable after any crash."""
    at = clock.now()
    person = Person.objects.get(pk=args["person_id"])
    done = []
    for key in _run_steps(person, at, math.inf):
        done.append(key)
        progress.tell(done=done)
    return {"done": done}


def continue_leaving(*, person: Person, stop_at: float, at: datetime) -> Person:
    """Run the rooms' steps that are left until `stop_at` (monotonic seconds); the Job does the rest.

    A step that fails is noted with its reason and leaves its room as it was. Idempotent; two at once take turns.
    """
    person.refresh_from_db()
    if person.state == PersonState.LEAVING:
        with suppress(StepFailed):
            for _ in _run_steps(person, at, stop_at):
                continue
    person.refresh_from_db()
    return person


def _run_steps(person: Person, at: datetime, stop_at: float) -> Iterator[str]:
    """The keys of the steps as they are done; the last one makes the person inactive. Raises `StepFailed`."""
    plan = _plan_steps(person, None, at)
    for step in leaving_steps():
        if time.monotonic() >= stop_at:
            return
        _run_step(plan, step, person, at)
        yield step.key
    finish_deactivation(person=person, at=at)


def _run_step(plan: Deactivation, step: LeavingStep, person: Person, at: datetime) -> None:
    """One room lets go, once: its work and the mark that it is done are one transaction."""
    mine = DeactivationStep.objects.filter(deactivation=plan, key=step.key)
    try:
        with transaction.atomic():
            if mine.select_for_update().get().state == "done":
                return
            step.run(person, at)
            mine.update(state="done", error="", done_at=at)
    except (DomainError, DatabaseError) as error:
        mine.update(state="failed", error=str(error)[:300])
        message = f"{step.key}: {error}"
        raise StepFailed(message) from error


@transaction.atomic
def finish_deactivation(*, person: Person, at: datetime) -> Person:
    """Leaving -> inactive. Idempotent."""
    row: Person = locked(Person, person.pk)
    if row.state == PersonState.LEAVING:
        changes = {"state": PersonState.INACTIVE, "deactivated_at": at}
        apply_changes(row, changes, actor=None, verb="accounts.person_deactivated", at=at)
    Deactivation.objects.filter(person=row, finished_at=None).update(finished_at=at)
    return row


@transaction.atomic
def reactivate_person(*, actor: Person | None, person: Person, at: datetime) -> Person:
    """The account alone comes back, in *No team yet*; nothing that was ended does."""
    if actor is not None:
        require(can_administer(actor, at))
    row: Person = locked(Person, person.pk)
    if row.state == PersonState.ACTIVE:
        return row
    if row.state != PersonState.INACTIVE:
        raise Conflict("accounts.still_leaving", "The rooms have not finished yet. Try again in a moment.")
    changes = {"state": PersonState.ACTIVE, "deactivated_at": None}
    apply_changes(row, changes, actor=actor, verb="accounts.person_reactivated", at=at)
    if not row.is_service and not _has_place(row, at):
        place_without_team(person=row, at=at)
    return row


def _has_place(person: Person, at: datetime) -> bool:
    return Membership.objects.filter(person=person, during__contains=local_day(person, at)).exists()
