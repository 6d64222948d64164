"""What to do when it breaks, by kind of failure, and whether it worked (spec oncall 9)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only

PERSON = settings.AUTH_USER_MODEL


class Runbook(models.Model):
    """Of one asset, or of a team for all its assets that have none."""

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    asset = models.ForeignKey("ownership.Asset", models.PROTECT, null=True, related_name="runbooks")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="runbooks")
    flagged_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asset__isnull=False, team=None) | Q(asset=None, team__isnull=False),
                name="oncall_runbook_one_owner",
            ),
            models.UniqueConstraint(fields=["asset"], condition=Q(archived_at=None), name="oncall_runbook_of_asset"),
            models.UniqueConstraint(fields=["team"], condition=Q(archived_at=None), name="oncall_runbook_of_team"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/runbooks/{self.slug}"


class RunbookVersion(models.Model):
    """`issues` are those of `domain.runbooks.Issue`. Published versions never change."""

    runbook = models.ForeignKey(Runbook, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, default="draft")
    issues = models.JSONField(default=list)
    written_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["runbook", "number"], name="oncall_runbookversion_number"),
            models.UniqueConstraint(
                fields=["runbook"], condition=Q(state="draft"), name="oncall_runbookversion_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | Q(state="published", published_at__isnull=False),
                name="oncall_runbookversion_state",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="immutable", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="published")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.runbook} v{self.number}"


class RunbookUse(models.Model):
    """A step that was tried in an incident, or in a rehearsal (`incident` null). Append-only."""

    version = models.ForeignKey(RunbookVersion, models.PROTECT, related_name="uses")
    incident = models.ForeignKey("oncall.Incident", models.PROTECT, null=True, related_name="runbook_uses")
    issue = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8)
    used_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["worked", "did_not", "skipped"]), name="oncall_runbookuse_outcome"
            )
        ]
        indexes = [models.Index(fields=["version", "issue", "step", "-at"], name="oncall_runbookuse_step")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.version_id}.{self.issue}.{self.step} {self.outcome}"
