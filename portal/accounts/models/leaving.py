"""Somebody is leaving: which rooms have let go, so that a killed process goes on where it was."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Deactivation(models.Model):
    """One farewell of a person; coming back and leaving again makes another."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deactivations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(finished_at=None), name="accounts_deactivation_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} leaves"


class DeactivationStep(models.Model):
    """What one room had to do, and whether it did."""

    deactivation = models.ForeignKey(Deactivation, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=60)
    state = models.CharField(max_length=6, default="todo")
    error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deactivation", "key"], name="accounts_deactivationstep_once"),
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | models.Q(state__in=["todo", "failed"], done_at=None),
                name="accounts_deactivationstep_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"


class TeamProposal(models.Model):
    """Somebody says which team they are in; who leads it decides."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="team_proposals")
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="proposals")
    discipline = models.CharField(max_length=2, blank=True)
    source = models.CharField(max_length=10, default="self")
    state = models.CharField(max_length=9, default="open")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "team"], condition=models.Q(state="open"), name="accounts_teamproposal_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at=None)
                | models.Q(state__in=["accepted", "declined", "withdrawn"], decided_at__isnull=False),
                name="accounts_teamproposal_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.team}"
