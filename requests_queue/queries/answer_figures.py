"""What the answers saved, how often they were right, and how the bands were fitted: sums only (spec faq 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from requests_queue.domain.deflection import Deflection
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, FaqEntry, FaqEvent, SuggestionModel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PERIOD = timedelta(days=90)
DEFAULT_MINUTES = 30
LAST_FITS = 10
DONE = (State.ANSWERED.value, State.RESOLVED.value, State.CLOSED.value)


@dataclass(frozen=True)
class BandFigures:
    """Of the asks in a band: how many, and of those with a verdict how many were solved."""

    band: str
    asks: int
    solved: int
    judged: int

    @property
    def precision(self) -> float | None:
        return self.solved / self.judged if self.judged else None


@dataclass(frozen=True)
class AnswerFigures:
    """The knowledge report of a period; no figure is of one person."""

    deflection: Deflection
    bands: tuple[BandFigures, ...]
    joined: int
    abandoned: int
    minutes_each: float
    published: int
    stale: int
    unchecked: int
    fits: Sequence[SuggestionModel]

    @property
    def minutes_avoided(self) -> float:
        return self.deflection.minutes_avoided(self.minutes_each)


def answer_figures(at: datetime, period: timedelta = PERIOD) -> AnswerFigures:
    """Six queries. Private requests count nowhere."""
    events = FaqEvent.objects.filter(at__gte=at - period, at__lte=at)
    counts = events.aggregate(
        explicit=Count("pk", filter=Q(kind="solved", is_stale=False)),
        recontacted=Count("pk", filter=Q(kind="recontacted")),
        implicit=Count("pk", filter=Q(kind="implicit")),
    )
    asides = events.aggregate(
        joined=Count("pk", filter=Q(kind="joined")), abandoned=Count("pk", filter=Q(kind="abandoned"))
    )
    filed = DataRequest.objects.filter(filed_at__gte=at - period, filed_at__lte=at, is_private=False)
    minutes = [pair[1] for pair in filed.values_list("state", "estimate_minutes") if pair[0] in DONE and pair[1]]
    library = FaqEntry.objects.filter(state="published", visibility="all").aggregate(
        published=Count("pk"),
        stale=Count("pk", filter=Q(current__stale_since__isnull=False)),
        unchecked=Count("pk", filter=Q(current__verified_at=None, current__stale_since=None)),
    )
    return AnswerFigures(
        Deflection(filed=filed.count(), **counts), tuple(_bands(events)), asides["joined"], asides["abandoned"],
        float(median(minutes)) if minutes else float(DEFAULT_MINUTES),
        fits=last_fits(), **library,
    )  # fmt: skip


def last_fits() -> list[SuggestionModel]:
    """The ten newest fits of the bands; the active one is in use, with none active the shipped coefficients are."""
    return list(SuggestionModel.objects.order_by("-n")[:LAST_FITS])


def _bands(events: Any) -> list[BandFigures]:
    rows = (
        events.exclude(band="")
        .values("band")
        .annotate(
            asks=Count("ask", filter=Q(kind="shown"), distinct=True),
            solved=Count("ask", filter=Q(kind="solved", is_stale=False), distinct=True),
            judged=Count("ask", filter=Q(kind__in=["solved", "not_quite", "submitted_anyway"]), distinct=True),
        )
    )
    by_band = {row["band"]: row for row in rows}
    return [
        BandFigures(band, row["asks"], row["solved"], row["judged"])
        for band in ("upper", "lower")
        if (row := by_band.get(band)) is not None
    ]
