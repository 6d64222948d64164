"""What a request would mean before it is sent: its share of the budget, tokens, and whose job it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.queries.expected import check_boundary
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.web.presentation import count_words, percent_words
from requests_queue.queries.urgency import tokens_left
from requests_queue.queries.verdicts import budget_words
from requests_queue.web.budget_shown import band_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.domain.findings import BoundaryFinding
    from ownership.models import Asset
    from portal.accounts.models import Team

HALF_DAY = 240


def effect_of(kind: str, team: Team, assets: Sequence[Asset], viewer: Any, at: datetime) -> dict[str, Any]:
    """The panel "If it turns into work", the tokens that are left, and the findings of the boundary check."""
    view, words = budget_words(team, at)
    own = main_team(viewer, local_day(viewer, at))
    findings = check_boundary(kind=kind, asset_ids=[asset.pk for asset in assets], team=team, at=at)
    left = tokens_left(own, at)
    used = view.share(view.balance.used)
    return {
        "meter": band_of(view, HALF_DAY), "budget_words": words, "tokens": count_words(left, "urgency token"),
        "has_token": left > 0, "findings": [_finding(one) for one in findings], "budget_url": f"/budget/{team.slug}/",
        "quarter": view.quarter.name, "used_words": percent_words(used),
        "with_words": percent_words(used + view.share(HALF_DAY)),
    }  # fmt: skip


def _finding(found: BoundaryFinding) -> dict[str, str]:
    expected = found.expected_team
    return {
        "sentence": found.sentence, "expected": expected.name if expected else "",
        "slug": expected.slug if expected else "",
    }  # fmt: skip
