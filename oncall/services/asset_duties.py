"""What one asset asks of on-call: another rota than its team's, and whether investors read it (spec oncall 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.models import AssetDuty
from oncall.policies import can_manage_rota
from oncall.services.agreements import owner_of
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota
    from ownership.models import Asset


@transaction.atomic
def set_asset_duty(
    *, actor: Any, asset: Asset, rota: Rota | None = None, is_investor_facing: bool = False, at: datetime
) -> AssetDuty:
    """Route an asset to a rota of its own, and say whether it is reported to investors.

    Raises `NotAllowed` for anybody but a lead of the owner, `Conflict` `oncall.no_owner`.
    """
    require(can_manage_rota(actor, owner_of(asset, at), at))
    before = AssetDuty.objects.select_for_update().filter(asset=asset).first()
    facts = {"rota": rota, "is_investor_facing": is_investor_facing, "set_by": actor, "set_at": at}
    if before is not None and (before.rota, before.is_investor_facing) == (rota, is_investor_facing):
        return before
    made, _ = AssetDuty.objects.update_or_create(asset=asset, defaults=facts)
    after = {"rota": rota.slug if rota is not None else "", "is_investor_facing": is_investor_facing}
    record_audit(actor=actor, verb="oncall.asset_duty_set", subject=made, after=after, at=at)
    return made
