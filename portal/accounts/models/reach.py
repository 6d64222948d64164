"""How people and shared endpoints are reached, and what people follow."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.core.secrets import EncryptedText

SEVERITIES = ["page", "warn", "info", "digest"]


class ContactMethod(models.Model):
    """One address of a person on one channel; a changed address is a new row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contact_methods")
    channel = models.CharField(max_length=20)
    label = models.CharField(max_length=60, blank=True)
    address = EncryptedText()
    address_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="unverified")
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "channel", "address_hash"], name="accounts_contactmethod_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["unverified", "verified", "disabled"]),
                name="accounts_contactmethod_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.person}"


class NotificationRule(models.Model):
    """When a severity arrives: which method, after how long, how often again (spec engine 9)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_rules")
    severity = models.CharField(max_length=6)
    contact_method = models.ForeignKey(ContactMethod, models.CASCADE, related_name="rules")
    delay_seconds = models.PositiveIntegerField(default=0)
    repeat_every_seconds = models.PositiveIntegerField(null=True)
    repeat_max = models.PositiveSmallIntegerField(default=0)
    window = models.CharField(max_length=13, default="always")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(severity__in=SEVERITIES), name="accounts_rule_severity"),
            models.CheckConstraint(condition=models.Q(delay_seconds__lte=3600), name="accounts_rule_delay"),
            models.CheckConstraint(
                condition=models.Q(repeat_every_seconds__isnull=True, repeat_max=0)
                | models.Q(repeat_every_seconds__gte=60, repeat_every_seconds__lte=3600, repeat_max__lte=10),
                name="accounts_rule_repeat",
            ),
            models.CheckConstraint(
                condition=models.Q(window="always")
                | (models.Q(window__in=["working_hours", "outside_hours"]) & ~models.Q(severity="page")),
                name="accounts_rule_window",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.severity} by {self.contact_method}"


class Endpoint(models.Model):
    """A shared address of a team: a signed webhook, a chat channel or a mailbox."""

    slug = models.SlugField(max_length=60, unique=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="endpoints")
    kind = models.CharField(max_length=10)
    address = EncryptedText()
    secrets = EncryptedText(blank=True)
    topics = ArrayField(models.CharField(max_length=80), default=list)
    is_active = models.BooleanField(default=True)
    first_failed_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["webhook", "slack", "mail"]), name="accounts_endpoint_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="webhook") | models.Q(topics=[]), name="accounts_endpoint_topics"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class FallbackRecipient(models.Model):
    """Whom a notice reaches when nobody else can be found, in order."""

    position = models.PositiveSmallIntegerField(unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(endpoint__isnull=True),
                name="accounts_fallback_exactly_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.person or self.endpoint}"


class Follow(models.Model):
    """A person wants to hear of changes of an object they may see."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "subject_type", "subject_id"], name="accounts_follow_once")
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="accounts_follow_subject")]

    def __str__(self) -> str:
        return f"{self.person} follows {self.subject_type} {self.subject_id}"
