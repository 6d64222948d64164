"""A lost second factor is taken off by two admins (spec security 3, recovery)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import FactorReset, Person
from portal.accounts.policies import can_administer
from portal.accounts.queries.factors import ASK_STANDS, has_factor
from portal.accounts.services.changing import locked
from portal.accounts.services.sessions import close_sessions
from portal.core.errors import Conflict, DomainError
from portal.core.policies import refused, require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

LEAST_REASON = 20
ASKED, RESET = "accounts.factor_lost", "accounts.factor_reset"
GONE = Conflict("accounts.reset_gone", "This was answered already, or is older than a day. Ask again.")


@transaction.atomic
def ask_factor_reset(*, actor: Person, person: Person, reason: str, at: datetime) -> FactorReset:
    """The first admin says how they know that it is this person who asks. The other admins and the person are told.

    Locks the person. Raises `DomainError` for a reason under 20 characters, `Conflict` if there is no factor to take
    off or somebody has asked already, `NotAllowed` for one's own.
    """
    _require_other_admin(actor, person, at)
    told = reason.strip()
    if len(told) < LEAST_REASON:
        raise DomainError("accounts.reason_too_short", "Say in at least 20 characters how you know.", "reason")
    row: Person = locked(Person, person.pk)
    if row.state != PersonState.ACTIVE or not has_factor(row):
        raise Conflict("accounts.no_factor", f"{row.name} has no second factor that could be lost.")
    FactorReset.objects.filter(person=row, closed_at=None, asked_at__lte=at - ASK_STANDS).update(closed_at=at)
    try:
        with transaction.atomic():
            made = FactorReset.objects.create(person=row, reason=told[:500], asked_by=actor, asked_at=at)
    except IntegrityError:
        raise Conflict("accounts.reset_open", "Another admin has asked for this. Agree, or wait a day.") from None
    record_audit(actor=actor, verb="accounts.factor_reset_asked", subject=row, reason=made.reason, at=at)
    others = Person.objects.filter(is_admin=True, state=PersonState.ACTIVE).exclude(pk__in=[actor.pk, row.pk])
    for admin in [*others.order_by("pk"), row]:
        _tell(ASKED, made, admin, at)
    return made


@transaction.atomic
def approve_factor_reset(*, actor: Person, reset: FactorReset, at: datetime) -> FactorReset:
    """A second admin agrees: every factor of the person is gone, every session ends, the person is told.

    The password stays, and whoever needs a factor sets up a new one at the next sign-in. Locks the row. Raises
    `NotAllowed` for who asked and for the person, `Conflict` for one that is closed or older than a day.
    """
    _require_other_admin(actor, reset.person, at)
    standing = FactorReset.objects.select_for_update(of=("self",)).select_related("person").get(pk=reset.pk)
    if standing.asked_by_id == actor.pk:
        require(refused("accounts.same_admin", "A second admin agrees, not who asked."))
    if standing.closed_at is not None or at - standing.asked_at >= ASK_STANDS:
        raise GONE
    standing.approved_by, standing.closed_at = actor, at
    standing.save(update_fields=["approved_by", "closed_at"])
    factors, _ = Authenticator.objects.filter(user=standing.person).delete()
    sessions = close_sessions(person=standing.person)
    after = {"factors": factors, "sessions_ended": sessions}
    record_audit(
        actor=actor, verb="accounts.factor_reset_approved", subject=standing.person, reason=standing.reason,
        after=after, at=at,
    )  # fmt: skip
    _tell(RESET, standing, standing.person, at)
    return standing


@transaction.atomic
def refuse_factor_reset(*, actor: Person, reset: FactorReset, at: datetime) -> FactorReset:
    """Any admin, who asked included, ends it: nothing is taken off. Idempotent. Locks the row."""
    require(can_administer(actor, at))
    standing = FactorReset.objects.select_for_update(of=("self",)).select_related("person").get(pk=reset.pk)
    if standing.closed_at is None:
        standing.closed_at = at
        standing.save(update_fields=["closed_at"])
        record_audit(actor=actor, verb="accounts.factor_reset_refused", subject=standing.person, at=at)
    return standing


def _require_other_admin(actor: Person, person: Person, at: datetime) -> None:
    require(can_administer(actor, at))
    if actor.pk == person.pk:
        require(refused("accounts.own_factor", "Two other admins take off a factor, never its owner."))


def _tell(kind: str, reset: FactorReset, to_person: Person, at: datetime) -> None:
    subject, to = subject_of(reset.person), Recipient(person_id=to_person.pk)
    url = reverse("people_factor", args=[reset.person.handle]) if to_person.is_admin else reverse("me_sessions")
    context = {"name": reset.person.name, "admin": reset.asked_by.name, "url": url}
    key = f"{dedup_key(kind, subject, 0, to)}:{reset.pk}"
    raise_notice(actor=None, draft=NoticeDraft(kind, key, subject, to, "warn", context), at=at)
