"""Documents that wait to be read again (spec additions, "documents")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from ownership.domain.kinds import DOCUMENT
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Ownership
from ownership.queries.parties import leading
from portal.accounts.queries.people import local_day

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Person

MOST = 20


def due_documents(viewer: Person, at: datetime) -> QuerySet[Asset]:
    """Documents of the person, and of teams they lead, whose day has come; the oldest day first, at most 20."""
    led = leading(viewer, at).values("team_id")
    mine = Ownership.objects.filter(
        Q(person=viewer) | Q(team_id__in=led), asset=OuterRef("pk"), duty=Duty.TECHNICAL, rank=PRIMARY,
        state=State.ACCEPTED.value, valid__upper_inf=True,
    )  # fmt: skip
    due = Asset.objects.filter(
        kind=DOCUMENT.code, retired_at=None, attrs__markdown__review_on__gt="",
        attrs__markdown__review_on__lte=local_day(viewer, at).isoformat(),
    )  # fmt: skip
    return due.filter(Exists(mine)).only("name", "slug", "attrs").order_by("attrs__markdown__review_on", "pk")[:MOST]
