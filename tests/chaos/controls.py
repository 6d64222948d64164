"""Negative controls: under the same faults a countdown executor and a mark-then-notify loop lose pages."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.chaos.processes import ROOT

if TYPE_CHECKING:
    from tests.chaos.world import World

CHANCE = "0.05"
LOOP_CHANCE = "0.15"
ENQUEUE = """
import sys
from tests.chaos.naive_tasks import page
count, delay, spread = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
for n in range(count):
    page.apply_async((f"countdown:{n}",), countdown=delay + spread * n / count)
"""


class Controls:
    """Both naive executors, each with the same number of pages."""

    loop = "naive-loop"
    celery = "naive-celery"

    def __init__(self, world: World, pages: int) -> None:
        self._world = world
        self._pages = pages
        worker = [sys.executable, "-m", "celery", "-A", "tests.chaos.naive_tasks", "worker", "-Q", "naive", "-c", "2"]
        worker += ["-n", "naive@chaos", "-l", "ERROR", "--without-gossip", "--without-mingle"]
        world.run(self.loop, [sys.executable, "-m", "tests.chaos.naive", LOOP_CHANCE])
        world.run(self.celery, worker, CHAOS_CHANCE=CHANCE)

    def start(self, *, delay: float, spread: float) -> None:
        self._world.query(
            "INSERT INTO chaos_naive (id, due_at) SELECT n, now() + make_interval(secs => %s + %s * n / %s)"
            " FROM generate_series(1, %s) n",
            [delay, spread, self._pages, self._pages],
        )
        command = [sys.executable, "-c", ENQUEUE, str(self._pages), str(delay), str(spread)]
        subprocess.run(command, cwd=ROOT, env=self._world.env, check=True, timeout=60)

    def lost(self) -> tuple[int, int]:
        """(by the countdown executor, by the loop)."""
        arrived = {post["page"] for post in self._world.posts() if post["path"] == "/naive"}
        count = sum(page.startswith("countdown:") for page in arrived)
        loop = sum(page.startswith("loop:") for page in arrived)
        return self._pages - count, self._pages - loop
