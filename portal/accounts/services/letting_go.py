"""The last step of leaving: ways to be reached, follows, absences ahead and posts of the organization (accounts 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.models import (
    Absence,
    AbsenceFeed,
    ContactMethod,
    FallbackRecipient,
    Follow,
    IdentityAlias,
    NotificationRule,
    Organization,
    TeamProposal,
)
from portal.core.services.audit import record_audit
from portal.engine.services.notices import cancel_deliveries_to

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Person

LEFT = "left"


def leaving_step() -> LeavingStep:
    """The contribution of this room to `person.leaving`; it comes last."""
    return LeavingStep("accounts.reach", 50, preview_leaving, let_go)


def preview_leaving(person: Person, at: datetime) -> list[str]:
    """What `let_go` will end, in sentences; writes nothing."""
    counts = (
        (_methods(person).count(), "ways to reach them are switched off."),
        (_ahead(person, at).count(), "absences ahead are cancelled."),
        (FallbackRecipient.objects.filter(person=person).count(), "places in the fallback chain are given up."),
        (Organization.objects.filter(head_of_data=person).count(), "post of the organization is empty: head of data."),
        (IdentityAlias.objects.filter(person=person, state="suggested").count(), "suggested names are taken back."),
    )
    return [f"{count} {words}" for count, words in counts if count]


@transaction.atomic
def let_go(person: Person, at: datetime) -> None:
    """Nothing reaches the person any more and no post waits for them. Repeating changes nothing.

    The fallback chain keeps its last entry only if it is somebody else's: the doctor is red while it is empty.
    """
    counts = {
        "deliveries": cancel_deliveries_to(actor=None, person_id=person.pk, reason=LEFT, at=at),
        "methods": _methods(person).update(state="disabled", disabled_reason=LEFT),
        "rules": NotificationRule.objects.filter(person=person).delete()[0],
        "follows": Follow.objects.filter(person=person).delete()[0],
        "absences": _ahead(person, at).update(cancelled_at=at),
        "fallback": FallbackRecipient.objects.filter(person=person).delete()[0],
        "posts": Organization.objects.filter(head_of_data=person).update(head_of_data=None),
        "feeds": AbsenceFeed.objects.filter(person=person).delete()[0],
        "proposals": TeamProposal.objects.filter(person=person, state="open").update(state="withdrawn", decided_at=at),
        "names": IdentityAlias.objects.filter(person=person, state="suggested").update(state="rejected"),
    }
    done = {name: count for name, count in counts.items() if count}
    if done:
        record_audit(actor=None, verb="accounts.leaver_swept", subject=person, after=done, reason=LEFT, at=at)


def _methods(person: Person) -> QuerySet[ContactMethod]:
    return ContactMethod.objects.filter(person=person).exclude(state="disabled")


def _ahead(person: Person, at: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(person=person, cancelled_at__isnull=True, during__endswith__gt=at)
