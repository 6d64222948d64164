"""What Celery carries out for this room; every fact is in PostgreSQL, and a lost message costs a second or two."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from portal.core import clock
from portal.core.context import Context, use
from portal.engine.services.ticking import fire_kinds
from requests_queue.services.clocks import STEP_KIND


@shared_task(name="requests.fire_sla_steps")
def fire_sla_steps(**_: Any) -> None:
    """Steps of promises that are due now."""
    with use(Context(via="task")):
        fire_kinds(kinds=[STEP_KIND], at=clock.now())
