"""What a person typed and has not sent, and the lists they look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """One unsent form a person and kind, saved every few seconds."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    body = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="core_draft_one")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class SavedView(models.Model):
    """A named URL: the query string of a list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=60)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "page", "slug"], name="core_savedview_slug")]

    def __str__(self) -> str:
        return self.name
