"""Noting what nobody takes care of; called by this room and those above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from ownership.domain.gaps import GAP_KINDS, find_gaps
from ownership.models import Asset, Gap
from ownership.queries.gap_facts import gap_facts
from ownership.services.ranges import start_after
from ownership.services.telling import tell_gap_opened
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

CHUNK = 1000


@transaction.atomic
def raise_gap(*, actor: Any, asset: Asset, kind: str, detail: Mapping[str, Any], at: datetime) -> Gap:
    """Open a gap of this kind on the asset, or return the one that is open. Locks the asset.

    What the nightly refresh finds closed, it closes. Raises `DomainError` for an unknown kind.
    """
    if kind not in GAP_KINDS:
        raise DomainError("ownership.unknown_gap", f"There is no gap of kind {kind[:40]!r}.", "kind")
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    standing = Gap.objects.filter(asset=locked, kind=kind, valid__upper_inf=True).first()
    if standing is not None:
        return standing
    gap = Gap.objects.create(asset=locked, kind=kind, valid=(at, None), detail=dict(detail))
    record_audit(actor=actor, verb="ownership.gap_raised", subject=locked, after={"kind": kind}, at=at)
    tell_gap_opened(locked.pk, kind, actor, at)
    return gap


def refresh_gaps(*, asset_ids: Sequence[int], at: datetime) -> int:
    """Open what is missing, close what is mended; returns how many rows changed. Repeating changes nothing."""
    changed = 0
    for start in range(0, len(asset_ids), CHUNK):
        with transaction.atomic():
            changed += _refresh(list(asset_ids[start : start + CHUNK]), at)
    return changed


def _refresh(asset_ids: list[int], at: datetime) -> int:
    wanted = {
        (pk, kind): detail
        for pk, facts in gap_facts(asset_ids, at).items()
        for kind, detail in (find_gaps(facts) if facts is not None else {}).items()
    }
    standing = {
        (gap.asset_id, gap.kind): gap
        for gap in Gap.objects.select_for_update().filter(asset_id__in=asset_ids, valid__upper_inf=True)
    }
    mended = [gap for key, gap in standing.items() if key not in wanted]
    for gap in mended:
        gap.valid = DateTimeTZRange(gap.valid.lower, start_after([gap.valid.lower], at))
    Gap.objects.bulk_update(mended, ["valid"])
    told = [gap for key, gap in standing.items() if key in wanted and wanted[key] and gap.detail != wanted[key]]
    for gap in told:
        gap.detail = wanted[gap.asset_id, gap.kind]
    Gap.objects.bulk_update(told, ["detail"])
    fresh = [key for key in wanted if key not in standing]
    Gap.objects.bulk_create(
        [Gap(asset_id=pk, kind=kind, valid=(at, None), detail=wanted[pk, kind]) for pk, kind in fresh],
        ignore_conflicts=True,
    )
    for pk, kind in fresh:
        tell_gap_opened(pk, kind, None, at)
    return len(mended) + len(told) + len(fresh)
