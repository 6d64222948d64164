"""How long to wait after a failure, and when to give up (spec engine 8, "Retries")."""

from __future__ import annotations

from datetime import timedelta

MINUTE = 60.0
HOUR = 3600.0
PAGE_TRIES = 12
PAGE_CAP_SECONDS = 300.0
EVENT_WAITS = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
PLAIN_WAITS = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
LIFETIMES = {
    "page": timedelta(minutes=30),
    "warn": timedelta(minutes=30),
    "info": timedelta(hours=24),
    "digest": timedelta(hours=24),
    "event": timedelta(days=5),
}


def pace_of(severity: str, *, is_event: bool) -> str:
    """How patiently a delivery is tried: as its severity, or as an event for another system's machine."""
    return "event" if is_event else severity


def lifetime(pace: str) -> timedelta:
    """From the first try on, how long a delivery of this pace is tried."""
    return LIFETIMES[pace]


def wait_after(pace: str, failures: int, chance: float, retry_after: float | None = None) -> timedelta:
    """The pause after failure number `failures` (from 1); `chance` in [0, 1] spreads retries of one moment.

    Pages: min(300, 2^n) s x (0.5..1); events: their ladder x (0.8..1.2). A provider's Retry-After is kept if longer,
    but never beyond an hour.
    """
    if pace in ("page", "warn"):
        seconds = min(PAGE_CAP_SECONDS, 2.0**failures) * (0.5 + chance / 2)
    elif pace == "event":
        seconds = EVENT_WAITS[min(failures, len(EVENT_WAITS)) - 1] * (0.8 + 0.4 * chance)
    else:
        seconds = PLAIN_WAITS[min(failures, len(PLAIN_WAITS)) - 1]
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, HOUR)))


def is_exhausted(pace: str, failures: int) -> bool:
    """Whether the number of tries alone ends a delivery."""
    if pace == "event":
        return failures > len(EVENT_WAITS)
    return pace in ("page", "warn") and failures >= PAGE_TRIES


def deadline_wait(failures: int) -> timedelta:
    """After a handler raised: min(60 x 2^(n-1), 900) s, so that a poison row delays only itself."""
    return timedelta(seconds=min(60 * 2 ** (failures - 1), 900))


def job_wait(failures: int) -> timedelta:
    """Before a failed job runs again: 10, 60, 360 s."""
    return timedelta(seconds=min(10 * 6 ** (failures - 1), 3600))
