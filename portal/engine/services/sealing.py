"""The nightly Job that seals history and looks whether the last week is what was sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core import clock
from portal.core.queries.seals import CONTENT, verify_seals
from portal.core.services.seals import seal_history
from portal.engine.services.alarms import raise_alarm

if TYPE_CHECKING:
    from collections.abc import Mapping

SEAL_JOB = "engine.seal_history"
DAYS_CHECKED = 7


def run_sealing(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Repeatable. A difference alarms the operators; `manage.py audit_verify` checks every day there is."""
    del args, progress
    at = clock.now()
    made = seal_history(at=at)
    breaches = [verified.breach for table in CONTENT if (verified := verify_seals(table, days=DAYS_CHECKED)).breach]
    for breach in breaches:
        if breach is not None:
            raise_alarm(code="history_rewritten", ref=breach.sentence, text=breach.sentence, at=at)
    return {"seals": len(made), "breaches": len(breaches)}
