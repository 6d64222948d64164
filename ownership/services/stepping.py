"""Ticking the steps of a plan, each with its evidence and its guard (spec ownership 14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.domain.plans import (
    CHECK_WORDS,
    SIDE_BY_SIDE_RUNS,
    Check,
    PlanKind,
    PlanState,
    StepState,
    all_pass,
    may_move,
    open_step,
    step_plan,
)
from ownership.domain.states import Lifecycle
from ownership.domain.triggering import TriggerState
from ownership.models import AssetAlias, ChangePlan, ChangeStep, Reference
from ownership.queries.impact import impact_of
from ownership.queries.plans import objection_words, obstacles, reference_words, suffix_names
from ownership.services.evidence import Act, record_evidence
from ownership.services.merging import merge_assets
from ownership.services.planning import HOLD_OVER, PLAN_KIND, finish_plan, locked_plan, require_worker
from ownership.services.references import BACK, FIRST, collect_references, open_way_back
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.accounts.models import Person

    Guard = Callable[[ChangePlan, "Seen", datetime], None]

NOTE_CHARACTERS = 1000
BACKFILL_DONE = "ownership.backfill_done"


@dataclass(frozen=True)
class Seen:
    """What a person saw when they ticked: values by check, and how many runs agreed."""

    values: dict[str, float] = field(default_factory=dict)
    runs: int = 0
    note: str = ""


@transaction.atomic
def complete_step(*, actor: Person, plan: ChangePlan, n: int, seen: Seen, at: datetime) -> ChangeStep:
    """Tick the step that is open. Its guard reads everything again under the plan's lock and writes nothing on refusal.

    Raises `Conflict`: `ownership.step_closed`, `ownership.checks_fail`, `ownership.objections_open`,
    `ownership.references_remain` (with the list; there is no override), `ownership.hold`, and others by name.
    """
    row = locked_plan(plan)
    require_worker(actor, row, at)
    step = _open(row, n)
    what = step_plan(PlanKind(row.kind), step.code)
    for name, guard in GUARDS.items():
        if getattr(what, name, False) or name == step.code:
            guard(row, seen, at)
    step.state, step.by, step.at = StepState.DONE.value, actor, at
    step.evidence, step.note = _evidence(row, seen), seen.note.strip()[:NOTE_CHARACTERS]
    step.save(update_fields=["state", "by", "at", "evidence", "note"])
    _follow(row, step, actor, at)
    row.version += 1
    row.save(update_fields=["state", "finished_at", "version"])
    after = {"step": step.code, "evidence": step.evidence}
    record_audit(actor=actor, verb="ownership.step_done", subject=row, after=after, reason=step.note, at=at)
    return step


@transaction.atomic
def fail_step(*, actor: Person, plan: ChangePlan, n: int, note: str, at: datetime) -> ChangeStep:
    """It did not work, with what was seen; it stays open and can be ticked later."""
    row = locked_plan(plan)
    require_worker(actor, row, at)
    step = _open(row, n)
    if not note.strip():
        raise DomainError("ownership.reason_missing", "Say in a few words what went wrong.", "note")
    step.state, step.by, step.at, step.note = StepState.FAILED.value, actor, at, note.strip()[:NOTE_CHARACTERS]
    step.save(update_fields=["state", "by", "at", "note"])
    record_audit(
        actor=actor, verb="ownership.step_failed", subject=row, after={"step": step.code}, reason=step.note, at=at
    )
    return step


def _open(plan: ChangePlan, n: int) -> ChangeStep:
    if plan.state not in (PlanState.DRAFT, PlanState.RUNNING):
        raise Conflict("ownership.plan_state", f"The plan is {plan.state.replace('_', ' ')}.", state=plan.state)
    steps = list(ChangeStep.objects.filter(plan=plan).order_by("n"))
    place = open_step([StepState(step.state) for step in steps])
    if place is None or steps[place].n != n:
        raise Conflict("ownership.step_closed", "Another step is open: those before it come first.", open=place)
    return steps[place]


def _evidence(plan: ChangePlan, seen: Seen) -> dict[str, Any]:
    limits = plan.columns.get("thresholds", {})
    checks = {code: {"threshold": limits.get(code, 0.0), "value": value} for code, value in seen.values.items()}
    return {key: value for key, value in (("checks", checks), ("runs", seen.runs)) if value}


def _follow(plan: ChangePlan, step: ChangeStep, actor: Person, at: datetime) -> None:
    """What a ticked step changes in the register."""
    if may_move(PlanState(plan.state), PlanState.RUNNING):
        plan.state = PlanState.RUNNING.value
    if step.code == "swap":
        due = at + timedelta(days=plan.hold_days)
        arm_deadline(actor=actor, kind=PLAN_KIND, subject=subject_of(plan), step=HOLD_OVER, due_at=due, at=at)
    if step.code == "deprecate":
        plan.asset.lifecycle, plan.asset.updated_at = Lifecycle.DEPRECATED.value, at
        plan.asset.save(update_fields=["lifecycle", "updated_at"])
    if step.code == "rename":
        _take_the_name(plan, actor, at)
    if step.code == "done":
        finish_plan(plan, PlanState.DONE, at)
        act = Act("backfill_done", plan.code, at, f"/backfills/{plan.code}")
        record_evidence(actor=actor, person=plan.owner, assets=[plan.asset], act=act)
        payload = {"asset": plan.asset_id, "plan": plan.pk}
        publish_event(actor=actor, topic=BACKFILL_DONE, subject=subject_of(plan.asset), payload=payload, at=at)


def _take_the_name(plan: ChangePlan, actor: Person, at: datetime) -> None:
    """The second version becomes the table: its names and edges move over, and the way back opens."""
    open_way_back(plan=plan, at=at)
    if plan.successor is not None and plan.successor.retired_at is None:
        merge_assets(actor=actor, kept=plan.asset, gone=plan.successor, at=at)
        AssetAlias.objects.filter(asset=plan.asset, key__iendswith="_v2").update(last_seen=at - timedelta(seconds=1))
    plan.asset.refresh_from_db()
    plan.asset.lifecycle, plan.asset.updated_at = Lifecycle.ACTIVE.value, at
    plan.asset.save(update_fields=["lifecycle", "updated_at"])


def _announced(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen
    if not plan.announcements.exists() and impact_of(plan.asset, "backfill", at).people:
        raise Conflict("ownership.not_announced", "People below have not been told. Announce the change first.")


def _verified(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    """Every threshold that stands has a value within it."""
    del at
    limits: dict[str, float] = plan.columns.get("thresholds", {})
    checks = [Check(code, limit, seen.values.get(code)) for code, limit in limits.items()]
    if not all_pass(checks):
        failing = [CHECK_WORDS[check.code] for check in checks if not check.passes]
        raise Conflict("ownership.checks_fail", f"Not within its threshold: {'; '.join(failing)}.", checks=failing)
    if plan.kind == PlanKind.LARGE and seen.runs < SIDE_BY_SIDE_RUNS:
        raise Conflict("ownership.too_few_runs", f"At least {SIDE_BY_SIDE_RUNS} runs agree before the next step.")


def _unopposed(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen, at
    if words := objection_words(plan):
        message = f"{len(words)} object and wait for an answer."
        raise Conflict("ownership.objections_open", message, objections=list(words))


def _nothing_left(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    """The guard before a drop. No override."""
    del seen
    collect_references(plan=plan, at=at)
    found = obstacles(plan, at)
    if found:
        message = "Something still needs the table: it is not dropped."
        raise Conflict(
            "ownership.references_remain", message, references=list(found.references),
            objections=list(found.objections), stale_sources=list(found.stale_sources),
            recent_reads=list(found.recent_reads),
        )  # fmt: skip


def _moved(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen
    collect_references(plan=plan, at=at)
    _none_open(plan, FIRST)


def _plain_names(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen, at
    _none_open(plan, BACK)
    if names := suffix_names(plan):
        raise Conflict("ownership.suffix_remains", "The newest files still use the suffix.", names=names)


def _none_open(plan: ChangePlan, phase: int) -> None:
    rows = Reference.objects.filter(plan=plan, phase=phase, state="open").select_related("referrer", "person", "team")
    if words := [reference_words(row) for row in rows]:
        message = f"{len(words)} references have not moved."
        raise Conflict("ownership.references_remain", message, references=words)


def _all_ran(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen, at
    waiting = plan.triggers.exclude(state=TriggerState.DONE.value).select_related("asset")
    if names := [trigger.asset.name for trigger in waiting]:
        raise Conflict("ownership.not_run", f"{len(names)} assets below have not run.", assets=names)


def _held_long_enough(plan: ChangePlan, seen: Seen, at: datetime) -> None:
    del seen
    swapped = plan.steps.get(code="swap")
    if swapped.at is not None and at < swapped.at + timedelta(days=plan.hold_days):
        raise Conflict("ownership.hold", f"The old rows are kept for {plan.hold_days} days after the swap.")


GUARDS: dict[str, Guard] = {
    "announce": _announced,
    "needs_checks": _verified,
    "is_swap": _unopposed,
    "is_drop": _nothing_left,
    "needs_references": _moved,
    "needs_names": _plain_names,
    "needs_triggers": _all_ran,
    "waits_for_hold": _held_long_enough,
}
