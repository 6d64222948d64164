"""Who hears of a plan: voters, sponsors, leads of teams that are asked for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from requests_queue.models import QuarterPlan

PLAN_NOTICE = "requests.plan"
LINE_LENGTH = 200


def plan_url(plan: QuarterPlan, label: str) -> str:
    """Where the plan stands."""
    return f"/plan/{plan.team.slug}/{label}"


def plan_drafts(*, plan: QuarterPlan, people: Iterable[int], line: str, key: str, url: str) -> tuple[NoticeDraft, ...]:
    """One notice a person; `key` names the occasion, so that it is told once."""
    return tuple(
        NoticeDraft(
            PLAN_NOTICE, f"{PLAN_NOTICE}:{plan.pk}:{key}:user.{pk}"[:LINE_LENGTH], subject_of(plan),
            Recipient(person_id=pk), "info",
            {"number": "", "url": url, "title": f"Plan of {plan.team.name}", "line": line[:LINE_LENGTH]},
        )
        for pk in sorted(set(people))
    )  # fmt: skip


def tell(*, plan: QuarterPlan, people: Iterable[int], line: str, key: str, url: str, at: datetime) -> None:
    """Raise them, inside the transaction of what they tell of."""
    drafts = plan_drafts(plan=plan, people=people, line=line, key=key, url=url)
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
