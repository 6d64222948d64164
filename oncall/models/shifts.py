"""What was planned, what was served, and what one shift tells the next (spec oncall 2; decisions, "future shifts")."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from oncall.domain.words import BlockKind, DutyRole, Source
from oncall.models.rotas import PERSON, Rota, RotaVersion
from portal.core.models.append_only import append_only

OVERLAPS, EQUAL = RangeOperators.OVERLAPS, RangeOperators.EQUAL
SLOT = [("rota", EQUAL), ("role", EQUAL), ("slot", EQUAL), ("during", OVERLAPS)]
HALF_OPEN = Q(during__isempty=False, during__lower_inc=True, during__upper_inc=False)


class PlannedShift(models.Model):
    """One block of one slot as the planner wrote it; nobody (`person` null) is a gap, kept as a row."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="planned_shifts")
    version = models.ForeignKey(RotaVersion, models.PROTECT, related_name="planned_shifts")
    role = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="planned_shifts")
    during = DateTimeRangeField()
    block_kind = models.CharField(max_length=8)
    planner = models.CharField(max_length=10)
    # Who comes next when the holder cannot, best first, as the plan stood.
    order = ArrayField(models.BigIntegerField(), default=list)
    why = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=list(DutyRole)), name="oncall_plannedshift_role"),
            models.CheckConstraint(condition=Q(block_kind__in=list(BlockKind)), name="oncall_plannedshift_kind"),
            models.CheckConstraint(condition=HALF_OPEN, name="oncall_plannedshift_during"),
            ExclusionConstraint(name="oncall_plannedshift_one_holder", expressions=SLOT),
            ExclusionConstraint(
                name="oncall_plannedshift_one_role",
                expressions=[("rota", EQUAL), ("person", EQUAL), ("during", OVERLAPS)],
                condition=Q(person__isnull=False),
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="oncall_plannedshift_during_ix"),
            models.Index(fields=["person"], name="oncall_plannedshift_person"),
        ]

    def __str__(self) -> str:
        return f"{self.rota} {self.role} {self.during.lower:%Y-%m-%d %H:%M}"


class EffectiveShift(models.Model):
    """Who really served a stretch of a slot; written when it is over and never changed."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="served_shifts")
    role = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="served_shifts")
    during = DateTimeRangeField()
    source = models.CharField(max_length=8)
    reason_code = models.CharField(max_length=20, blank=True)
    provisional = models.BooleanField(default=False)
    block_kind = models.CharField(max_length=8, default=BlockKind.WEEK)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=list(DutyRole)), name="oncall_effectiveshift_role"),
            models.CheckConstraint(condition=Q(source__in=list(Source)), name="oncall_effectiveshift_source"),
            models.CheckConstraint(condition=HALF_OPEN, name="oncall_effectiveshift_during"),
            models.CheckConstraint(
                condition=Q(person__isnull=True, source=Source.GAP) | Q(person__isnull=False) & ~Q(source=Source.GAP),
                name="oncall_effectiveshift_gap",
            ),
            ExclusionConstraint(name="oncall_effectiveshift_one_holder", expressions=SLOT),
            ExclusionConstraint(
                name="oncall_effectiveshift_one_role",
                expressions=[("rota", EQUAL), ("person", EQUAL), ("during", OVERLAPS)],
                condition=Q(person__isnull=False),
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="oncall_effectiveshift_during_x"),
            models.Index(fields=["person"], name="oncall_effectiveshift_person"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.rota} {self.role} {self.during.lower:%Y-%m-%d %H:%M}"


class ShiftNote(models.Model):
    """What the one who hands over tells the one who takes over; first on the page for 24 hours."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="notes")
    at = models.DateTimeField()
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    text = models.TextField(max_length=5000)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="oncall_shiftnote_text")]
        indexes = [models.Index(fields=["rota", "-at"], name="oncall_shiftnote_newest")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"note on {self.rota}"
