"""What-ifs kept beside a plan; nothing else is written by them (spec budget 14.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.models import PlanScenario
from requests_queue.policies import can_rank
from requests_queue.queries.plan_facts import facts_of, require_teams, what_if

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from requests_queue.models import QuarterPlan

MOST_SCENARIOS = 12


@transaction.atomic
def keep_scenario(
    *, actor: Any, plan: QuarterPlan, name: str, changes: Sequence[Mapping[str, Any]], at: datetime
) -> PlanScenario:
    """Keep a named list of changes; the same name replaces it. Raises `DomainError` naming the change at fault."""
    require(can_rank(actor, plan.team, at))
    if not name.strip() or len(name.strip()) > 60:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.no_title", "A name of up to 60 characters.", "name")
    if not changes:
        raise DomainError("plan.bad_scenario", "A scenario changes something.", "changes")
    require_teams(changes)
    what_if(plan, facts_of(plan, at), changes)
    others = PlanScenario.objects.filter(plan=plan).exclude(name=name.strip()).count()
    if others >= MOST_SCENARIOS:
        raise Conflict("plan.too_many_scenarios", f"At most {MOST_SCENARIOS} scenarios. Drop one first.")
    kept, _ = PlanScenario.objects.update_or_create(
        plan=plan, name=name.strip(),
        defaults={"changes": [dict(change) for change in changes], "made_by": actor, "made_at": at},
    )  # fmt: skip
    record_audit(
        actor=actor, verb="requests.scenario_kept", subject=plan, after={"name": kept.name, "changes": len(changes)},
        at=at,
    )  # fmt: skip
    return kept


@transaction.atomic
def drop_scenario(*, actor: Any, scenario: PlanScenario, at: datetime) -> None:
    """Forget a what-if."""
    require(can_rank(actor, scenario.plan.team, at))
    record_audit(
        actor=actor, verb="requests.scenario_dropped", subject=scenario.plan, before={"name": scenario.name}, at=at
    )
    scenario.delete()
