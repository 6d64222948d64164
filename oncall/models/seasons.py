"""Special periods with their draft, and the holidays nobody wants twice (spec oncall 3)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from oncall.domain.words import DraftState
from oncall.models.rotas import PERSON, TEAM, Rota


class SpecialPeriod(models.Model):
    """Days in which another rotation replaces the usual one, such as the year's end."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="special_periods")
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    during = DateTimeRangeField()
    rotation = models.JSONField()
    slots_override = models.JSONField(default=dict)
    draft_state = models.CharField(max_length=10, default=DraftState.NONE)
    rounds = models.PositiveSmallIntegerField(default=2)
    volunteer_from = models.DateTimeField(null=True)
    draft_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(draft_state__in=list(DraftState)), name="oncall_specialperiod_state"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="oncall_specialperiod_during"),
            ExclusionConstraint(
                name="oncall_specialperiod_one",
                expressions=[("rota", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MajorHoliday(models.Model):
    """Dates that one person should not hold two years running; `last_held_by` is what the year before says."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="major_holidays")
    name = models.CharField(max_length=80)
    dates = DateRangeField()
    last_held_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name", "dates"], name="oncall_majorholiday_once"),
            models.CheckConstraint(condition=Q(dates__isempty=False), name="oncall_majorholiday_dates"),
        ]

    def __str__(self) -> str:
        return self.name


class DraftPick(models.Model):
    """One person's word on one block of a special period: serves it gladly, or asks to be free of it.

    `rank` is the person's own order; `round` is the round in which a protection was granted, null while it was not.
    """

    period = models.ForeignKey(SpecialPeriod, models.CASCADE, related_name="picks")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    block_start = models.DateTimeField()
    kind = models.CharField(max_length=10)
    rank = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "person", "block_start"], name="oncall_draftpick_once"),
            models.CheckConstraint(condition=Q(kind__in=["volunteer", "protect"]), name="oncall_draftpick_kind"),
            models.UniqueConstraint(
                fields=["period", "block_start"], condition=Q(kind="volunteer"), name="oncall_draftpick_one_volunteer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind} {self.block_start:%d %b}"
