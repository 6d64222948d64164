"""What suggestions did and what they learn from it: events and coefficients (spec faq 6, 7)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_queue.models.answers import FaqAnswer, FaqEntry

PERSON = settings.AUTH_USER_MODEL
EVENTS = (
    "shown", "opened", "solved", "not_quite", "submitted_anyway", "joined", "abandoned", "recontacted", "implicit",
    "helped", "not_helped",
)  # fmt: skip


class SuggestionModel(models.Model):
    """Coefficients of the bands, one set active; what was tried and not kept stays as a row too."""

    n = models.PositiveIntegerField(unique=True)
    coefficients = models.JSONField()
    embedder = models.CharField(max_length=40, blank=True, default="")
    labels = models.PositiveIntegerField(default=0)
    precision_cv = models.FloatField(null=True)
    is_active = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="requests_suggestionmodel_active"
            )
        ]

    def __str__(self) -> str:
        return f"suggestions {self.n}"


class FaqEvent(models.Model):
    """One step of one ask. The person is forgotten after 90 days; nothing else changes but the entry of a merge."""

    ask = models.UUIDField()
    kind = models.CharField(max_length=16)
    person = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    query = models.CharField(max_length=2000, blank=True)
    asset = models.ForeignKey("ownership.Asset", models.PROTECT, null=True, related_name="+")
    entry = models.ForeignKey(FaqEntry, models.PROTECT, null=True, related_name="events")
    answer = models.ForeignKey(FaqAnswer, models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey("requests_queue.DataRequest", models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(null=True)
    p = models.FloatField(null=True)
    band = models.CharField(max_length=6, blank=True)
    features = models.JSONField(default=list)
    model = models.ForeignKey(SuggestionModel, models.PROTECT, null=True, related_name="+")
    is_stale = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["ask", "id"], name="faq_event_ask"),
            models.Index(fields=["kind", "at"], name="faq_event_kind"),
            models.Index(fields=["person", "at"], condition=Q(person__isnull=False), name="faq_event_person"),
        ]
        constraints = [models.CheckConstraint(condition=Q(kind__in=EVENTS), name="faq_event_kinds")]
        triggers = [
            pgtrigger.ReadOnly(name="history_stays", exclude=["person", "entry"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ask}"
