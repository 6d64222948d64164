"""What is laid over the plan: overrides, takes, covers, swaps, and asking for them (spec oncall 5)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from oncall.domain.words import ChangeKind, ChangeState, DutyRole
from oncall.models.rotas import PERSON, Rota
from oncall.models.shifts import EQUAL, HALF_OPEN, OVERLAPS, SLOT


class ShiftChange(models.Model):
    """A fact over the plan: this slot is held by another person in this stretch. Swaps share a `group`."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="changes")
    role = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10)
    from_person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    to_person = models.ForeignKey(PERSON, models.PROTECT, related_name="shift_changes")
    during = DateTimeRangeField()
    state = models.CharField(max_length=10, default=ChangeState.PROPOSED)
    group = models.UUIDField(default=uuid.uuid4, db_index=True)
    reason = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    consented_by = models.JSONField(default=list)
    # What the shifts looked like when it was offered: a swap whose shift moved since is void.
    seen = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    # The change this one cut or replaced, and the one that replaced it: a chain is undone from its end only.
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=list(DutyRole)), name="oncall_shiftchange_role"),
            models.CheckConstraint(condition=Q(kind__in=list(ChangeKind)), name="oncall_shiftchange_kind"),
            models.CheckConstraint(condition=Q(state__in=list(ChangeState)), name="oncall_shiftchange_state"),
            models.CheckConstraint(condition=HALF_OPEN, name="oncall_shiftchange_during"),
            ExclusionConstraint(
                name="oncall_shiftchange_one_holder", expressions=SLOT, condition=Q(state=ChangeState.ACTIVE)
            ),
            ExclusionConstraint(
                name="oncall_shiftchange_one_role",
                expressions=[("rota", EQUAL), ("to_person", EQUAL), ("during", OVERLAPS)],
                condition=Q(state=ChangeState.ACTIVE),
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="oncall_shiftchange_live", condition=Q(state=ChangeState.ACTIVE)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.rota} {self.during.lower:%Y-%m-%d}"


class CoverRequest(models.Model):
    """Somebody is needed for a stretch of a slot; first one person is asked, then all."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="cover_requests")
    role = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField(default=0)
    during = DateTimeRangeField()
    from_person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    candidate = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="cover_requests")
    candidate_line = models.CharField(max_length=200, blank=True)
    reason_kind = models.CharField(max_length=8)
    absence = models.ForeignKey("accounts.Absence", models.PROTECT, null=True, related_name="cover_requests")
    ask = models.CharField(max_length=6, default="chosen")
    state = models.CharField(max_length=10, default="open")
    taken_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=HALF_OPEN, name="oncall_coverrequest_during"),
            models.CheckConstraint(
                condition=Q(reason_kind__in=["absence", "asked", "lead"]), name="oncall_coverrequest_reason"
            ),
            models.CheckConstraint(condition=Q(ask__in=["chosen", "all"]), name="oncall_coverrequest_ask"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "taken", "expired", "withdrawn"]), name="oncall_coverrequest_state"
            ),
            models.CheckConstraint(
                condition=Q(state="taken", taken_by__isnull=False) | ~Q(state="taken") & Q(taken_by=None),
                name="oncall_coverrequest_taken",
            ),
            ExclusionConstraint(name="oncall_coverrequest_open_once", expressions=SLOT, condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"cover of {self.rota} {self.during.lower:%Y-%m-%d}"
