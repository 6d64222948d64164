"""What a person has carried, in thousandths of a point, and the days they get back (spec oncall 4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from oncall.domain.words import DutyRole, LedgerKind
from oncall.models.rotas import PERSON, Rota
from portal.core.models.append_only import append_only

COUNTED_ONCE = [LedgerKind.SHIFT, LedgerKind.NIGHT_PAGE, LedgerKind.WOKEN]


class DutyLedgerEntry(models.Model):
    """Points of one person on one local day of theirs; append-only. `source` names what earned them."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="ledger")
    role = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="duty_points")
    local_date = models.DateField()
    kind = models.CharField(max_length=10)
    milli_points = models.IntegerField()
    weight_tenths = models.PositiveSmallIntegerField(default=10)
    source = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "duty ledger entries"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *DutyRole]), name="oncall_dutyledger_role"),
            models.CheckConstraint(condition=Q(kind__in=list(LedgerKind)), name="oncall_dutyledger_kind"),
            models.UniqueConstraint(
                fields=["source", "person", "local_date", "kind"],
                condition=Q(kind__in=COUNTED_ONCE),
                name="oncall_dutyledger_once",
            ),
        ]
        indexes = [models.Index(fields=["rota", "local_date"], name="oncall_dutyledger_day")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.person} {self.local_date} {self.milli_points}"


class CompDay(models.Model):
    """A day off earned by serving one's own public holiday; due within 90 days, shown until taken."""

    person = models.ForeignKey(PERSON, models.PROTECT, related_name="comp_days")
    rota = models.ForeignKey(Rota, models.PROTECT, related_name="comp_days")
    earned_on = models.DateField()
    due_by = models.DateField()
    taken_on = models.DateField(null=True)
    state = models.CharField(max_length=6, default="open")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "earned_on", "rota"], name="oncall_compday_once"),
            models.CheckConstraint(
                condition=Q(state="open", taken_on=None) | Q(state="taken", taken_on__isnull=False),
                name="oncall_compday_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.earned_on}"
