"""A word to the lead before the ad-hoc budget reaches its cap (spec budget 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.accounts.models import Person
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.domain.letters import share_words
from requests_queue.models import BudgetPeriod
from requests_queue.queries.audience import Directory
from requests_queue.queries.budget import budget_for, outlook_of
from requests_queue.queries.capacity import team_quarter
from requests_queue.services.ledger import BAND_NOTICE

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.core.domain.quarter import Quarter
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
        told += _tell(period, quarter, at)
    return told


def _tell(period: BudgetPeriod, quarter: Quarter, at: datetime) -> bool:
    """A word to each lead by the books as they may see them; says whether anybody was told."""
    drafts = []
    for lead in Person.objects.filter(pk__in=Directory(at).leads(period.team)).order_by("pk"):
        view = budget_for(lead, period.team, at, quarter)
        outlook = outlook_of(view, at)
        on, passes_in = outlook.cap_reached_on, outlook.forecast.passes_cap_in
        if view.state != "red" and on is not None and passes_in is not None and passes_in <= SOON:
            drafts.append(_draft(period, view, on, lead.pk))
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
    return bool(drafts)


def _draft(period: BudgetPeriod, view: BudgetView, on: date, person: int) -> NoticeDraft:
    context = {
        "title": period.team.name, "url": f"/budget/{period.team.slug}/",
        "state": f"{view.state} and reaches its cap about {on.day} {on:%B}",
        "used": share_words(view.balance.used, view.balance.capacity),
        "cap": share_words(view.cap, view.balance.capacity),
    }  # fmt: skip
    key = f"{BAND_NOTICE}:{period.pk}:soon:user.{person}"
    return NoticeDraft(BAND_NOTICE, key, subject_of(period), Recipient(person_id=person), "info", context)
