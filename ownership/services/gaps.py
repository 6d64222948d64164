"""Noting what nobody takes care of; called by this room and those above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.domain.gaps import GAP_KINDS
from ownership.models import Asset, Gap
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


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
    return gap
