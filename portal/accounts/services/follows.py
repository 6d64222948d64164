"""Following things, and the one notice that bundles what happened to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from portal.accounts.models import Follow, Person
from portal.accounts.policies import may
from portal.core.errors import DomainError, NotVisible
from portal.core.models import AuditEntry
from portal.core.policies import require
from portal.engine.domain.subjects import Subject, subject_of
from portal.engine.models import Deadline
from portal.engine.registries import subject_handlers
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from datetime import datetime

MOST_FOLLOWS = 500
BUNDLE = timedelta(minutes=10)
DIGEST = "accounts.follow_digest"


@transaction.atomic
def follow(*, actor: Person, subject: Subject, at: datetime) -> Follow:
    """Idempotent. Raises `NotAllowed` (auditor), `NotVisible` for what one cannot see, `DomainError` for the 501st."""
    require(may(actor, "file", None, at))
    handler = subject_handlers.get(subject.type)
    if handler is None or subject.id not in handler.visible_to(actor, [subject.id]):
        raise NotVisible
    Person.objects.select_for_update().get(pk=actor.pk)
    mine = Follow.objects.filter(person=actor)
    standing = mine.filter(subject_type=subject.type, subject_id=subject.id).first()
    if standing is not None:
        return standing
    if mine.count() >= MOST_FOLLOWS:
        raise DomainError("accounts.limit_follows", f"You follow {MOST_FOLLOWS} things already. Drop one first.")
    row = Follow(person=actor, subject_type=subject.type, subject_id=subject.id)
    row.save(force_insert=True)
    return row


@transaction.atomic
def unfollow(*, actor: Person, subject: Subject, at: datetime) -> None:
    """Idempotent."""
    del at
    Follow.objects.filter(person=actor, subject_type=subject.type, subject_id=subject.id).delete()


@transaction.atomic
def tell_followers(*, actor: Any, subject: Subject, act: int | None = None, at: datetime) -> None:
    """Something happened to `subject`: each follower but the actor hears of it in one bundle ten minutes later.

    The first change of a bundle arms it; `act` is its audit row, the newest one of the subject unless given.
    """
    rows = Follow.objects.filter(subject_type=subject.type, subject_id=subject.id)
    people = Person.objects.filter(follows__in=rows).exclude(pk=getattr(actor, "pk", None) or 0).order_by("pk")
    if not people:
        return
    waiting = set(
        Deadline.objects.filter(kind=DIGEST, state="armed", subject_type="accounts.person").values_list(
            "subject_id", flat=True
        )
    )
    after = max(0, (act or _newest_act(subject)) - 1)
    for person in people:
        if person.pk not in waiting:
            who = Subject("accounts.person", subject_of(person).id)
            payload = {"after": after}
            arm_deadline(actor=actor, kind=DIGEST, subject=who, due_at=at + BUNDLE, payload=payload, at=at)


def _newest_act(subject: Subject) -> int:
    rows = AuditEntry.objects.filter(object_type=subject.type, object_id=str(subject.id))
    return rows.aggregate(top=Max("pk"))["top"] or 0
