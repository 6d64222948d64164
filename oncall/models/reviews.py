"""Rotas that page too often, and what their lead does about it (spec oncall 10, G4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.rotas import Rota

PERSON = settings.AUTH_USER_MODEL
ANSWERS = ("fix_cause", "change_agreement", "accept")


class PagesReview(models.Model):
    """More than two pages a shift over four weeks: open until a lead says what is done about it."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="pages_reviews")
    pages = models.PositiveIntegerField()
    shifts = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    answer = models.CharField(max_length=16, blank=True)
    note = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rota"], condition=Q(answer=""), name="oncall_pagesreview_one"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | Q(answer__in=ANSWERS, answered_at__isnull=False),
                name="oncall_pagesreview_answer",
            ),
            models.CheckConstraint(condition=~Q(answer="accept") | ~Q(note=""), name="oncall_pagesreview_accept_says"),
        ]

    def __str__(self) -> str:
        return f"pages of {self.rota}"
