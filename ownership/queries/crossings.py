"""The crossings of now and of any past day, and what the board shows of them (spec ownership 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from ownership.domain.crossing_states import DISMISSED, VOID
from ownership.models import Crossing, CrossingStep

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

RELATED = ("asset__domain", "rule__pattern", "person", "team", "handoff")


def list_crossings(at: datetime) -> QuerySet[Crossing]:
    """What the board showed at an instant, past or present: `state_then` and `level_then` are those of that time.

    By ranges, never by the order in which rows were written; dismissed ones are in the list with their state.
    """
    rows: QuerySet[Crossing] = _then(at).order_by("valid", "pk")
    return rows


def board_at(at: datetime) -> QuerySet[Crossing]:
    """`list_crossings` without what had been dismissed, ready for the cards of the board."""
    rows: QuerySet[Crossing] = _then(at).exclude(state_then=DISMISSED).select_related(*RELATED)
    return rows


def _then(at: datetime) -> Any:
    """The rows annotated with their state and level of that time."""
    steps = CrossingStep.objects.filter(crossing=OuterRef("pk"), at__lte=at).order_by("-at", "-pk")
    first = CrossingStep.objects.filter(crossing=OuterRef("pk")).order_by("at", "pk")
    rows = Crossing.objects.filter(valid__contains=at, seen_from__lte=at).exclude(state=VOID)
    return rows.annotate(
        state_then=Coalesce(Subquery(steps.values("state")[:1]), Subquery(first.values("state")[:1])),
        level_then=Coalesce(Subquery(steps.values("level")[:1]), Subquery(first.values("level")[:1])),
    )


def open_crossings(viewer: Any) -> QuerySet[Crossing]:
    """What crosses now, for everybody signed in; names are shown by `policies.boundaries` alone."""
    if not getattr(viewer, "is_authenticated", False):
        return Crossing.objects.none()
    return Crossing.objects.filter(valid__upper_inf=True).select_related(*RELATED)
