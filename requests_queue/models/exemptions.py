"""What stands outside the ordinary way: exempt kinds, urgency tokens, and the letters that push back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only
from requests_queue.models.requests import DataRequest

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
DECISIONS = ("DEFER", "QUEUE", "DECLINE")


class ExemptKind(models.Model):
    """Why work may pass outside tokens and budget; without named confirmers any holder of the grant confirms."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    is_private = models.BooleanField(default=True)
    is_archived = models.BooleanField(default=False)
    confirmers: models.ManyToManyField[Any, Any] = models.ManyToManyField(PERSON, related_name="confirms_exemptions")

    def __str__(self) -> str:
        return self.name


class UrgencyToken(models.Model):
    """One urgent request of an asking team in a quarter; `slot` makes a fourth live one impossible."""

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="+")
    quarter_start = models.DateField()
    slot = models.PositiveSmallIntegerField()
    request = models.OneToOneField(DataRequest, models.PROTECT, related_name="token")
    spent_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "quarter_start", "slot"], condition=Q(returned_at=None), name="requests_token_slot"
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="requests_token_first_slot"),
        ]

    def __str__(self) -> str:
        return f"token {self.slot} of {self.team_id} from {self.quarter_start}"


class DecisionLetter(models.Model):
    """A push-back letter as it was sent, with the numbers of that moment."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="letters")
    decision = models.CharField(max_length=8)
    rule = models.CharField(max_length=12)
    numbers = models.JSONField()
    body = models.TextField()
    author = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(decision__in=DECISIONS), name="requests_letter_decision")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.decision} letter on {self.request_id}"
