"""What of the books a viewer does not know of; sums that are shown are worked out with it (domain `unseen`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Sum
from django.db.models.functions import JSONObject

from portal.core.policies import is_outside
from requests_queue.domain.unseen import Piece, unseen_by
from requests_queue.models import BudgetEntry, BudgetPeriod, CompartmentMember

if TYPE_CHECKING:
    from django.db.models import QuerySet


def with_private(rows: QuerySet[BudgetPeriod]) -> QuerySet[BudgetPeriod]:
    """The periods with `private`, a row for each private request behind them; no query more."""
    members = CompartmentMember.objects.filter(request=OuterRef("request"), removed_at=None).values("person_id")
    entries = BudgetEntry.objects.filter(period=OuterRef("pk"), request__is_private=True).order_by()
    piece = JSONObject(
        request=F("request_id"), spent=Sum("d_spent"), reserved=Sum("d_reserved"), exempt=Sum("d_exempt"),
        members=ArraySubquery(members),
    )  # fmt: skip
    return rows.annotate(private=ArraySubquery(entries.values("request_id").annotate(piece=piece).values("piece")))


def pieces_of(period: Any) -> tuple[Piece, ...]:
    """The private requests behind a period that was read `with_private`."""
    return tuple(Piece(**{**row, "members": frozenset(row["members"])}) for row in period.private)


def pieces_now(period: BudgetPeriod) -> tuple[Piece, ...]:
    """The same of a period at hand, which may have changed since it was read; one query."""
    return pieces_of(with_private(BudgetPeriod.objects.filter(pk=period.pk)).get())


def unseen_in(period: Any, viewer: Any) -> tuple[Piece, ...]:
    """Those of which the viewer does not know; programs know of none."""
    knows = None if not viewer.is_authenticated or is_outside(viewer) else viewer.pk
    return unseen_by(pieces_of(period), knows)
