"""Owners that were guessed or named and have not answered, with what speaks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ownership.domain.states import State
from ownership.models import Ownership
from ownership.policies import assets as policy
from ownership.queries.parties import leading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet


def proposals(viewer: Any) -> QuerySet[Ownership]:
    """Every open proposal of assets the viewer may see, with asset, party and source; oldest first."""
    rows = Ownership.objects.filter(
        state=State.PROPOSED.value, asset__in=policy.visible_to(viewer).filter(retired_at=None)
    )
    return rows.select_related("asset", "person", "team", "source", "claim").order_by("pk")


def answerable(rows: QuerySet[Ownership], viewer: Any, at: datetime) -> QuerySet[Ownership]:
    """Those the viewer answers: for oneself, and for the teams one leads that day."""
    return rows.filter(Q(person=viewer) | Q(team__in=leading(viewer, at).values("team_id")))


def rivals(rows: Iterable[Ownership]) -> dict[int, list[Ownership]]:
    """By asset: all open proposals, so that two sources that disagree stand side by side; one query."""
    found: dict[int, list[Ownership]] = {}
    waiting = Ownership.objects.filter(state=State.PROPOSED.value, asset__in={row.asset_id for row in rows})
    for row in waiting.select_related("person", "team", "source").order_by("pk"):
        found.setdefault(row.asset_id, []).append(row)
    return found
