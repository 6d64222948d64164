"""What a request would mean before it is sent: its share of the budget, tokens, and whose job it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ownership.queries.expected import check_boundary
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.web.presentation import count_words, date_words, percent_words, when
from requests_queue.queries.promises import expected_for
from requests_queue.queries.urgency import tokens_left
from requests_queue.queries.verdicts import budget_words
from requests_queue.web.budget_shown import band_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.domain.findings import BoundaryFinding
    from ownership.models import Asset
    from portal.accounts.models import Team
    from requests_queue.queries.promises import Expected

HALF_DAY = 240


@dataclass(frozen=True)
class Early:
    """Somebody needs it before it is promised; `can_spend` offers the token of their team."""

    title: str
    line: str
    can_spend: bool


def wish_of(
    wanted: str, promised: Expected, kind: str, team: Team, viewer: Any, *, is_urgent: bool, at: datetime
) -> dict[str, Any]:
    """What the date of the form means beside the promise: in time, or what one may do; {} where it says nothing."""
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        return {}
    due = promised.due("resolution")
    if day < local_day(viewer, at):
        return {}
    if local_day(viewer, due) <= day:
        return {"in_time": f"You need it by {date_words(day)}: that is in time."}
    line = f"It is done by {when(due, viewer.zone, at).text}."
    left = tokens_left(main_team(viewer, local_day(viewer, at)), at)
    if is_urgent:
        line += " Urgent work is not done sooner; say in the text what can be left out."
    elif left:
        sooner = expected_for(kind=kind, team=team, urgency="urgent", at=at).due("resolution")
        line += f" Your team has {count_words(left, 'urgency token')} left this quarter; with one it is done by "
        line += f"{when(sooner, viewer.zone, at).text}."
    else:
        line += " Your team has no urgency token left this quarter; say in the text what can be left out."
    title = f"{date_words(day)} is sooner than it is promised"
    return {"early": Early(title, line, can_spend=bool(left) and not is_urgent)}


def effect_of(kind: str, team: Team, assets: Sequence[Asset], viewer: Any, at: datetime) -> dict[str, Any]:
    """The panel "If it turns into work", and the findings of the boundary check."""
    view, words = budget_words(viewer, team, at)
    findings = check_boundary(kind=kind, asset_ids=[asset.pk for asset in assets], team=team, at=at)
    used = view.share(view.balance.used)
    return {
        "meter": band_of(view, HALF_DAY), "budget_words": words,
        "findings": [_finding(one) for one in findings], "budget_url": f"/budget/{team.slug}/",
        "quarter": view.quarter.name, "used_words": percent_words(used),
        "with_words": percent_words(used + view.share(HALF_DAY)),
    }  # fmt: skip


def _finding(found: BoundaryFinding) -> dict[str, str]:
    expected = found.expected_team
    return {
        "sentence": found.sentence, "expected": expected.name if expected else "",
        "slug": expected.slug if expected else "",
    }  # fmt: skip
