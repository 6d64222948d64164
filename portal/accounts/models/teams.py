"""Teams, who is in them on which day, and what they may do there."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models.functions import Coalesce

from portal.accounts.domain.vocabulary import Discipline, GrantName, Role
from portal.core.models.row_changes import watched


class Team(models.Model):
    """A group with a calendar; what a room needs of it stands in the room's own table."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    discipline = models.CharField(max_length=2, blank=True)
    model = models.CharField(max_length=12, default="centralized")
    host_team = models.ForeignKey("self", models.PROTECT, null=True, related_name="hosted_teams")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    zone = models.CharField(max_length=64, default="UTC")
    calendar = models.ForeignKey("core.BusinessCalendar", models.PROTECT, related_name="+")
    is_system = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(discipline__in=list(Discipline)), name="accounts_team_discipline"
            ),
            models.CheckConstraint(
                condition=models.Q(model__in=["centralized", "embedded"]), name="accounts_team_model"
            ),
            models.CheckConstraint(
                condition=models.Q(host_team__isnull=True)
                | (models.Q(model="embedded") & ~models.Q(host_team=models.F("id"))),
                name="accounts_team_host",
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")), name="accounts_team_parent"
            ),
        ]
        triggers = watched()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team over some days, with a discipline; one of them at a time is the main one."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    during = DateRangeField()
    discipline = models.CharField(max_length=2, blank=True)
    role = models.CharField(max_length=6, default=Role.MEMBER)
    fte_percent = models.PositiveSmallIntegerField(default=100)
    is_main = models.BooleanField(default=True)
    source = models.CharField(max_length=10, default="hand")
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="accounts_membership_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="accounts_membership_one_main",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(is_main=True),
            ),
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="accounts_membership_role"),
            models.CheckConstraint(
                condition=models.Q(discipline__in=list(Discipline)), name="accounts_membership_discipline"
            ),
            models.CheckConstraint(
                condition=models.Q(fte_percent__gte=1, fte_percent__lte=100), name="accounts_membership_fte"
            ),
            models.CheckConstraint(condition=models.Q(during__isempty=False), name="accounts_membership_days"),
        ]
        indexes = [GistIndex(fields=["during"], name="accounts_membership_during")]
        triggers = watched()

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"

    @property
    def first_on(self) -> date:
        """The first day of the place; a membership always has one."""
        first = self.during.lower
        if first is None:
            message = "a membership has a first day"
            raise ValueError(message)
        return first

    def holds_on(self, day: date) -> bool:
        return self.first_on <= day and (self.during.upper is None or day < self.during.upper)

    @property
    def first_possible_end(self) -> date:
        """A place has at least one day."""
        return self.first_on + timedelta(days=1)


class Grant(models.Model):
    """A right beside the roles: one person, one team (null: all teams), some days."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="grants")
    name = models.CharField(max_length=20)
    during = DateRangeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(name__in=list(GrantName)), name="accounts_grant_name"),
            models.CheckConstraint(
                condition=models.Q(team__isnull=False) | models.Q(name=GrantName.EXEMPT), name="accounts_grant_reach"
            ),
            ExclusionConstraint(
                name="accounts_grant_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (Coalesce("team", 0, output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(revoked_at__isnull=True),
            ),
        ]
        triggers = watched()

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"


class Deputy(models.Model):
    """Who acts for a person for a while: approvals and grants, never flags, compartments or signatures."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputy_for")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=300, blank=True)
    absence = models.ForeignKey("accounts.Absence", models.PROTECT, null=True, related_name="deputies")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deputies"
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("deputy")), name="accounts_deputy_other"),
            ExclusionConstraint(
                name="accounts_deputy_one",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.person}"
