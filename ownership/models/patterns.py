"""Patterns as dated data: who is expected for what, cell by cell, domain by domain (spec ownership 3, 6)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from ownership.domain.patterns import CROSSING, DIRECTIONS, DISCIPLINES, HIGHEST_BASE, NONE, VERDICTS
from ownership.models.assets import Domain


class Pattern(models.Model):
    """A way to share the work between disciplines."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=500, blank=True, default="")
    is_built_in = models.BooleanField(default=False)
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PatternRow(models.Model):
    """The disciplines expected and allowed for one kind."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="rows")
    kind = models.SmallIntegerField()
    expected = ArrayField(models.CharField(max_length=2))
    allowed = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pattern", "kind"], name="ownership_patternrow_kind")]

    def __str__(self) -> str:
        return f"{self.pattern}: {self.kind}"


class CrossingRule(models.Model):
    """One cell: what it means that this discipline owns this kind."""

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="rules")
    discipline = models.CharField(max_length=2)
    kind = models.SmallIntegerField()
    verdict = models.CharField(max_length=10)
    direction = models.CharField(max_length=4, default=NONE)
    base = models.SmallIntegerField(default=0)
    label = models.CharField(max_length=200, blank=True, default="")
    remedy = models.CharField(max_length=300, blank=True, default="")
    is_edited = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pattern", "discipline", "kind"], name="ownership_crossingrule_cell"),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="ownership_crossingrule_verdict"),
            models.CheckConstraint(condition=Q(direction__in=DIRECTIONS), name="ownership_crossingrule_direction"),
            models.CheckConstraint(condition=Q(discipline__in=DISCIPLINES), name="ownership_crossingrule_discipline"),
            models.CheckConstraint(
                condition=Q(verdict=CROSSING, base__gte=1, base__lte=HIGHEST_BASE)
                | (~Q(verdict=CROSSING) & Q(base=0, direction=NONE)),
                name="ownership_crossingrule_base",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern}: {self.discipline} on {self.kind}"


class DomainPattern(models.Model):
    """The pattern of a domain over time; one at a time. Without one the parent's counts, then `classic`."""

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="patterns")
    pattern = models.ForeignKey(Pattern, models.PROTECT, related_name="+")
    valid = DateTimeRangeField()
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__startswith__isnull=False), name="ownership_domainpattern_valid"
            ),
            ExclusionConstraint(
                name="ownership_domainpattern_one",
                expressions=[("domain", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} in {self.domain}"
