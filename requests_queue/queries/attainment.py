"""The share of promises kept, raw and excused; private work stands in the sums alone (spec sla 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, F, Q, Value, When

from requests_queue.models import SlaClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

LEAST_DECIDED, LEAST_CELL = 20, 3
GROUPS = {"team": "request__team__slug", "kind": "request__kind", "urgency": "request__urgency", "clock": "kind"}
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


def decided_cycles(start: datetime, end: datetime, at: datetime) -> QuerySet[SlaClock]:
    """The cycles that were met or broken in `[start, end)`; still open ones count from the instant they broke."""
    met = Q(state="met", stopped_at__gte=start, stopped_at__lt=end)
    until = min(end, at)
    late = ENDED_LATE & Q(breach_at__gte=start, breach_at__lt=until)
    return SlaClock.objects.filter(met | late).annotate(
        ended=Case(When(state="met", then=Value("met")), default=Value("breached"), output_field=CharField())
    )


def attainment(
    *, start: datetime, end: datetime, group_by: Sequence[str] = ("clock",), team: str = "", at: datetime
) -> list[Attainment]:
    """The cells of a period, largest first; one query. Never by person.

    Private cycles count, but a cell that holds some and fewer than three cycles joins the largest one.
    """
    rows = decided_cycles(start, end, at)
    if team:
        rows = rows.filter(request__team__slug=team)
    names = [GROUPS[name] for name in group_by]
    facts = rows.values_list(
        *names, "ended", "is_premature", "is_excused", "elapsed_seconds", "stopped_at", F("request__is_private")
    )
    return _merged(_cells(facts, len(names)))


def _cells(rows: Iterable[Any], width: int) -> dict[tuple[str, ...], tuple[Attainment, bool]]:
    found: dict[tuple[str, ...], tuple[Attainment, bool]] = {}
    for row in rows:
        key = tuple(str(value) for value in row[:width])
        ended, is_premature, is_excused, seconds, stopped_at, is_private = row[width:]
        cell, holds_private = found.get(key, (Attainment(key), False))
        if ended == "met":
            cell.met += 1
            cell.premature += int(is_premature)
        else:
            cell.breached += 1
            cell.excused += int(is_excused)
        if stopped_at is not None:
            cell.seconds.append(seconds)
        found[key] = (cell, holds_private or is_private)
    return found


def _merged(cells: dict[tuple[str, ...], tuple[Attainment, bool]]) -> list[Attainment]:
    ordered = sorted(cells.values(), key=lambda pair: (-pair[0].decided, pair[0].key))
    kept = [cell for cell, holds_private in ordered if not (holds_private and cell.decided < LEAST_CELL)]
    small = [cell for cell, holds_private in ordered if holds_private and cell.decided < LEAST_CELL]
    for cell in small if kept else ():
        for name in ("met", "premature", "breached", "excused"):
            setattr(kept[0], name, getattr(kept[0], name) + getattr(cell, name))
        kept[0].seconds += cell.seconds
    return kept
