"""Crossings with their age and state, what was agreed about them, and which assets must be looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from ownership.domain.crossing_states import CROSSING_STATES, OUTCOME_WORDS, OUTCOMES
from ownership.domain.scores import LEVEL_ORDER
from ownership.models.assets import Asset, Domain
from ownership.models.handoffs import Handoff
from ownership.models.owning import ONE_PARTY
from ownership.models.patterns import CrossingRule
from portal.core.models.append_only import append_only

if TYPE_CHECKING:
    from datetime import datetime


class BoundaryCheck(models.Model):
    """An asset whose crossings and gaps are worked out again at `due_at`: now after a change, or when time decides."""

    asset = models.OneToOneField(Asset, models.CASCADE, primary_key=True, related_name="+")
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"check of {self.asset_id}"


class Crossing(models.Model):
    """One party under one rule on one asset, from when to when; written by the refresh, its state by people."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="crossings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    party_key = models.GeneratedField(
        expression=Coalesce(F("person_id"), F("team_id") * -1), output_field=models.BigIntegerField(), db_persist=True
    )
    rule = models.ForeignKey(CrossingRule, models.PROTECT, related_name="+")
    valid = DateTimeRangeField()
    seen_from = models.DateTimeField()
    level = models.CharField(max_length=8)
    score = models.DecimalField(max_digits=6, decimal_places=2)
    weight = models.CharField(max_length=80)
    is_owned = models.BooleanField()
    is_done = models.BooleanField()
    last_evidence_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default="open")
    accepted_until = models.DateField(null=True, blank=True)
    accepted_reason = models.CharField(max_length=500, blank=True, default="")
    agreed_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    handoff = models.ForeignKey(Handoff, models.PROTECT, null=True, blank=True, related_name="crossings")
    reopened = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "party_key", "rule"],
                condition=Q(valid__upper_inf=True),
                name="ownership_crossing_open",
            ),
            models.CheckConstraint(condition=ONE_PARTY, name="ownership_crossing_one_party"),
            models.CheckConstraint(condition=Q(state__in=CROSSING_STATES), name="ownership_crossing_state"),
            models.CheckConstraint(condition=Q(level__in=LEVEL_ORDER), name="ownership_crossing_level"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_until__isnull=False), name="ownership_crossing_accepted"
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=True) | Q(valid__startswith__isnull=False), name="ownership_crossing_begins"
            ),
        ]
        indexes = [
            GistIndex(fields=["valid"], name="ownership_crossing_valid"),
            models.Index(fields=["asset"], condition=Q(valid__upper_inf=True), name="ownership_crossing_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.asset}"

    @property
    def opened_at(self) -> datetime:
        """Since when it has lasted; an acceptance that ended does not make it younger."""
        opened = self.valid.lower
        if opened is None:
            message = "a crossing that never was has no age"
            raise ValueError(message)
        return opened


class CrossingStep(models.Model):
    """A change of state or level, so that the board of any past day can be shown again."""

    crossing = models.ForeignKey(Crossing, models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    state = models.CharField(max_length=10)
    level = models.CharField(max_length=8)
    score = models.DecimalField(max_digits=6, decimal_places=2)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        triggers = [append_only()]
        indexes = [models.Index(fields=["crossing", "at"], name="ownership_crossingstep_at")]

    def __str__(self) -> str:
        return f"{self.crossing_id}: {self.state}"


class Talk(models.Model):
    """The leads of two teams speak about what crosses between them; what came of it, and when they speak again."""

    doing_team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    expected_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    domain = models.ForeignKey(Domain, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=1000, blank=True, default="")
    attendees = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    outcome = models.CharField(max_length=10, blank=True, default="")
    outcome_note = models.CharField(max_length=1000, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *OUTCOMES]), name="ownership_talk_outcome"),
            models.CheckConstraint(
                condition=Q(outcome="", held_at=None) | (~Q(outcome="") & Q(held_at__isnull=False)),
                name="ownership_talk_held",
            ),
            models.CheckConstraint(condition=~Q(doing_team=F("expected_team")), name="ownership_talk_two_teams"),
        ]
        indexes = [models.Index(fields=["doing_team", "expected_team"], name="ownership_talk_pair")]

    def __str__(self) -> str:
        return f"talk of {self.doing_team} and {self.expected_team or 'nobody named'}"

    def get_outcome_words(self) -> str:
        """What came of it, as people say it."""
        return OUTCOME_WORDS.get(self.outcome, "")
