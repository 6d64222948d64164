"""The one place where the engine catches anything: a room's handler or a channel may fail, its row says how."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Callable

logger = structlog.get_logger()
Result = TypeVar("Result")
LOCK_NOT_AVAILABLE = "55P03"


def guarded(run: Callable[[], Result], *, what: str) -> tuple[Result | None, str]:
    """(result, "") or (None, the fault in one line); what `run` wrote is rolled back with it."""
    try:
        with transaction.atomic():
            return run(), ""
    except Exception as error:
        if getattr(error.__cause__, "pgcode", "") == LOCK_NOT_AVAILABLE:
            return None, LOCK_NOT_AVAILABLE
        logger.exception("engine_fault", what=what)
        return None, f"{type(error).__name__}: {error}"[:500]


def guarded_call(run: Callable[[], Result], *, what: str) -> tuple[Result | None, str]:
    """The same for work that opens transactions of its own."""
    try:
        return run(), ""
    except Exception as error:
        logger.exception("engine_fault", what=what)
        return None, f"{type(error).__name__}: {error}"[:500]
