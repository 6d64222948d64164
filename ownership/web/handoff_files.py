"""Handovers as CSV: the filtered list, and what one of them moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.kinds import kind_of
from ownership.domain.states import DUTY_WORDS, Duty
from ownership.handoff_filters import HandoffFilter
from ownership.queries.handoffs import handoff_called, handoffs_of, items_of
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import HandoffItem

HEADER = (
    "code", "giver", "taker", "state", "assets", "accepted", "waiting", "effective_at", "offered_at", "closed_at",
    "reason",
)  # fmt: skip
ITEM_HEADER = (
    "asset", "kind", "duty", "rank", "state", "decided_by", "decided_at", "in_force_at", "reason",
)  # fmt: skip


def filtered(request: HttpRequest, view: str = "all") -> tuple[HandoffFilter, QuerySet[Any]]:
    """The filter of the address and its rows; `view` where the address does not say whose."""
    given = request.GET.copy()
    given.setdefault("view", view)
    chosen = HandoffFilter(given, queryset=handoffs_of(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


@require_safe
def export_handoffs(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list."""
    _, rows = filtered(request)
    return csv_response("handovers", HEADER, map(_line, rows.order_by("-pk").iterator()), count=rows.count())


@require_safe
def export_items(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Every asset of one handover with the answer."""
    handoff = handoff_called(code, request.user)
    if handoff is None:
        raise NotVisible
    rows = items_of(handoff).order_by("turn", "asset__name", "pk")
    return csv_response(handoff.code.lower(), ITEM_HEADER, map(_item, rows.iterator()), count=rows.count())


def _line(row: Any) -> tuple[Any, ...]:
    giver, taker = row.from_person or row.from_team, row.to_person or row.to_team
    return (
        row.code, _slug(giver), _slug(taker), row.state, row.total, row.accepted, row.waiting,
        row.effective_at.isoformat(), _instant(row.offered_at), _instant(row.closed_at), row.reason,
    )  # fmt: skip


def _item(item: HandoffItem) -> tuple[Any, ...]:
    decided_by = item.decided_by.handle if item.decided_by else ""
    return (
        item.asset.slug, kind_of(item.asset.kind).name, DUTY_WORDS[Duty(item.duty)], item.rank, item.state, decided_by,
        _instant(item.decided_at), _instant(item.in_force_at), item.reason,
    )  # fmt: skip


def _slug(party: Any) -> str:
    return str(getattr(party, "handle", None) or party.slug)


def _instant(at: Any) -> str:
    return at.isoformat() if at is not None else ""
