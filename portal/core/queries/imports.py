"""Runs of imports and what they did not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.models import ImportIssue, ImportRun, ImportSource

if TYPE_CHECKING:
    from django.db.models import QuerySet


def import_runs() -> QuerySet[ImportRun]:
    """Every run, newest first."""
    return ImportRun.objects.select_related("source", "actor").order_by("-pk")


def issues_of(run: ImportRun) -> QuerySet[ImportIssue]:
    """The kept issues of a run, in the order of the file."""
    return ImportIssue.objects.filter(run=run).order_by("pk")


def fatal_issue(run: ImportRun) -> ImportIssue | None:
    """Why nothing could be planned, if so."""
    return ImportIssue.objects.filter(run=run, level=ImportIssue.Level.FATAL).first()


def import_sources() -> QuerySet[ImportSource]:
    """Every source, by name."""
    return ImportSource.objects.order_by("name")
