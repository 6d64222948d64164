"""Who may see a notice, and who may operate the engine."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from portal.core.policies import ALLOWED, Decision, refused
from portal.engine.models import Delivery, Notice
from portal.engine.registries import subject_handlers

RECENT = 5000


def can_operate(user: Any) -> Decision:
    """Pause, resume, requeue, status: admins."""
    if getattr(user, "is_admin", False):
        return ALLOWED
    return refused("engine.admin_only", "Only an admin operates the engine.")


def visible_notices(user: Any) -> QuerySet[Notice]:
    """One's own notices, and those about subjects whose room says that this person sees them; others do not exist."""
    about = Q(recipient=user)
    for subject_type, ids in _recent_subjects(user).items():
        seen = subject_handlers.get(subject_type).visible_to(user, ids)  # type: ignore[union-attr] # a known type
        if seen:
            about |= Q(subject_type=subject_type, subject_id__in=seen, is_private=False)
    return Notice.objects.filter(about)


def _recent_subjects(user: Any) -> dict[str, set[int]]:
    """What the newest notices to others that are not private are about, by type; one query."""
    types = [subject_type for subject_type, _ in subject_handlers.items()]
    rows = Notice.objects.filter(subject_type__in=types, is_private=False).exclude(recipient=user)
    found: dict[str, set[int]] = {}
    for subject_type, subject_id in rows.order_by("-created_at").values_list("subject_type", "subject_id")[:RECENT]:
        found.setdefault(subject_type, set()).add(subject_id)
    return found


def can_acknowledge(user: Any, notice: Notice) -> Decision:
    """The recipient, and whom the subject's room calls a responder (`is_responder(user, subject_id)`, if it has one).

    Seeing a subject is not enough: an onlooker must not be able to quiet somebody else's page.
    """
    handler = subject_handlers.get(notice.subject_type)
    is_responder = getattr(handler, "is_responder", None)
    if notice.recipient_id == user.pk or (is_responder is not None and is_responder(user, notice.subject_id)):
        return ALLOWED
    return refused("engine.not_yours", "Only the person who was told, or a responder, acknowledges this.")


def visible_deliveries(user: Any) -> QuerySet[Delivery]:
    """Deliveries of visible notices; admins see every one that is not private."""
    if can_operate(user).allowed:
        return Delivery.objects.filter(Q(notice__is_private=False) | Q(notice__recipient=user))
    return Delivery.objects.filter(notice__in=visible_notices(user))
