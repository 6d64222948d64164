"""Business calendars and their immutable versions (spec sla 2)."""

from __future__ import annotations

from django.db import models

from portal.core.models.append_only import append_only


class BusinessCalendar(models.Model):
    """A name for working hours; teams and people point here, it points at nobody."""

    name = models.CharField(max_length=120, unique=True)
    is_archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Weekly hours and dated exceptions in one zone; never edited, the audit says who published it."""

    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    zone = models.CharField(max_length=64)
    weekly = models.JSONField(default=dict)
    exceptions = models.JSONField(default=dict)
    always_open = models.BooleanField(default=False)
    nominal_day_seconds = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "n"], name="core_calendarversion_n"),
            models.CheckConstraint(
                condition=models.Q(nominal_day_seconds__gte=60) & models.Q(nominal_day_seconds__lte=86_400),
                name="core_calendarversion_nominal_day",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.calendar} v{self.n}"
