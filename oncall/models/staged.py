"""Schedules of a file between its plan and its application."""

from __future__ import annotations

from django.db import models


class StagedRota(models.Model):
    """One schedule of a run as plain facts; gone when the run is applied or dropped."""

    run = models.ForeignKey("core.ImportRun", models.CASCADE, related_name="staged_rotas")
    n = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200)
    facts = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "n"], name="oncall_stagedrota_n")]

    def __str__(self) -> str:
        return self.external_id
