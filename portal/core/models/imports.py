"""Where files come from, what each run of a file found, and what it did not understand (spec import_formats 1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ImportSource(models.Model):
    """One place that describes a part of the register; an import closes only what came from its own source."""

    importer = models.CharField(max_length=40)
    name = models.CharField(max_length=320, unique=True)
    scope = models.CharField(max_length=300, blank=True)
    precedence = models.SmallIntegerField(default=0)
    cadence_hours = models.IntegerField(null=True, blank=True)
    options = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["importer", "scope"], name="core_importsource_scope")]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file: parsed, planned, and applied when somebody says so."""

    class State(models.TextChoices):
        PARSING = "parsing"
        PLANNED = "planned"
        APPLYING = "applying"
        APPLIED = "applied"
        FAILED = "failed"
        DISCARDED = "discarded"
        EXPIRED = "expired"

    source = models.ForeignKey(ImportSource, models.PROTECT, null=True, related_name="runs")
    importer = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State)
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.BigIntegerField(default=0)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    base_run = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state="applying"), name="core_importrun_one_applying"
            )
        ]
        indexes = [models.Index(fields=["source", "state", "-id"], name="core_importrun_source")]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportIssue(models.Model):
    """One thing the reader could not take, or took with a doubt; `pointer` says where."""

    class Level(models.TextChoices):
        FATAL = "fatal"
        ERROR = "error"
        WARNING = "warning"
        INFO = "info"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="issues")
    level = models.CharField(max_length=8, choices=Level)
    code = models.CharField(max_length=60)
    message = models.CharField(max_length=500)
    line = models.IntegerField(null=True)
    column = models.IntegerField(null=True)
    pointer = models.CharField(max_length=1200, blank=True)
    record = models.CharField(max_length=1000, blank=True)
    sample = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="core_importissue_run")]

    def __str__(self) -> str:
        return f"{self.level} {self.code}"
