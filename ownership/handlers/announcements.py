"""Reminders of announcements, and what the engine asks about their notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import Announcement, AnnouncementRecipient
from ownership.policies import announcements
from ownership.services.announcement_notices import fire_reminders
from ownership.services.announcing import acknowledge_row

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, FireResult, NoticeFacts


class AnnouncementReminders:
    """Deadlines of kind `ownership.announcement_due`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_reminders(deadlines=deadlines, at=at)


class RecipientSubject:
    """One person's copy of an announcement: acknowledging its notice is saying "read"."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        rows = AnnouncementRecipient.objects.select_for_update(of=("self",), nowait=nowait)
        return rows.select_related("announcement").filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        acknowledge_row(subject, actor=actor, at=at)
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(AnnouncementRecipient.objects.filter(pk__in=subject_ids, person=user).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The reminder at half time tries again; at the end the author hears who is silent."""


class AnnouncementSubject:
    """Notices to the author, and replies: nothing of the announcement changes by reading them."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return Announcement.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(announcements.visible_to(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """It stands on the page of the announcement."""
