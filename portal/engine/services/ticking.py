"""One tick: fire what is due, hand out events, put lost things right. Any number of tickers may run at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import connection

from portal.engine.domain.catch_up import has_jumped
from portal.engine.queries.control import Gate, read_gate
from portal.engine.registries import deadline_kinds
from portal.engine.services.alarms import raise_alarm
from portal.engine.services.constants import CONSTANTS, EPOCH, holder
from portal.engine.services.controlling import hold_firing, pause_by_engine, reason_to_start_paused
from portal.engine.services.draining import drain_events
from portal.engine.services.firing import Selection, due_kinds, fire_batch
from portal.engine.services.heartbeats import workers_alive
from portal.engine.services.hinting import Hint, delivery_hints, hinter
from portal.engine.services.sweeping import sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = structlog.get_logger()
BATCHES = 10
LAST_TICK = """
UPDATE engine_control SET last_tick_at = portal_now()
WHERE id = 1 AND (last_tick_at IS NULL OR last_tick_at < portal_now() - interval '0.5 s')
"""


@dataclass
class JumpGuard:
    """Compares the database's clock with this process's own from tick to tick."""

    database: datetime | None = None
    monotonic: float = 0.0

    def leapt(self, now: datetime) -> bool:
        """Whether the database's clock leapt forward by more than five minutes since the last call."""
        own = time.monotonic()
        before, self.database = self.database, now
        passed, self.monotonic = timedelta(seconds=own - self.monotonic), own
        return before is not None and has_jumped(now - before, passed)


@dataclass(frozen=True)
class Ticked:
    """What a tick did; `more` says that it stopped with work left."""

    fired: int = 0
    events: int = 0
    more: bool = False
    halted: str = ""


_guard = JumpGuard()


def run_tick(*, component: str) -> Ticked:
    """What a ticking process does each time: watch the clock, tick, sweep."""
    gate = read_gate()
    if gate is not None and _guard.leapt(gate.now):
        until = gate.now + timedelta(seconds=CONSTANTS.hold_after_jump)
        hold_firing(until=until)
        raise_alarm(code="clock_jump", ref=gate.now.isoformat(), text="The database clock leapt forward.", at=gate.now)
    ticked = tick(component=component)
    sweep(hinter=hinter())
    return ticked


def tick(*, component: str) -> Ticked:
    """Fire due deadlines and drain events until a batch comes back short; nothing while paused, held or superseded."""
    gate = read_gate()
    halted = _halted(gate)
    if halted:
        _note_tick()
        return Ticked(halted=halted)
    selection = _selection(component)
    fired, short = 0, False
    for _ in range(BATCHES):
        batch = fire_batch(selection=selection, by=holder(component))
        hinter().offer(delivery_hints(batch.due))
        fired += batch.taken
        short = batch.taken < selection.limit
        if short:
            break
    _note_tick()  # after the firing, which it would delay by a commit
    events = 0
    for _ in range(BATCHES):
        drained = drain_events()
        events += drained
        if not drained:
            break
    return Ticked(fired, events, more=not short)


def fire_kinds(*, kinds: Sequence[str], at: datetime, component: str = "worker") -> int:
    """T1 for some kinds only: what the rooms' own Celery tasks call; returns how many deadlines were taken.

    `at` is the caller's clock; what is due is decided by the database's.
    """
    del at
    if _halted(read_gate()):
        return 0
    taken = 0
    for _ in range(BATCHES):
        batch = fire_batch(selection=Selection(only=kinds), by=holder(component))
        hinter().offer(delivery_hints(batch.due))
        taken += batch.taken
        if batch.taken < Selection.limit:
            break
    return taken


def _halted(gate: Gate | None) -> str:
    if gate is None:
        return "not seeded"
    if gate.epoch > EPOCH:
        return "superseded"
    reason = "" if gate.is_paused else reason_to_start_paused(gate)
    if reason:
        pause_by_engine(reason=reason, at=gate.now)
        logger.error("engine_alarm", alarm="started_paused", reason=reason)
    return reason or ("paused" if gate.is_paused else "held" if gate.is_held else "")


def _note_tick() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LAST_TICK)


def _selection(component: str) -> Selection:
    """While workers live, kinds with a task of their own are hinted first and taken only when overdue."""
    tasks = {entry.kind: entry.worker_task for entry in deadline_kinds.values() if entry.worker_task}
    if component != "engine" or not tasks or hinter().is_broken or not workers_alive():
        return Selection()
    due = due_kinds(tasks)
    hinter().offer(Hint(task, {}, "page") for task in sorted({tasks[kind] for kind in due}))
    return Selection(deferred=list(tasks), overdue_by=CONSTANTS.overdue_by)
