"""Settings that people change on a page; the environment holds the others."""

from __future__ import annotations

from django.db import models


class Setting(models.Model):
    """One value; `version` rises with each change."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.key
