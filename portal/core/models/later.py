"""What a person wants to see again on another day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

MOST_TIMES = 2


class Later(models.Model):
    """A row of "Needs you" that comes back at `until_at`; a newer fact behind the same row is another row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=32)
    until_at = models.DateTimeField(null=True)
    times = models.PositiveSmallIntegerField(default=0)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="core_later_one"),
            models.CheckConstraint(condition=Q(times__lte=MOST_TIMES), name="core_later_times"),
        ]

    def __str__(self) -> str:
        return "something for later"
