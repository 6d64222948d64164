"""Working out again what rests on too few: what was touched within the minute, everything at night."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from ownership.domain.risks import ON_PEOPLE, UNCOVERED, of_asset
from ownership.models import Risk
from ownership.queries.risk_facts import risk_candidates, risk_facts, risks_of_people
from ownership.services.cover_telling import tell_found
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.domain.risks import Risk as Finding

CHUNK = 1000
LOCK = 7_210_002


@dataclass
class Refreshed:
    """How many findings began, changed or ended."""

    begun: int = 0
    changed: int = 0
    ended: int = 0


def run_risks(args: Mapping[str, Any], progress: Any) -> dict[str, int]:
    """The job of each night."""
    del args, progress
    return asdict(refresh_risks(at=clock.now()))


def refresh_risks(*, at: datetime) -> Refreshed:
    """Every asset that could have a finding, then people. Repeating changes nothing."""
    total = refresh_asset_risks(asset_ids=risk_candidates(at), at=at)
    with transaction.atomic():
        _lock()
        _compare(Risk.objects.filter(kind__in=ON_PEOPLE), risks_of_people(at), total, at)
    return total


def refresh_asset_risks(*, asset_ids: Sequence[int], at: datetime, tells: bool = True) -> Refreshed:
    """The findings of these assets; each chunk is a transaction under one lock.

    Leads hear of days on which nobody could act, unless the caller tells them itself.
    """
    total = Refreshed()
    for start in range(0, len(asset_ids), CHUNK):
        chunk = list(asset_ids[start : start + CHUNK])
        with transaction.atomic():
            _lock()
            found = [risk for facts in risk_facts(chunk, at) for risk in of_asset(facts, at)]
            new = _compare(Risk.objects.filter(asset__in=chunk), found, total, at)
            if tells:
                tell_found([row for row in new if row.kind == UNCOVERED], at)
    return total


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _compare(standing: QuerySet[Risk], found: Iterable[Finding], total: Refreshed, at: datetime) -> list[Risk]:
    """A finding that is still there keeps its age; one that is not ends now. Returns what is new."""
    left = {_key(row): row for row in standing.filter(valid__upper_inf=True)}
    new, changed = [], []
    for each in found:
        row = left.pop(each.key, None)
        if row is None:
            new.append(_row(each, at))
        elif (row.weight, row.detail) != (each.weight, each.detail):
            row.weight, row.detail = each.weight, dict(each.detail)
            changed.append(row)
    for row in left.values():
        row.valid = DateTimeTZRange(row.valid.lower, at)
    ended = [row for row in left.values() if row.valid.lower is not None and row.valid.lower < at]
    Risk.objects.filter(pk__in=[row.pk for row in left.values() if row not in ended]).delete()
    Risk.objects.bulk_update([*changed, *ended], ["valid", "weight", "detail"], batch_size=CHUNK)
    Risk.objects.bulk_create(new, batch_size=CHUNK)
    total.begun, total.changed = total.begun + len(new), total.changed + len(changed)
    total.ended += len(left)
    return new


def _key(row: Risk) -> tuple[str, int, int, int]:
    """As in `Finding.key`: a team stands as a party where an asset is named, else as the place of a person."""
    if row.kind in ON_PEOPLE:
        return row.kind, 0, row.person_id or 0, row.team_id or 0
    return row.kind, row.asset_id or 0, row.person_id or -(row.team_id or 0), 0


def _row(each: Finding, at: datetime) -> Risk:
    team = each.team or max(-each.party, 0)
    return Risk(
        kind=each.kind, asset_id=each.asset or None, person_id=each.party if each.party > 0 else None,
        team_id=team or None, valid=DateTimeTZRange(at, None), weight=each.weight, detail=dict(each.detail),
    )  # fmt: skip
