"""Measuring on a machine with neighbours: CPU time, in turns, the best of some rounds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Work = Callable[[], object]


def cpu_seconds(works: Mapping[str, Work], rounds: int = 7) -> dict[str, float]:
    """The least CPU seconds of each work; they take turns, so that a noisy moment disturbs all alike."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - begin)
    return best


def wall_seconds(work: Work) -> float:
    """For work of several processes, where only ratios of neighbouring measurements mean anything."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
