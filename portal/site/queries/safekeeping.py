"""How old the newest backup, trial restore and audit seal are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.core.models import Setting
from portal.core.queries.seals import newest_seal

BACKUP, TRIAL = "backup.last", "backup.verified"
OLDEST_BACKUP = timedelta(hours=26)
OLDEST_TRIAL = timedelta(days=8)
OLDEST_SEAL = timedelta(hours=26)


@dataclass(frozen=True)
class Safekeeping:
    """None: never. `trial_is_good` is of the newest trial."""

    backup_at: datetime | None
    trial_at: datetime | None
    trial_is_good: bool
    sealed_at: datetime | None
    seal_day: str


def safekeeping() -> Safekeeping:
    """Two queries."""
    rows: dict[str, dict[str, Any]] = dict(Setting.objects.filter(pk__in=[BACKUP, TRIAL]).values_list("key", "value"))
    seal = newest_seal()
    return Safekeeping(
        backup_at=_instant(rows.get(BACKUP)),
        trial_at=_instant(rows.get(TRIAL)),
        trial_is_good=bool(rows.get(TRIAL, {}).get("is_good")),
        sealed_at=seal.sealed_at if seal else None,
        seal_day=f"{seal.day}" if seal else "",
    )


def _instant(facts: dict[str, Any] | None) -> datetime | None:
    return datetime.fromisoformat(facts["at"]) if facts else None
