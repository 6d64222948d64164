"""What Celery carries out for this room; every fact is in PostgreSQL, and a lost message costs a second or two."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from oncall.domain.escalation import STEP_KIND
from portal.core import clock
from portal.core.context import Context, use
from portal.engine.services.ticking import fire_kinds


@shared_task(name="oncall.fire_escalation_steps")
def fire_escalation_steps(**_: Any) -> None:
    """Steps of ladders that are due now."""
    with use(Context(via="task")):
        fire_kinds(kinds=[STEP_KIND], at=clock.now())
