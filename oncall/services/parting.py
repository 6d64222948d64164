"""A team that read an asset is archived: what was agreed with it ends, and the owner hears (spec oncall 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from oncall.domain.agreements import AgreementState
from oncall.models import AgreementVersion
from oncall.services.agreements import end_agreement
from oncall.services.reminding import tell_archived

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def end_with_archived_teams(*, at: datetime) -> int:
    """End each agreement in force whose downstream team is archived, with the reason; returns how many ended."""
    rows = AgreementVersion.objects.filter(
        state=AgreementState.ACTIVE, agreement__downstream_team__archived_at__lte=at
    ).select_related("agreement__asset", "agreement__downstream_team")
    ended = list(rows.order_by("pk"))
    for version in ended:
        reason = f"{version.agreement.downstream_team.name} was archived"
        end_agreement(actor=None, version=version, reason=reason, at=at)
        tell_archived(version=version, at=at)
    return len(ended)
