"""Rotas, their versioned rules and members, and what a team says about its duty (spec oncall 2)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from oncall.domain.words import DutyRole, QuestionsDuty, RotaKind

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
# A version ends when the next begins: its end may come nearer, and nothing else of it ever changes.
NOT_AN_END = """
    lower(OLD.valid) IS DISTINCT FROM lower(NEW.valid) AND NOT isempty(NEW.valid)
    OR NOT isempty(NEW.valid) AND NOT (OLD.valid @> NEW.valid)
"""


class TeamDuty(models.Model):
    """What a team settles about its duty, one row a team; a team without a row has the defaults below."""

    team = models.OneToOneField(TEAM, models.PROTECT, related_name="duty")
    questions_duty = models.CharField(max_length=8, default=QuestionsDuty.SAME)
    notice_days = models.PositiveSmallIntegerField(default=14)
    digest_at = models.TimeField(default="10:00")
    guardrails = models.JSONField(default=dict)
    default_night_class = models.CharField(max_length=20, default="wait_until")
    default_until = models.TimeField(default="07:00")
    unblock_hours = models.PositiveSmallIntegerField(default=4)
    fix_days = models.PositiveSmallIntegerField(default=10)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "team duties"
        constraints = [
            models.CheckConstraint(
                condition=Q(questions_duty__in=list(QuestionsDuty)), name="oncall_teamduty_questions"
            ),
            models.CheckConstraint(condition=Q(notice_days__lte=90), name="oncall_teamduty_notice"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"duty of {self.team}"


class Rota(models.Model):
    """A named duty of one team; what it asks stands in its versions."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="rotas")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, default=RotaKind.PIPELINE)
    zone = models.CharField(max_length=64, default="UTC")
    exclusive_with = models.ManyToManyField("self", symmetrical=True)
    borrowed_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="lends_to")
    source = models.CharField(max_length=20, default="hand")
    external_id = models.CharField(max_length=200, null=True)  # noqa: DJ001 (null keeps own rotas out of the key)
    is_archived = models.BooleanField(default=False)
    # Everything before is in rows of what was served; everything after is worked out.
    served_until = models.DateTimeField(null=True)
    # Up to here the ledger has its points.
    posted_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(RotaKind)), name="oncall_rota_kind"),
            models.CheckConstraint(
                condition=Q(borrowed_from=None) | ~Q(borrowed_from=F("id")), name="oncall_rota_lender"
            ),
            models.UniqueConstraint(fields=["source", "external_id"], name="oncall_rota_external"),
        ]

    def __str__(self) -> str:
        return self.name


class RotaVersion(models.Model):
    """The rules of a rota from an instant on; immutable, only its end may be set nearer."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    valid = DateTimeRangeField()
    roles = models.JSONField()
    rotation = models.JSONField()
    coverage = models.JSONField(default=dict)
    fairness = models.JSONField(default=dict)
    cascade = models.JSONField(default=list)
    tzdata_version = models.CharField(max_length=20, blank=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rota", "number"], name="oncall_rotaversion_number"),
            ExclusionConstraint(
                name="oncall_rotaversion_one",
                expressions=[("rota", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="immutable", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=["valid"])
            ),
            pgtrigger.Protect(name="only_ends", operation=pgtrigger.Update, condition=pgtrigger.Condition(NOT_AN_END)),
        ]

    def __str__(self) -> str:
        return f"{self.rota} v{self.number}"


class RotaMember(models.Model):
    """Somebody who serves under a version, in one role or in all (`role` empty), over some days."""

    version = models.ForeignKey(RotaVersion, models.PROTECT, related_name="members")
    role = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="rota_places")
    weight = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    active = DateRangeField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *DutyRole]), name="oncall_rotamember_role"),
            models.CheckConstraint(
                condition=Q(weight__gte="0.10", weight__lte="1.00"), name="oncall_rotamember_weight"
            ),
            models.CheckConstraint(condition=Q(active__isempty=False), name="oncall_rotamember_days"),
            ExclusionConstraint(
                name="oncall_rotamember_once",
                expressions=[
                    ("version", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("active", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.version}"


class AssetDuty(models.Model):
    """What one asset asks of on-call: another rota than its team's, and whether investors read it."""

    asset = models.OneToOneField("ownership.Asset", models.PROTECT, related_name="duty")
    rota = models.ForeignKey(Rota, models.PROTECT, null=True, related_name="routed_assets")
    is_investor_facing = models.BooleanField(default=False)
    set_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "asset duties"

    def __str__(self) -> str:
        return f"duty of {self.asset}"
