"""`/oncall/swaps/`: what was offered for what, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.swap_words import SWAP_WORDS
from oncall.filters.shifts import SwapFilter
from oncall.models.spans import ends
from oncall.queries.swaps import listed_swaps, swaps_shown
from oncall.services.shift_news import rota_url, shift_line
from oncall.web.filtering import filtered
from oncall.web.shift_lists import FilteredList
from oncall.web.timeline import Face
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Link, Row, avatar, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.queries.swaps import SwapShown

HEADER = (
    "swap",
    "rota",
    "state",
    "asked_by",
    "asked",
    "role",
    "from",
    "to",
    "start",
    "end",
    "offered_at",
    "expires_at",
)
STATE_CSS = {"active": "ok", "proposed": "warn"}


class SwapsView(FilteredList):
    """One line a swap, the newest first."""

    page_title = "Swaps of shifts"
    filter_class = SwapFilter
    order = ("-created_at",)
    export = "oncall_swaps_export"
    lead = "Two people, two shifts; nothing moves before both agree."
    empty = Empty(
        "No swap matches", "Offer one from the page of a rota.", "repeat",
        Link("Who is on call", "/oncall/"),
    )  # fmt: skip

    def listed(self) -> Any:
        return listed_swaps(self.request.user)

    def shown(self, rows: Any) -> Any:
        return swaps_shown(rows)

    def line(self, row: SwapShown, zone: str, at: datetime) -> Row:
        asker = row.requested_by
        lapses = row.state == "proposed" and row.expires_at is not None
        mine = row.to_person == self.request.user and row.state == "proposed"
        gets = [
            f"{line.to_person.get_short_name()} gets {shift_line(line.role, *ends(line.during), zone, at)}"
            for line in row.lines
        ]
        return Row(
            f"{asker.name if asker else 'The portal'} with {row.to_person.name}", rota_url(row.rota),
            avatar=avatar(Face(asker.pk, asker.name)) if asker else None, icon="" if asker else "repeat",
            badges=[Badge(SWAP_WORDS[row.state], STATE_CSS.get(row.state, "gray"))],
            facts=[row.rota.name, *gets],
            side=f"until {when(row.expires_at, zone, at).text}" if lapses and row.expires_at else "",
            action=Link("Answer", reverse("oncall_answers")) if mine else None,
        )  # fmt: skip


@require_GET
def export_swaps(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, a line a stretch."""
    rows = filtered(SwapFilter, listed_swaps(request.user), request).qs.order_by("created_at", "pk")
    lines = [line for swap in swaps_shown(rows) for line in _lines(swap)]
    return csv_response("swaps", HEADER, lines, count=len(lines))


def _lines(swap: SwapShown) -> Iterator[tuple[object, ...]]:
    for line in swap.lines:
        yield (
            swap.group, swap.rota.slug, swap.state, swap.requested_by.handle if swap.requested_by else "",
            swap.to_person.handle, line.role, line.from_person.handle if line.from_person else "",
            line.to_person.handle, *(instant.isoformat() for instant in ends(line.during)),
            swap.created_at.isoformat(), swap.expires_at.isoformat() if swap.expires_at else "",
        )  # fmt: skip
