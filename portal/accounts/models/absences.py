"""When a person is away."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from portal.accounts.domain.vocabulary import AbsenceKind
from portal.core.secrets import EncryptedText


class Absence(models.Model):
    """A stretch of not working; kind and note are for the person and their leads alone."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences")
    during = DateTimeRangeField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    kind = models.CharField(max_length=10, default=AbsenceKind.AWAY)
    source = models.CharField(max_length=10, default="hand")
    external_id = models.CharField(max_length=300, null=True)  # noqa: DJ001 (null keeps hand rows out of the unique key)
    note = EncryptedText(blank=True)
    briefing = models.TextField(max_length=2000, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "source", "external_id"], name="accounts_absence_external"),
            models.CheckConstraint(condition=models.Q(kind__in=list(AbsenceKind)), name="accounts_absence_kind"),
            models.CheckConstraint(condition=models.Q(during__isempty=False), name="accounts_absence_during"),
            models.CheckConstraint(
                condition=models.Q(first_on__isnull=True, last_on__isnull=True)
                | models.Q(first_on__isnull=False, last_on__isnull=False),
                name="accounts_absence_dates",
            ),
            ExclusionConstraint(
                name="accounts_absence_once",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(source="hand", cancelled_at__isnull=True),
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="accounts_absence_live", condition=models.Q(cancelled_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.person} away"


class AbsenceFeed(models.Model):
    """A calendar of another system that holds somebody's absences; its address is a secret and never shown again."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="absence_feed")
    url = EncryptedText()
    etag = models.CharField(max_length=200, blank=True)
    connected_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"calendar of {self.person}"
