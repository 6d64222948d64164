"""An edit of a rota that waits for the people whose shifts it moves soon, and their answers (spec oncall 5)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from oncall.domain.consent import Answer, EditKind, EditState
from oncall.models.changes import ShiftChange
from oncall.models.rotas import PERSON, Rota


class RotaEdit(models.Model):
    """What somebody wants to change: rules or a special period as a draft, or an override as a proposed change.

    `lines` are the stretches that move within the notice period, `diff_sha256` their mark: an edit takes effect only
    while it would still move exactly these.
    """

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="edits")
    kind = models.CharField(max_length=10)
    draft = models.JSONField(default=dict)
    change = models.OneToOneField(ShiftChange, models.PROTECT, null=True, related_name="edit")
    lines = models.JSONField(default=list)
    moved_count = models.PositiveIntegerField()
    diff_sha256 = models.CharField(max_length=64)
    begins_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=EditState.WAITING)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    told_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(EditKind)), name="oncall_rotaedit_kind"),
            models.CheckConstraint(condition=Q(state__in=list(EditState)), name="oncall_rotaedit_state"),
            models.CheckConstraint(
                condition=Q(kind=EditKind.OVERRIDE, change__isnull=False)
                | ~Q(kind=EditKind.OVERRIDE) & Q(change=None) & ~Q(draft={}),
                name="oncall_rotaedit_what",
            ),
            models.CheckConstraint(
                condition=Q(state=EditState.WAITING, closed_at=None)
                | ~Q(state=EditState.WAITING) & Q(closed_at__isnull=False),
                name="oncall_rotaedit_closed",
            ),
            models.CheckConstraint(condition=Q(begins_at__gt=F("asked_at")), name="oncall_rotaedit_begins"),
            models.UniqueConstraint(
                fields=["rota"],
                condition=Q(state=EditState.WAITING) & ~Q(kind=EditKind.OVERRIDE),
                name="oncall_rotaedit_one_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"edit {self.pk} of {self.rota}"


class EditConsent(models.Model):
    """One person's word on an edit: what they were shown, its mark, and what they said. Nobody says it for them."""

    edit = models.ForeignKey(RotaEdit, models.CASCADE, related_name="consents")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="edit_consents")
    lines = models.JSONField()
    diff_sha256 = models.CharField(max_length=64)
    answer = models.CharField(max_length=9, blank=True)
    answered_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edit", "person"], name="oncall_editconsent_once"),
            models.CheckConstraint(condition=Q(answer__in=list(Answer)), name="oncall_editconsent_answer"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="oncall_editconsent_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.edit}"
