"""Owners that were guessed or named and have not answered, with what speaks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ownership.domain.states import Origin, State
from ownership.models import Ownership
from ownership.policies import assets as policy
from ownership.policies import ownerships as sends
from ownership.queries.parties import leading, teams_led_by
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

ANSWERS = ("ownership.accepted", "ownership.declined")
# Later it is history, which a handover changes and nobody rewrites.
UNDO_FOR = timedelta(hours=1)


def proposals(viewer: Any) -> QuerySet[Ownership]:
    """Every open proposal of assets the viewer may see, with asset, party and source; oldest first."""
    rows = Ownership.objects.filter(
        state=State.PROPOSED.value, asset__in=policy.visible_to(viewer).filter(retired_at=None)
    )
    return rows.select_related("asset", "person", "team", "source", "claim").order_by("pk")


def answerable(rows: QuerySet[Ownership], viewer: Any, at: datetime) -> QuerySet[Ownership]:
    """Those the viewer answers: for oneself, and for the teams one leads that day."""
    return rows.filter(Q(person=viewer) | Q(team__in=leading(viewer, at).values("team_id")))


def sendable(rows: QuerySet[Ownership], viewer: Any, at: datetime) -> QuerySet[Ownership]:
    """Guesses about others whom nobody has asked yet, for who may send them: leads and admins."""
    if not sends.can_send(viewer, teams_led_by(viewer, at)).allowed:
        return rows.none()
    own = answerable(rows.order_by(), viewer, at).values("pk")
    return rows.filter(origin=Origin.IMPORT.value, asked_at=None).exclude(pk__in=own)


def last_answer(actor: Any, at: datetime) -> AuditEntry | None:
    """The newest yes or no of this person to a proposal that can be taken back still: within an hour."""
    entries = AuditEntry.objects.filter(actor=actor, verb__in=ANSWERS, at__gt=at - UNDO_FOR, undone_by=None)
    return entries.filter(after__has_key="row").order_by("-id").first()


def rivals(rows: Iterable[Ownership]) -> dict[int, list[Ownership]]:
    """By asset: all open proposals, so that two sources that disagree stand side by side; one query."""
    found: dict[int, list[Ownership]] = {}
    waiting = Ownership.objects.filter(state=State.PROPOSED.value, asset__in={row.asset_id for row in rows})
    for row in waiting.select_related("person", "team", "source").order_by("pk"):
        found.setdefault(row.asset_id, []).append(row)
    return found
