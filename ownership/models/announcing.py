"""A change told to everybody it touches, one row a person, and what they said (spec ownership 13)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ownership.domain.impact import CHANGE_WORDS
from ownership.models.assets import Asset
from ownership.models.migrating import ChangePlan

CHANGES = list(CHANGE_WORDS.items())


class Announcement(models.Model):
    """What will change, when, and until when people should have read it; the list of people is frozen."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="announcements")
    change = models.CharField(max_length=12, choices=CHANGES)
    text = models.TextField()
    happens_at = models.DateTimeField(null=True, blank=True)
    depth = models.SmallIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    plan = models.ForeignKey(ChangePlan, models.PROTECT, null=True, blank=True, related_name="announcements")
    asked_at = models.DateTimeField()
    ack_due_at = models.DateTimeField()
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    version = models.IntegerField(db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ack_due_at__gt=F("asked_at")), name="ownership_announcement_due"),
            models.CheckConstraint(condition=~Q(superseded_by=F("id")), name="ownership_announcement_not_itself"),
        ]
        indexes = [models.Index(fields=["-asked_at", "-id"], name="ownership_announcement_new")]

    def __str__(self) -> str:
        return f"announcement {self.pk}"


class AnnouncementRecipient(models.Model):
    """One person and what they answered; an objection stands in the way until somebody replies to it."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACKNOWLEDGED = "acknowledged"
        OBJECTED = "objected"
        SUPERSEDED = "superseded"

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="recipients")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    objection = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True, default="")
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "person"], name="ownership_recipient_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "superseded"], answered_at=None)
                | Q(state__in=["acknowledged", "objected"], answered_at__isnull=False),
                name="ownership_recipient_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state="objected") | ~Q(objection=""), name="ownership_recipient_objection"
            ),
            models.CheckConstraint(
                condition=Q(replied_at=None, reply="", replied_by=None)
                | (Q(replied_at__isnull=False, replied_by__isnull=False) & ~Q(reply="") & ~Q(objection="")),
                name="ownership_recipient_reply",
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(state="pending"), name="ownership_recipient_waiting")]

    def __str__(self) -> str:
        return f"announcement {self.announcement_id} to {self.person_id}"


class AnnouncementAsset(models.Model):
    """An asset that the change touches, and whom we told about it; nobody where nobody could be found."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="touched")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(AnnouncementRecipient, models.CASCADE, null=True, related_name="touched")
    distance = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "asset"], name="ownership_touched_once")]

    def __str__(self) -> str:
        return f"{self.asset_id} in announcement {self.announcement_id}"
