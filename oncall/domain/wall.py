"""The instant of a wall time: of a repeated one the first, of a skipped one the end of the gap (spec oncall 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from portal.core.domain.zones import offset_periods


def instant_of(day: date, wall: time, zone: str) -> datetime:
    """The UTC instant at which clocks of `zone` show `wall` on `day`."""
    local = datetime.combine(day, wall.replace(fold=0), ZoneInfo(zone))
    instant = local.astimezone(UTC)
    back = instant.astimezone(local.tzinfo)
    if back.replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    seconds = int(instant.timestamp())
    return datetime.fromtimestamp(
        max(begin for begin, _, _ in offset_periods(zone, instant.year) if begin <= seconds), UTC
    )
