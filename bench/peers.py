"""Other ways to find a due instant: a well-made day walk, businesstimedelta, and numpy as the limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import businesstimedelta
import numpy as np
import pytz

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from portal.core.domain.working_time import Timeline

OPENS, CLOSES, WORKING_DAYS = time(9), time(17), range(5)


@dataclass(frozen=True)
class DayWalk:
    """Day by day, 9 to 17 on working days without holidays: what a good engineer writes in an afternoon."""

    zone: ZoneInfo
    holidays: frozenset[date]

    def due(self, start: datetime, seconds: int) -> datetime:
        left, now = timedelta(seconds=seconds), start
        day = start.astimezone(self.zone).date()
        while True:
            if day.weekday() in WORKING_DAYS and day not in self.holidays:
                opens = datetime.combine(day, OPENS, self.zone).astimezone(UTC)
                closes = datetime.combine(day, CLOSES, self.zone).astimezone(UTC)
                now = max(now, opens)
                if closes - now >= left:
                    return now + left
                left -= max(closes - now, timedelta(0))
            day += timedelta(days=1)


@dataclass(frozen=True)
class BusinessTimeDelta:
    """The package of that name with the same hours; holidays cost it four fifths of its speed."""

    rules: businesstimedelta.Rules

    @classmethod
    def of(cls, zone: str, holidays: Iterable[date]) -> BusinessTimeDelta:
        tz = pytz.timezone(zone)
        hours = businesstimedelta.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=list(WORKING_DAYS), tz=tz)
        days_off = set(holidays)
        rules = [hours, businesstimedelta.HolidayRule(days_off, tz)] if days_off else [hours]
        return cls(businesstimedelta.Rules(rules))

    def due(self, start: datetime, seconds: int) -> datetime:
        found: datetime = start + businesstimedelta.BusinessTimeDelta(self.rules, timedelta=timedelta(seconds=seconds))
        return found


class PrefixSums:
    """All due instants at once, by binary search in C: as fast as this machine can answer the question."""

    def __init__(self, line: Timeline) -> None:
        self.begins, self.ends, self.sums, self.shifts = map(
            np.array, (line.begins, line.ends, line.sums, line.shifts[:-1])
        )

    def due(self, starts: np.ndarray, microseconds: np.ndarray) -> np.ndarray:
        index = np.searchsorted(self.begins, starts, "right") - 1
        counts = np.minimum(starts, self.ends[index]) - self.shifts[index] + microseconds
        found: np.ndarray = self.shifts[np.searchsorted(self.sums, counts)] + counts
        return found


def arrays(starts: Sequence[int], seconds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Starts and durations in microseconds, ready for `PrefixSums.due`."""
    return np.array(starts, dtype=np.int64), np.array(seconds, dtype=np.int64) * 1_000_000
