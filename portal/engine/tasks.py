"""What Celery carries out; every fact is in PostgreSQL, and a lost message costs a second or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import current_task, shared_task

from portal.core.context import Context, use
from portal.engine.services.auditing import audit as run_audit
from portal.engine.services.delivering import deliver as run_deliver
from portal.engine.services.heartbeats import beat
from portal.engine.services.ticking import run_tick
from portal.engine.services.working import run_job as run_one_job

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def _door() -> AbstractContextManager[Context]:
    """Note that this worker lives, and that the work came as a task."""
    beat(component="worker", instance=str(current_task.request.hostname or "worker"))
    return use(Context(via="task"))


@shared_task(name="engine.tick")
def tick(**_: Any) -> None:
    with _door():
        run_tick(component="worker")


@shared_task(name="engine.deliver")
def deliver(*, delivery_ids: list[str], **_: Any) -> None:
    with _door():
        run_deliver(delivery_ids=delivery_ids)


@shared_task(name="engine.audit")
def audit(**_: Any) -> None:
    with _door():
        run_audit()


@shared_task(name="engine.run_job", soft_time_limit=3600, time_limit=3660)
def run_job(*, job_id: int, **_: Any) -> None:
    with _door():
        run_one_job(job_id=job_id)
