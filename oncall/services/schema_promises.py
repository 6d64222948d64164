"""An import that takes away what an agreement promises raises an alarm; the next one that gives it back ends it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from oncall.domain.promised import broken_promises
from oncall.domain.signals import FIRING, RESOLVED, Signal
from oncall.models import AgreementVersion, Alert
from oncall.services.alerts import Arrival, receive_alert
from ownership.models import Column, ColumnEdge
from ownership.queries.parties import owning_team

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from oncall.domain.promised import Broken
    from portal.core.models import ImportRun

SOURCE = "schema"
MOST_READERS = 5


def check_promised_columns(*, run: ImportRun, at: datetime) -> list[Alert]:
    """Look at the assets with promised columns that this import changed; a handful of reads, whatever its size.

    Fires one alert an asset of kind schema_change, naming each column that is gone or retyped, to whom it was promised
    and what is made of it; resolves what is whole again. Idempotent.
    """
    versions = AgreementVersion.objects.filter(state="active", ended_at=None).exclude(columns=[])
    changed = versions.filter(agreement__asset__updated_at__gte=run.planned_at or run.created_at)
    promised: dict[int, list[AgreementVersion]] = defaultdict(list)
    for version in changed.select_related("agreement__asset", "agreement__downstream_team").order_by("pk"):
        promised[version.agreement.asset_id].append(version)
    columns = _columns(promised)
    teams = owning_team(list(promised), at)
    found = []
    for asset_id, versions_of in promised.items():
        team = teams[asset_id]
        broken = {version.pk: broken_promises(version.columns, columns[asset_id]) for version in versions_of}
        if team is not None and columns[asset_id]:
            signal = _signal(versions_of, broken)
            arrival = Arrival(signal, SOURCE, team, versions_of[0].agreement.asset, failure_kind="schema_change")
            found += [receive_alert(arrival=arrival, at=at)] if _is_news(signal) else []
    return found


def _columns(asset_ids: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {pk: {} for pk in asset_ids}
    for asset_id, name, kind in Column.objects.filter(asset__in=asset_ids).values_list("asset_id", "name", "type"):
        found[asset_id][name] = kind
    return found


def _signal(versions: list[AgreementVersion], broken: dict[int, list[Broken]]) -> Signal:
    asset = versions[0].agreement.asset
    key = f"schema:{asset.pk}"
    lost = {each.column: each for rows in broken.values() for each in rows}
    if not lost:
        return Signal(key, RESOLVED, f"{asset.name}: every promised column is there")
    told = ", ".join(sorted({row.agreement.downstream_team.name for row in versions if broken[row.pk]}))
    readers = ColumnEdge.objects.filter(src=asset, src_column__in=list(lost)).select_related("dst")[:MOST_READERS]
    made = ", ".join(f"{edge.dst.name}.{edge.dst_column}" for edge in readers)
    words = "; ".join(each.words for each in lost.values())
    detail = f"{words}. Promised to {told}." + (f" Made of it: {made}." if made else "")
    return Signal(key, FIRING, f"{asset.name} lost what it promised: {', '.join(lost)}"[:300], detail[:2000])


def _is_news(signal: Signal) -> bool:
    """A resolve where nothing fires would be stored for nothing."""
    fires = Alert.objects.filter(source=SOURCE, dedup_key=signal.dedup_key, status=FIRING)
    return signal.status == FIRING or fires.exists()
