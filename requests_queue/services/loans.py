"""What was borrowed at night becomes a wish for the next plan, due in one quarter (spec additions, runbooks)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.queries.runbooks import borrowed_step
from ownership.models import Asset
from portal.accounts.models import Team
from requests_queue.services.candidates import Wish, add_candidate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.engine.domain.subjects import Subject
    from requests_queue.models import PlanCandidate

QUARTER = timedelta(days=91)
SOURCE = "runbook_loan"


def nominate_loan(*, asset: Asset, team: Team, number: str, step: str, at: datetime) -> PlanCandidate:
    """The wish to pay it back, once an asset and plan however often it was borrowed."""
    due = (at + QUARTER).date()
    why = f"Borrowed for {number}: {step} Pay it back by {due:%Y-%m-%d}."
    wish = Wish(f"Pay back what {asset.name} borrowed at night"[:200], why[:500], assets=[asset],
                source_type=SOURCE, source_id=asset.pk)  # fmt: skip
    return add_candidate(actor=None, team=team, wish=wish, at=at)


def loan_taken(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """`oncall.loan_taken`: a step that is a loan worked for an asset; an asset or team that is gone owes nothing."""
    asset = Asset.objects.filter(pk=int(payload["asset"]), retired_at=None).first()
    team = Team.objects.filter(pk=int(payload["team"]), archived_at=None).first()
    if asset is not None and team is not None:
        step = borrowed_step(int(payload["use"]))
        nominate_loan(asset=asset, team=team, number=f"INC-{subject.id}", step=step, at=at)
