"""The burn-down of references as an SVG made here, with its list beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ownership.domain.references import Point, burn_down
from portal.core.web.presentation import count_words, day_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.models import ChangePlan, Reference

WIDTH, HEIGHT, FLOOR = 600, 120, 104
MOST_DAYS = 120
LISTED = 14


@dataclass(frozen=True)
class BurnDown:
    """Two lines over days: what is open, and what should be by the dates; `rows` says the same in words."""

    area: str
    line: str
    due: str
    label: str
    rows: tuple[tuple[str, int, int], ...]


def burning(plan: ChangePlan, references: Sequence[Reference], at: datetime) -> BurnDown | None:
    """From the first reference to today; None without references."""
    if not references:
        return None
    last = (plan.finished_at or at).date()
    first = max(min(row.opened_at for row in references).date(), last - timedelta(days=MOST_DAYS))
    spans = [(row.opened_at.date(), row.closed_at.date() if row.closed_at else None, row.due_on) for row in references]
    points = burn_down(spans, first, last)
    most = max(1, *(max(point.open, point.due) for point in points))
    line = _line([point.open for point in points], most)
    shown = points[-LISTED:]
    now = points[-1]
    label = f"{count_words(now.open, 'reference')} open of {len(references)}, by their dates at most {now.due}"
    return BurnDown(
        area=f"{line}V{FLOOR}H0Z",
        line=line,
        due=_line([point.due for point in points], most),
        label=label,
        rows=tuple((_day(point, last), point.open, point.due) for point in reversed(shown)),
    )


def _line(values: list[int], most: int) -> str:
    """Steps, since a reference closes on a day and not between two."""
    step = WIDTH / max(1, len(values))
    parts = [f"M0 {_height(values[0], most)}"]
    for n, value in enumerate(values):
        parts.append(f"V{_height(value, most)}H{round(step * (n + 1))}")
    return "".join(parts)


def _height(value: int, most: int) -> int:
    return round(FLOOR - value / most * (FLOOR - 8))


def _day(point: Point, today: date) -> str:
    return day_words(point.day, today)
