"""An import that takes a column on which somebody rests raises an alarm; the next one that gives it back ends it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from oncall.domain.promised import Loss, broken_promises, still_lost
from oncall.domain.signals import FIRING, RESOLVED, Signal
from oncall.models import AgreementVersion, Alert
from oncall.queries.lost_columns import MOST_NAMED, Resting, columns_now, lost_since, resting_on
from oncall.services.alerts import Arrival, receive_alert
from ownership.models import Asset
from ownership.queries.parties import owning_team

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.core.models import ImportRun

SOURCE = "schema"
NOBODY = Resting()


def check_promised_columns(*, run: ImportRun, at: datetime) -> list[Alert]:
    """Look at the assets this import changed; a handful of reads, whatever its size.

    Fires one alert an asset of kind schema_change for columns that are gone or retyped and stand in an agreement, in a
    contract, in a column edge or in an answer, naming each and who rests on it; resolves what is whole again.
    Idempotent.
    """
    since = run.planned_at or run.created_at
    promised, firing = _promised(since), _firing(since)
    lost = lost_since(since, firing)
    assets = Asset.objects.filter(retired_at=None).in_bulk({*promised, *firing, *lost})
    columns, teams = columns_now(assets), owning_team(list(assets), at)
    lost = {pk: names for pk, names in lost.items() if pk in assets}
    resting = resting_on(assets, lost)
    found = []
    for pk, asset in assets.items():
        loss = _loss(asset, promised.get(pk, ()), lost.get(pk, {}), resting.get(pk, NOBODY), columns[pk])
        team = teams[pk]
        if team is not None and columns[pk] and (loss.columns or pk in firing):
            arrival = Arrival(_signal(asset, loss, since), SOURCE, team, asset, failure_kind="schema_change")
            found.append(receive_alert(arrival=arrival, at=at))
    return found


def _promised(since: datetime) -> dict[int, list[AgreementVersion]]:
    """What is signed with columns about the assets that changed since."""
    versions = AgreementVersion.objects.filter(state="active", ended_at=None).exclude(columns=[])
    changed = versions.filter(agreement__asset__updated_at__gte=since)
    found: dict[int, list[AgreementVersion]] = defaultdict(list)
    for version in changed.select_related("agreement__downstream_team").order_by("pk"):
        found[version.agreement.asset_id].append(version)
    return found


def _firing(since: datetime) -> dict[int, datetime]:
    """The assets that changed since and whose alarm is on, with the instant from which their losses count."""
    rows = Alert.objects.filter(source=SOURCE, status=FIRING, asset__updated_at__gte=since)
    return {
        row.asset_id: datetime.fromisoformat(row.payload["since"]) if "since" in row.payload else row.first_at
        for row in rows
        if row.asset_id is not None
    }


def _loss(
    asset: Asset, versions: Sequence[AgreementVersion], lost: Mapping[str, str], resting: Resting,
    columns: Mapping[str, str],
) -> Loss:  # fmt: skip
    broken = {version.pk: broken_promises(version.columns, columns) for version in versions}
    promised = {each.column.casefold(): each for rows in broken.values() for each in rows}
    used = still_lost({name: lost[name] for name in lost if name.casefold() in resting.columns}, columns)
    teams = sorted({row.agreement.downstream_team.name for row in versions if broken[row.pk]})
    return Loss(
        asset.name, list(promised.values()), used, teams, resting.made[:MOST_NAMED] if used else (),
        resting.answers[:MOST_NAMED] if used else (), in_contract=resting.in_contract and bool(used),
    )  # fmt: skip


def _signal(asset: Asset, loss: Loss, since: datetime) -> Signal:
    key = f"schema:{asset.pk}"
    if not loss.columns:
        return Signal(key, RESOLVED, f"{asset.name}: every column on which somebody rests is there")
    return Signal(key, FIRING, loss.title[:300], loss.detail[:2000], facts={"since": since.isoformat()})
