"""Second factors that somebody lost, and who may agree to take them off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.urls import reverse

from portal.accounts.models import FactorReset, Person
from portal.core.registries import Need

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

ASK_STANDS = timedelta(hours=24)


def open_resets(at: datetime) -> QuerySet[FactorReset]:
    """What was asked within a day and nobody closed, oldest first."""
    rows = FactorReset.objects.filter(closed_at=None, asked_at__gt=at - ASK_STANDS)
    return rows.select_related("person", "asked_by").order_by("asked_at", "pk")


def has_factor(person: Person) -> bool:
    """Whether an authenticator app, a passkey or recovery codes are set up; one query."""
    return bool(Authenticator.objects.filter(user=person).exists())


def resets_to_approve(viewer: Any, at: datetime) -> list[Need]:
    """What stands in "Needs you" of the admins who did not ask and whom it is not about."""
    if not (viewer.is_authenticated and viewer.is_active and viewer.is_admin):
        return []
    return [
        Need(row.person.name, f"lost the second factor, says {row.asked_by.name}", "Decide",
             reverse("people_factor", args=[row.person.handle]), row.asked_at + ASK_STANDS, row.asked_at)
        for row in open_resets(at).exclude(asked_by=viewer).exclude(person=viewer)[:20]
    ]  # fmt: skip
