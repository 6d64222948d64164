"""Telling the operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from portal.engine.domain.alarms import alarm_drafts
from portal.engine.registries import router
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger()


def raise_alarm(*, code: str, ref: str, text: str, at: datetime) -> None:
    """Log an error and warn the organization's fallback; the same (code, ref) warns once."""
    logger.error("engine_alarm", alarm=code, ref=ref, text=text)
    way = router()
    recipients = list(way.fallback(at=at)) if way is not None else []
    with transaction.atomic():
        raise_notices(planned=alarm_drafts(code, ref, text, recipients), at=at)
