"""The doctor looks by itself every five minutes, so that a finding can say since when it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core import clock
from portal.core.models import Setting
from portal.site.domain.findings import remembered
from portal.site.queries.checks import NOTED, findings, noted_checks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CHECKS_JOB = "site.checks"


def run_checks(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The Job; repeatable."""
    del args, progress
    return {"changed": note_checks(at=clock.now())}


@transaction.atomic
def note_checks(*, at: datetime) -> int:
    """Write down which checks have another colour than at the last look, and say how many; under the row's lock.

    A measurement, not an act: no audit row. Idempotent while nothing changes.
    """
    row, _ = Setting.objects.select_for_update().get_or_create(key=NOTED, defaults={"value": {}})
    before = noted_checks()
    after = remembered(findings(), before, at)
    changed = [name for name, noted in after.items() if before.get(name) != noted]
    if changed or before.keys() != after.keys():
        row.value = {name: [noted.colour, noted.since.isoformat()] for name, noted in after.items()}
        row.save(update_fields=["value"])
    return len(changed)
