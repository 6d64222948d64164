"""Who is accountable, from when to when, and what each source says about it (spec ownership 3, 4)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from ownership.domain.states import LAST_RANK, Duty, Origin, Outcome, State
from ownership.models.assets import Asset
from ownership.models.touching import refusing_the_inactive, touching
from portal.core.models.row_changes import watched

ONE_PARTY = Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False)
HELD = Q(state__in=[State.ACCEPTED.value, State.ENDED.value])
WAITING = Q(state__in=[State.PROPOSED.value, State.DECLINED.value])


class Claim(models.Model):
    """What one source says about an owner; not yet ownership."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="claims")
    source = models.ForeignKey("core.ImportSource", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=300, blank=True)
    raw = models.CharField(max_length=300)
    id_system = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    duty = models.SmallIntegerField()
    rank = models.SmallIntegerField()
    rank_inferred = models.BooleanField(db_default=False)
    basis = models.CharField(max_length=10)
    confidence = models.DecimalField(max_digits=3, decimal_places=2)
    evidence = models.JSONField(default=list)
    # Since when the source says so; the portal took it up at `first_seen`.
    valid_from = models.DateTimeField(null=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=[(word.value, word.value) for word in Outcome])
    # The holder (party key) for whom a person has decided this conflict; another holder asks again.
    kept_for = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "source", "scope", "raw", "duty"],
                condition=Q(closed_at=None),
                name="ownership_claim_open",
            ),
            models.CheckConstraint(
                condition=ONE_PARTY | Q(person=None, team=None), name="ownership_claim_at_most_one_party"
            ),
            models.CheckConstraint(condition=Q(duty__in=[duty.value for duty in Duty]), name="ownership_claim_duty"),
        ]
        indexes = [
            models.Index(fields=["source"], condition=Q(closed_at=None), name="ownership_claim_source"),
            models.Index(fields=["raw"], condition=Q(closed_at=None), name="ownership_claim_raw"),
        ]

    def __str__(self) -> str:
        return f"{self.raw} ({self.outcome})"


class Ownership(models.Model):
    """A party, a duty, a rank and a time. Two holders of one rank at one instant are refused by the database."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="ownerships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    party_key = models.GeneratedField(
        expression=Coalesce(F("person_id"), F("team_id") * -1), output_field=models.BigIntegerField(), db_persist=True
    )
    duty = models.SmallIntegerField()
    rank = models.SmallIntegerField()
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    valid = DateTimeRangeField(null=True, blank=True)  # type: ignore[misc] # None only while nobody has said yes
    origin = models.CharField(max_length=10, choices=[(origin.value, origin.value) for origin in Origin])
    source = models.ForeignKey("core.ImportSource", models.PROTECT, null=True, blank=True, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="+")
    confidence = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    rank_inferred = models.BooleanField(default=False)
    acting = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # When somebody sent what a file only guessed to the party itself.
    asked_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_PARTY, name="ownership_ownership_one_party"),
            models.CheckConstraint(
                condition=Q(duty__in=[duty.value for duty in Duty]), name="ownership_ownership_duty"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=LAST_RANK), name="ownership_ownership_rank"),
            models.CheckConstraint(
                condition=HELD & Q(valid__isnull=False, valid__isempty=False) | WAITING & Q(valid=None),
                name="ownership_ownership_valid",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ENDED.value) | Q(valid__upper_inf=False), name="ownership_ownership_ended"
            ),
            models.UniqueConstraint(
                fields=["asset", "duty", "party_key"],
                condition=Q(state=State.PROPOSED.value),
                name="ownership_ownership_one_proposal",
            ),
            ExclusionConstraint(
                name="ownership_ownership_one_holder",
                expressions=[
                    ("asset", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("rank", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=HELD,
            ),
            ExclusionConstraint(
                name="ownership_ownership_one_rank",
                expressions=[
                    ("asset", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("party_key", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=HELD,
            ),
        ]
        indexes = [
            models.Index(
                fields=["asset", "duty", "rank"],
                condition=Q(valid__upper_inf=True, state=State.ACCEPTED.value),
                name="ownership_ownership_open",
            ),
            models.Index(fields=["party_key"], condition=Q(valid__upper_inf=True), name="ownership_ownership_party"),
        ]
        triggers = [*watched(), *touching(), *refusing_the_inactive()]

    def __str__(self) -> str:
        return f"{self.asset} duty {self.duty} rank {self.rank}"
