"""A word to the lead before the ad-hoc budget reaches its cap (spec budget 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.domain.letters import share_words
from requests_queue.models import BudgetPeriod
from requests_queue.queries.audience import Directory
from requests_queue.queries.budget import budget_of, outlook_of
from requests_queue.queries.capacity import team_quarter
from requests_queue.services.ledger import BAND_NOTICE

if TYPE_CHECKING:
    from datetime import date, datetime

    from requests_queue.queries.budget import BudgetView

JOB = "requests.budget_forecast"
SOON = 10


def warn_of_caps(*, at: datetime) -> int:
    """Tell the leads whose team passes its cap within ten working days at this pace; once a quarter. How many teams."""
    open_ones = BudgetPeriod.objects.filter(closed_at=None).select_related("team").order_by("pk")
    told = 0
    for period in open_ones:
        quarter = team_quarter(period.team, at)
        if period.quarter_start != quarter.starts_on:
            continue
        view = budget_of(period.team, at, quarter)
        outlook = outlook_of(view, at)
        passes_in = outlook.forecast.passes_cap_in
        if view.state != "red" and outlook.cap_reached_on is not None and passes_in is not None and passes_in <= SOON:
            _tell(period, view, outlook.cap_reached_on, at)
            told += 1
    return told


def _tell(period: BudgetPeriod, view: BudgetView, on: date, at: datetime) -> None:
    context = {
        "title": period.team.name, "url": f"/budget/{period.team.slug}/",
        "state": f"{view.state} and reaches its cap about {on.day} {on:%B}",
        "used": share_words(view.balance.used, view.balance.capacity),
        "cap": share_words(view.cap, view.balance.capacity),
    }  # fmt: skip
    drafts = [
        NoticeDraft(
            BAND_NOTICE, f"{BAND_NOTICE}:{period.pk}:soon:user.{pk}", subject_of(period), Recipient(person_id=pk),
            "info", context,
        )
        for pk in Directory(at).leads(period.team)
    ]  # fmt: skip
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
