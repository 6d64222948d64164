"""The share of promises kept, raw and excused; those of private requests are counted for nobody (spec sla 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, Count, F, Func, Max, Q, Sum, TextField, Value, When

from requests_queue.models import AttainmentDay, SlaClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

LEAST_DECIDED = 20
GROUPS = {"team": "request__team__slug", "kind": "request__kind", "urgency": "request__urgency", "clock": "kind"}
SUMMED = {"team": "team__slug", "kind": "request_kind", "urgency": "urgency", "clock": "clock"}
DAY = timedelta(days=1)
ENDED_LATE = Q(state__in=["running", "paused", "breached_closed"], breach_at__isnull=False)


@dataclass
class Attainment:
    """One cell; seconds are counted seconds of stopped cycles."""

    key: tuple[str, ...]
    met: int = 0
    premature: int = 0
    breached: int = 0
    excused: int = 0
    seconds: list[int] = field(default_factory=list)

    @property
    def decided(self) -> int:
        return self.met + self.breached

    @property
    def raw(self) -> float | None:
        """Met of decided; None for nothing decided."""
        return self.met / self.decided if self.decided else None

    @property
    def without_excused(self) -> float | None:
        """Excused breaches removed from both sides."""
        base = self.decided - self.excused
        return self.met / base if base else None

    @property
    def adjusted(self) -> float | None:
        """Cycles that were re-opened as not solved count as missed."""
        return (self.met - self.premature) / self.decided if self.decided else None

    def words(self) -> str:
        """A percentage from twenty decided cycles on, else the counts: "7 of 9"."""
        if self.raw is None:
            return "nothing decided"
        return f"{self.raw * 100:.1f} %" if self.decided >= LEAST_DECIDED else f"{self.met} of {self.decided}"

    def at_share(self, percent: int) -> int | None:
        """The nearest-rank percentile of the counted seconds."""
        if not self.seconds:
            return None
        ordered = sorted(self.seconds)
        return ordered[-(-len(ordered) * percent // 100) - 1]


Cells = dict[tuple[str, ...], Attainment]


def decided_cycles(start: datetime, end: datetime, at: datetime) -> QuerySet[SlaClock]:
    """The cycles that were met or broken in `[start, end)`; still open ones count from the instant they broke."""
    return _decided([(start, end)], at)


def attainment(
    *, start: datetime, end: datetime, group_by: Sequence[str] = ("clock",), team: str = "", at: datetime
) -> list[Attainment]:
    """The cells of a period, largest first; at most three queries. Never by person.

    Whole days up to the newest one that was summed are read from the sums, the rest from the clocks.
    """
    summed = _summed_days(start, end)
    cells: Cells = {}
    if summed is not None:
        _add_sums(cells, summed, group_by, team)
    stretches = _stretches(start, end, summed)
    rows = _decided(stretches, at) if stretches else SlaClock.objects.none()
    rows = rows.filter(request__team__slug=team) if team else rows
    facts = rows.filter(request__is_private=False).values_list(
        *(GROUPS[name] for name in group_by), "ended", "is_premature", "is_excused", "elapsed_seconds", "stopped_at"
    )
    _add_clocks(cells, facts, len(group_by))
    return sorted(cells.values(), key=lambda cell: (-cell.decided, cell.key))


def midnight(day: date) -> datetime:
    """The instant a day of the sums begins."""
    return datetime.combine(day, time(), UTC)


def decided_in(start: datetime | None, end: datetime | None, at: datetime) -> Q:
    """Which cycles were met or broken in `[start, end)`; None is without a bound."""
    met, broken = Q(state="met"), ENDED_LATE & Q(breach_at__lt=at if end is None else min(end, at))
    if start is not None:
        met, broken = met & Q(stopped_at__gte=start), broken & Q(breach_at__gte=start)
    if end is not None:
        met &= Q(stopped_at__lt=end)
    return met | broken


def figure_of(clocks: QuerySet[SlaClock]) -> Attainment:
    """What these decided cycles add up to, without their seconds; one query."""
    counts = clocks.order_by().aggregate(
        met=Count("pk", filter=Q(state="met")), premature=Count("pk", filter=Q(state="met", is_premature=True)),
        breached=Count("pk", filter=~Q(state="met")), excused=Count("pk", filter=~Q(state="met") & Q(is_excused=True)),
    )  # fmt: skip
    return Attainment((), **counts)


def _decided(stretches: Sequence[tuple[datetime, datetime]], at: datetime) -> QuerySet[SlaClock]:
    inside = Q()
    for start, end in stretches:
        inside |= decided_in(start, end, at)
    return SlaClock.objects.filter(inside).annotate(
        ended=Case(When(state="met", then=Value("met")), default=Value("breached"), output_field=CharField())
    )


def _summed_days(start: datetime, end: datetime) -> tuple[date, date] | None:
    """The whole days of a period that are summed, half-open; None without any."""
    newest = AttainmentDay.objects.aggregate(newest=Max("day"))["newest"]
    if newest is None:
        return None
    first = start.astimezone(UTC).date()
    if midnight(first) < start:
        first += DAY
    last = min(end.astimezone(UTC).date(), newest + DAY)
    return (first, last) if first < last else None


def _stretches(start: datetime, end: datetime, summed: tuple[date, date] | None) -> list[tuple[datetime, datetime]]:
    """What of the period is not summed: before the first whole day, and after the last one."""
    if summed is None:
        return [(start, end)]
    edges = [(start, midnight(summed[0])), (midnight(summed[1]), end)]
    return [(begin, until) for begin, until in edges if begin < until]


def _add_sums(cells: Cells, days: tuple[date, date], group_by: Sequence[str], team: str) -> None:
    rows = AttainmentDay.objects.filter(day__gte=days[0], day__lt=days[1], is_private=False)
    rows = rows.filter(team__slug=team) if team else rows
    words = Func(F("seconds"), Value(","), function="array_to_string", output_field=TextField())
    sums = rows.values_list(*(SUMMED[name] for name in group_by)).annotate(
        total_met=Sum("met"), total_premature=Sum("premature"), total_breached=Sum("breached"),
        total_excused=Sum("excused"),
        all_seconds=StringAgg(words, ",", filter=Q(seconds__len__gt=0)),
    ).order_by()  # fmt: skip
    width = len(group_by)
    for row in sums:
        met, premature, breached, excused, seconds = row[width:]
        cell = Attainment(tuple(str(value) for value in row[:width]), met, premature, breached, excused)
        cell.seconds = [int(one) for one in seconds.split(",")] if seconds else []
        cells[cell.key] = cell


def _add_clocks(cells: Cells, rows: Iterable[Any], width: int) -> None:
    for row in rows:
        key = tuple(str(value) for value in row[:width])
        count_cycle(cells.setdefault(key, Attainment(key)), row[width : width + 5])


def count_cycle(cell: Attainment, cycle: tuple[str, bool, bool, int, datetime | None]) -> None:
    """Add a decided cycle to a cell: ended, premature, excused, seconds, stopped; seconds count once it was stopped."""
    ended, is_premature, is_excused, seconds, stopped_at = cycle
    if ended == "met":
        cell.met += 1
        cell.premature += int(is_premature)
    else:
        cell.breached += 1
        cell.excused += int(is_excused)
    if stopped_at is not None:
        cell.seconds.append(seconds)
