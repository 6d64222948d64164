"""The newest word on the runs and the freshness of assets (spec additions, "status of an asset")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.freshness import is_failure, is_settled
from ownership.models import Asset, AssetStatus, StatusEntry
from portal.engine.domain.subjects import subject_of
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.models import ImportSource

RUN_STATE = "ownership.run_state_changed"
LAST_RUN = "last_run"
UPSERT = """
INSERT INTO ownership_assetstatus AS known (asset_id, what, value, at, source_id)
VALUES {values}
ON CONFLICT (asset_id, what) DO UPDATE SET value = EXCLUDED.value, at = EXCLUDED.at, source_id = EXCLUDED.source_id
WHERE EXCLUDED.at >= known.at
"""
VALUE_CHARACTERS = 200


@dataclass(frozen=True)
class Heard:
    """What was said of one asset at an instant."""

    asset_id: int
    what: str
    value: str
    at: datetime


def hear_statuses(*, actor: Any, source: ImportSource | None, heard: Sequence[Heard], at: datetime) -> int:
    """Keep the newest word on each matter, and every word for the record; returns the matters that changed.

    An older word never replaces a newer one. `ownership.run_state_changed` is published only when a run flips between
    good and failed.
    """
    newest = _newest(heard)
    if not newest:
        return 0
    before = _before(newest)
    fresh = {key: word for key, word in newest.items() if key not in before or before[key].at <= word.at}
    _write(fresh.values(), source)
    _keep(heard, source)
    changed = {key: word for key, word in fresh.items() if key not in before or before[key].value != word.value}
    _tell_flips(changed, before, actor, at)
    return len(changed)


def _newest(heard: Sequence[Heard]) -> dict[tuple[int, str], Heard]:
    """The last word on each matter; a run that was skipped or goes on says nothing yet."""
    found: dict[tuple[int, str], Heard] = {}
    for word in heard:
        if word.what == LAST_RUN and not is_settled(word.value):
            continue
        known = found.get((word.asset_id, word.what))
        if known is None or known.at <= word.at:
            found[word.asset_id, word.what] = word
    return found


def _before(newest: dict[tuple[int, str], Heard]) -> dict[tuple[int, str], AssetStatus]:
    rows = AssetStatus.objects.filter(asset_id__in={asset_id for asset_id, _ in newest})
    return {(row.asset_id, row.what): row for row in rows}


def _write(words: Any, source: ImportSource | None) -> None:
    rows = [(word.asset_id, word.what, word.value[:VALUE_CHARACTERS], word.at) for word in words]
    if rows:
        places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                UPSERT.format(values=places), [value for row in rows for value in (*row, source.pk if source else None)]
            )


def _keep(heard: Sequence[Heard], source: ImportSource | None) -> None:
    """Every settled word, once, for the share of the last 90 days that was good."""
    StatusEntry.objects.bulk_create(
        [
            StatusEntry(
                asset_id=word.asset_id, what=word.what, value=word.value[:VALUE_CHARACTERS], at=word.at, source=source
            )
            for word in heard
            if is_settled(word.value)
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _tell_flips(
    changed: dict[tuple[int, str], Heard], before: dict[tuple[int, str], AssetStatus], actor: Any, at: datetime
) -> None:
    flipped = {}
    for key, word in changed.items():
        known = before.get(key)
        was_failed = known is not None and is_failure(known.value)
        if word.what == LAST_RUN and is_settled(word.value) and is_failure(word.value) != was_failed:
            flipped[word.asset_id] = word
    for asset in Asset.objects.filter(pk__in=flipped).order_by("pk"):
        word = flipped[asset.pk]
        state = "failed" if is_failure(word.value) else "ok"
        payload = {"asset": asset.pk, "state": state, "at": word.at.isoformat()}
        publish_event(actor=actor, topic=RUN_STATE, subject=subject_of(asset), payload=payload, at=at)
