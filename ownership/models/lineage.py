"""Around the edges: how new the picture is, and closures that somebody asked for (spec ownership 15)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ownership.models.assets import Asset


class GraphPulse(models.Model):
    """One row a transaction that changed edges, or how assets look: the newest and the sum of all are the version.

    Written by triggers (migration), so that no writer forgets it. The sum beside the newest tells of a transaction
    that began earlier and ended later; one counter for all would make writers wait for one another.
    """

    pk = models.CompositePrimaryKey("what", "transaction_number")
    what = models.CharField(max_length=5)
    transaction_number = models.BigIntegerField()
    statements = models.IntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(what__in=["edge", "look"]), name="ownership_graphpulse_what")]

    def __str__(self) -> str:
        return f"{self.what} {self.transaction_number}"


class Closure(models.Model):
    """Everything above or below an asset, for a download; made by a job from the snapshot in memory."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="+")
    side = models.CharField(max_length=4)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    count = models.IntegerField(default=0)
    # Little-endian 8-byte ids and 4-byte distances, nearest first, packed by zlib: a million assets are about 3 MB.
    ids = models.BinaryField(default=bytes)
    distances = models.BinaryField(default=bytes)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["up", "down"]), name="ownership_closure_side"),
            models.CheckConstraint(
                condition=Q(state="waiting", ready_at=None) | Q(state="ready", ready_at__gte=F("asked_at")),
                name="ownership_closure_state",
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="ownership_closure_mine")]

    def __str__(self) -> str:
        return f"everything {'above' if self.side == 'up' else 'below'} {self.asset_id}"
