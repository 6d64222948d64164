"""Every interval of the engine, in the profile of real life and in that of the fault suite (spec engine 5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Seconds, unless the name says otherwise."""

    tick: float = 1.0
    beat_tick: float = 5.0
    lease: float = 30.0
    connect_timeout: float = 3.0
    read_timeout: float = 10.0
    total_timeout: float = 13.0
    lease_margin: float = 10.0
    rehint_after: float = 3.0
    inline_after: float = 5.0
    overdue_by: float = 2.0
    audit: float = 60.0
    canary: float = 60.0
    worker_fresh: float = 15.0
    bundle_gap: float = 10.0
    hold_after_jump: float = 60.0
    job_lease: float = 60.0
    job_renew: float = 15.0
    job_inline_after: float = 60.0
    sender_threads: int = 8
    per_host: int = 4


NORMAL = Profile()
FAST = Profile(
    beat_tick=1.0, lease=5.0, connect_timeout=1.0, read_timeout=1.0, total_timeout=2.0, lease_margin=2.0, audit=5.0,
    canary=10.0, worker_fresh=5.0, bundle_gap=2.0, hold_after_jump=5.0, job_lease=5.0, job_renew=1.0,
    job_inline_after=5.0,
)  # fmt: skip


def profile(name: str) -> Profile:
    """The intervals of `HEADWATER_ENGINE_PROFILE`."""
    return FAST if name == "fast" else NORMAL


def fits_lease(constants: Profile) -> bool:
    """A send must end well before its lease, or two processes could hold one delivery."""
    return constants.total_timeout + constants.lease_margin <= constants.lease
