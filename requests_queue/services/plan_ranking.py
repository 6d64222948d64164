"""The ranked list while it is open: order, lines in and out, what a line says (spec budget 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import checked_order
from requests_queue.domain.upkeep import TIER_MINUTES
from requests_queue.models import PlanItem
from requests_queue.policies import can_rank
from requests_queue.services.plan_opening import open_to_change, touch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from ownership.models import Asset
    from portal.accounts.models import Person
    from requests_queue.models import QuarterPlan

MOST_MINUTES = 1_000_000
MOST_PIPELINES = 20
LEAST_REASON = 10


@dataclass(frozen=True)
class LineFacts:
    """What the lead says of a line; `month` is the first of the month it is expected in."""

    title: str
    minutes: int
    spread_minutes: int = 0
    owner: Person | None = None
    is_bumpable: bool = False
    adds_pipelines: tuple[int, ...] = ()
    month: date | None = None
    retires: tuple[Asset, ...] = ()


@transaction.atomic
def rank_items(
    *, actor: Any, plan: QuarterPlan, ordered_ids: Sequence[int], plan_version: int | None = None, at: datetime
) -> QuarterPlan:
    """Put the lines into this order. Raises `NotAllowed`, `Stale`, `Conflict`, or `DomainError` naming `order`."""
    require(can_rank(actor, plan.team, at))
    standing = open_to_change(plan, plan_version)
    lines = {line.pk: line for line in standing.items.filter(rank__isnull=False).order_by("rank")}
    order = checked_order(ordered_ids, list(lines))
    changed = [lines[key] for n, key in enumerate(order, start=1) if lines[key].rank != n]
    before = [line.pk for line in lines.values()]
    for n, key in enumerate(order, start=1):
        lines[key].rank = n
    if changed:
        PlanItem.objects.bulk_update(changed, ["rank"])
        touch(standing)
        record_audit(
            actor=actor, verb="requests.plan_ranked", subject=standing, before={"order": before},
            after={"order": order}, at=at,
        )  # fmt: skip
    return standing


@transaction.atomic
def edit_line(*, actor: Any, item: PlanItem, facts: LineFacts, version: int | None = None, at: datetime) -> PlanItem:
    """Change what a line says while the plan is open. Raises `DomainError` naming the field."""
    require(can_rank(actor, item.plan.team, at))
    plan = open_to_change(item.plan, version)
    line = _line_of(plan, item)
    _check(facts)
    before = {"title": line.title, "minutes": line.minutes, "is_bumpable": line.is_bumpable}
    line.title, line.minutes, line.spread_minutes = facts.title.strip()[:200], facts.minutes, facts.spread_minutes
    line.owner, line.is_bumpable, line.adds_pipelines = facts.owner, facts.is_bumpable, list(facts.adds_pipelines)
    line.expected_month = facts.month
    line.save(
        update_fields=[
            "title", "minutes", "spread_minutes", "owner", "is_bumpable", "adds_pipelines", "expected_month",
        ]
    )  # fmt: skip
    line.retires.set(facts.retires)
    touch(plan)
    after = {"title": line.title, "minutes": line.minutes, "is_bumpable": line.is_bumpable}
    record_audit(actor=actor, verb="requests.line_edited", subject=line, before=before, after=after, at=at)
    return line


@transaction.atomic
def set_upkeep(*, actor: Any, plan: QuarterPlan, kind: str, minutes: int, reason: str, at: datetime) -> PlanItem:
    """Replace the suggested upkeep or on-call by a person's figure; the suggestion stays visible beside it."""
    require(can_rank(actor, plan.team, at))
    standing = open_to_change(plan)
    item = standing.items.filter(kind=kind, rank=None).first()
    if item is None:
        raise DomainError("plan.unknown_line", "Choose maintenance or oncall.", "kind")
    if not 0 <= minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 0 and {MOST_MINUTES:,} minutes.", "minutes")
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    before = item.minutes
    item.minutes, item.reason = minutes, reason.strip()[:500]
    item.save(update_fields=["minutes", "reason"])
    touch(standing)
    record_audit(
        actor=actor, verb="requests.upkeep_set", subject=item, before={"minutes": before},
        after={"minutes": minutes}, reason=item.reason, at=at,
    )  # fmt: skip
    return item


@transaction.atomic
def set_aside(*, actor: Any, items: Sequence[PlanItem], plan: QuarterPlan, at: datetime) -> int:
    """Take lines off the list; the wishes stay and are answered at the lock. What was carried over stays."""
    require(can_rank(actor, plan.team, at))
    standing = open_to_change(plan)
    for item in items:
        line = _line_of(standing, item)
        if line.candidate_id is None:
            raise Conflict("plan.line_carried", f"“{line.title}” is carried over; finish or drop it in its quarter.")
        record_audit(actor=actor, verb="requests.line_set_aside", subject=line, before={"rank": line.rank}, at=at)
        line.delete()
    _close_gaps(standing)
    touch(standing)
    return len(items)


def _line_of(plan: QuarterPlan, item: PlanItem) -> PlanItem:
    line = plan.items.select_for_update(of=("self",)).filter(pk=item.pk, rank__isnull=False).first()
    if line is None:
        raise DomainError("plan.unknown_line", "This line is not on the list.", "item")
    return line


def _close_gaps(plan: QuarterPlan) -> None:
    lines = list(plan.items.filter(rank__isnull=False).order_by("rank"))
    for n, line in enumerate(lines, start=1):
        line.rank = n
    PlanItem.objects.bulk_update(lines, ["rank"])


def _check(facts: LineFacts) -> None:
    if not facts.title.strip():
        raise DomainError("plan.no_title", "Give the line a title.", "title")
    if not 1 <= facts.minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    if not 0 <= facts.spread_minutes <= facts.minutes:
        raise DomainError("plan.bad_minutes", "The spread is at most the minutes themselves.", "spread_minutes")
    if len(facts.retires) > MOST_PIPELINES:
        raise DomainError("plan.bad_pipelines", f"At most {MOST_PIPELINES} pipelines.", "retires")
    if len(facts.adds_pipelines) > MOST_PIPELINES or not set(facts.adds_pipelines) <= set(TIER_MINUTES):
        message = f"At most {MOST_PIPELINES} pipelines, each of tier 1 to 4."
        raise DomainError("plan.bad_pipelines", message, "adds_pipelines")
