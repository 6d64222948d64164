"""The engine process: ticks, sweeps, sends what is overdue, audits. Needs PostgreSQL and nothing else."""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg2
import structlog
from django.db import InterfaceError, OperationalError, connection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from portal.engine.domain.profiles import fits_lease
from portal.engine.queries.control import database_now
from portal.engine.services.auditing import audit
from portal.engine.services.canary import ensure_canary
from portal.engine.services.constants import CONSTANTS, holder
from portal.engine.services.delivering import send_overdue
from portal.engine.services.heartbeats import beat, workers_alive
from portal.engine.services.hinting import hinter
from portal.engine.services.marking import mark
from portal.engine.services.periodic import ensure_periodic
from portal.engine.services.sending import SenderPool
from portal.engine.services.ticking import run_tick
from portal.engine.services.waking import CHANNEL
from portal.engine.services.working import run_job

logger = structlog.get_logger()
COMPONENT = "engine"
DATABASE_AWAY = (OperationalError, InterfaceError)
GRACE_SECONDS = 20.0
PAUSE_SECONDS = 0.02
RETRY_SECONDS = 0.5


class Listener:
    """LISTEN on a connection of its own; without it the one-second tick finds every row."""

    def __init__(self) -> None:
        self._raw: Any = None

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`; True as soon as a service has written a row that is due now."""
        try:
            if self._raw is None:
                self._raw = self._open()
            if not select.select([self._raw], [], [], seconds)[0]:
                return False
            self._raw.poll()
        except (psycopg2.Error, OSError):
            self.close()
            time.sleep(seconds)
            return False
        woken = bool(self._raw.notifies)
        self._raw.notifies.clear()
        return woken

    def close(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    @staticmethod
    def _open() -> Any:
        raw = psycopg2.connect(**connection.get_connection_params())
        raw.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with raw.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        return raw


class Engine:
    """One loop. `stop()` may be called from a signal handler."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._pool = SenderPool(CONSTANTS.sender_threads, CONSTANTS.per_host)
        self._listener = Listener()
        self._jobs = threading.Thread(target=self._run_jobs, name="jobs", daemon=True)
        self._tick_at = 0.0
        self._audit_at = 0.0
        self._alone = True

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Until stopped: no new claims then, and up to 20 s for sends in flight; the rest is left to the lease."""
        if not fits_lease(CONSTANTS):
            message = "a channel's time-outs and their margin exceed the lease"
            raise SystemExit(message)
        self._jobs.start()
        while not self._stopping.is_set():
            try:
                self._step()
            except DATABASE_AWAY as error:
                logger.warning("engine_database_away", error=str(error)[:200])
                connection.close()
                self._stopping.wait(RETRY_SECONDS)
        self._drain()

    def _step(self) -> None:
        self._mark(0)
        now = time.monotonic()
        if now >= self._tick_at:
            self._tick(now)
        if now >= self._audit_at:
            self._audit_at = now + CONSTANTS.audit
            audit()
        started = self._send()
        if self._pool.busy:
            self._mark(PAUSE_SECONDS)
        elif not started and self._listener.wait(max(0.0, self._tick_at - time.monotonic())):
            self._tick_at = 0.0

    def _tick(self, now: float) -> None:
        if self._tick_at == 0.0 and not self._audit_at:
            ensure_periodic(at=database_now())
            ensure_canary(at=database_now())
        ticked = run_tick(component=COMPONENT)
        self._alone = hinter().is_broken or not workers_alive()
        beat(component=COMPONENT, instance=holder(COMPONENT), detail={"halted": ticked.halted})
        self._tick_at = now if ticked.more else now + CONSTANTS.tick

    def _send(self) -> int:
        """Without workers or broker at once, else only what they have left lying."""
        overdue_by = 0.0 if self._alone or hinter().is_broken else CONSTANTS.inline_after
        return send_overdue(pool=self._pool, overdue_by=overdue_by)

    def _mark(self, timeout: float) -> None:
        mark(finished=self._pool.finished(timeout), holder=holder(COMPONENT))

    def _run_jobs(self) -> None:
        while not self._stopping.wait(CONSTANTS.tick):
            try:
                wait = 0.0 if self._alone else CONSTANTS.job_inline_after
                while not self._stopping.is_set() and run_job(overdue_by=wait, component=COMPONENT):
                    continue
            except DATABASE_AWAY as error:
                logger.warning("engine_database_away", error=str(error)[:200])
            finally:
                connection.close()

    def _drain(self) -> None:
        until = time.monotonic() + GRACE_SECONDS
        try:
            while self._pool.busy and time.monotonic() < until:
                self._mark(PAUSE_SECONDS)
        except DATABASE_AWAY:
            logger.warning("engine_stopped_without_database")
        self._pool.close()
        self._listener.close()
