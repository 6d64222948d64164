"""Addresses at which a calendar program reads shifts."""

from __future__ import annotations

from django.db import models

from oncall.models.rotas import PERSON


class CalendarFeed(models.Model):
    """One address of one person; `subject` is the slug of a rota or a team. Only the hash of its secret is kept."""

    person = models.ForeignKey(PERSON, models.PROTECT, related_name="calendar_feeds")
    kind = models.CharField(max_length=4)
    subject = models.CharField(max_length=60, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["me", "rota", "team"]), name="oncall_calendarfeed_kind")
        ]

    def __str__(self) -> str:
        return f"calendar of {self.person}"
