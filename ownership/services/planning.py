"""Starting a backfill or migration, and ending it before its time (spec ownership 14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain.plan_sql import DIALECTS, BadRange, check_range
from ownership.domain.plans import (
    CHECK_WORDS,
    DEFAULT_THRESHOLDS,
    LIVE,
    STEPS,
    PlanKind,
    PlanState,
    may_move,
    may_roll_back,
)
from ownership.domain.states import Lifecycle
from ownership.models import Asset, ChangePlan, ChangeStep
from ownership.queries.owners import current_owners
from ownership.queries.parties import parties_of, teams_led_by
from ownership.services.assets import free_slugs
from ownership.services.references import collect_references
from ownership.services.triggers import list_triggers
from portal.core.errors import Conflict, DomainError, Stale
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from datetime import date

    from portal.accounts.models import Person

PLAN_KIND = "ownership.plan_due"
WEEK_BEFORE, ENDS, HOLD_OVER = 1, 2, 3
MORNING = time(9, tzinfo=UTC)
LONGEST_HOLD = 60
REASON_CHARACTERS = 2000
MOST_COLUMNS = 30


@dataclass(frozen=True)
class PlanDraft:
    """What a person wants to change; thresholds stand before any number is known."""

    asset: Asset
    kind: PlanKind
    reason: str
    dialect: str = "postgres"
    range_text: str = ""
    keys: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    thresholds: dict[str, float] = field(default_factory=dict)
    ends_on: date | None = None
    hold_days: int = 7


@transaction.atomic
def start_plan(*, actor: Person, draft: PlanDraft, at: datetime) -> ChangePlan:
    """A plan with its steps, references and what runs below; a migration gets its successor `<name>_v2`.

    Raises `DomainError` naming the field, `Conflict` while another plan for the table lives. Locks the asset.
    """
    asset = Asset.objects.select_for_update().get(pk=draft.asset.pk)
    held = {holder.party.key for holder in current_owners([asset.pk])[asset.pk].holders}
    require(policies.plans.can_start(actor, teams_led_by(actor, at), parties_of(actor, at), held))
    facts = _checked(draft, asset, at)
    plan = ChangePlan.objects.create(
        kind=draft.kind.value, asset=asset, reason=draft.reason.strip(), owner=actor, state=PlanState.DRAFT.value,
        dialect=draft.dialect, ends_on=draft.ends_on, hold_days=draft.hold_days, created_at=at, **facts,
    )  # fmt: skip
    steps = enumerate(STEPS[draft.kind], start=1)
    ChangeStep.objects.bulk_create(ChangeStep(plan=plan, n=n, code=step.code) for n, step in steps)
    if draft.kind is PlanKind.LARGE:
        plan.successor = _second_version(asset, at)
        plan.save(update_fields=["successor"])
        collect_references(plan=plan, at=at)
    else:
        list_triggers(plan=plan)
    _arm_end(plan, at)
    after = {"asset": asset.slug, "kind": plan.kind}
    record_audit(actor=actor, verb="ownership.plan_started", subject=plan, after=after, at=at)
    return plan


@transaction.atomic
def pause_plan(*, actor: Person, plan: ChangePlan, at: datetime) -> ChangePlan:
    """Nothing may be ticked until somebody goes on."""
    return _move(actor, plan, PlanState.PAUSED, "", at)


@transaction.atomic
def resume_plan(*, actor: Person, plan: ChangePlan, at: datetime) -> ChangePlan:
    """Go on."""
    return _move(actor, plan, PlanState.RUNNING, "", at)


@transaction.atomic
def abandon_plan(*, actor: Person, plan: ChangePlan, reason: str, at: datetime) -> ChangePlan:
    """Stop for good, with a reason; what was built beside production is left to its owner."""
    if not reason.strip():
        raise DomainError("ownership.reason_missing", "Say in a few words why.", "reason")
    return _move(actor, plan, PlanState.ABANDONED, reason.strip(), at)


@transaction.atomic
def roll_back_plan(*, actor: Person, plan: ChangePlan, reason: str, at: datetime) -> ChangePlan:
    """Go back: by the inverse renames, or by leaving the first version; `Conflict` once the old table is dropped."""
    if not reason.strip():
        raise DomainError("ownership.reason_missing", "Say in a few words why.", "reason")
    done = set(ChangeStep.objects.filter(plan=plan, state="done").values_list("code", flat=True))
    if not may_roll_back(PlanKind(plan.kind), done):
        raise Conflict("ownership.no_way_back", "The old table is gone: there is nothing to go back to.")
    return _move(actor, plan, PlanState.ROLLED_BACK, reason.strip(), at)


def require_worker(actor: Person, plan: ChangePlan, at: datetime) -> None:
    """The owner of the plan, a holder of the table, or an admin."""
    held = {holder.party.key for holder in current_owners([plan.asset_id])[plan.asset_id].holders}
    require(policies.plans.can_work(actor, plan, parties_of(actor, at), held))


def locked_plan(plan: ChangePlan, version: int | None = None) -> ChangePlan:
    """The plan under its lock; raises `Stale` for another version than the caller saw."""
    row = (
        ChangePlan.objects.select_for_update(of=("self",)).select_related("asset", "successor", "owner").get(pk=plan.pk)
    )
    if version is not None and row.version != version:
        raise Stale("core.stale", "Somebody else changed it first. Look again.", version=row.version)
    return row


def finish_plan(plan: ChangePlan, state: PlanState, at: datetime) -> None:
    """The last word on a plan: its deadlines and those of its references end. Called under its lock."""
    plan.state, plan.finished_at = state.value, at
    cancel_deadlines(actor=None, subject=subject_of(plan), reason=state.value, at=at)
    for row in plan.references.filter(state="open"):
        cancel_deadlines(actor=None, subject=subject_of(row), reason=state.value, at=at)


def _move(actor: Person, plan: ChangePlan, state: PlanState, reason: str, at: datetime) -> ChangePlan:
    row = locked_plan(plan)
    require_worker(actor, row, at)
    if not may_move(PlanState(row.state), state):
        raise Conflict("ownership.plan_state", f"The plan is {row.state.replace('_', ' ')}.", state=row.state)
    before = {"state": row.state}
    if state in LIVE:
        row.state = state.value
    else:
        finish_plan(row, state, at)
        _restore(row, at)
    row.version += 1
    row.save(update_fields=["state", "finished_at", "version"])
    after = {"state": row.state}
    record_audit(
        actor=actor, verb=f"ownership.plan_{state.value}", subject=row, before=before, after=after, reason=reason, at=at
    )
    return row


def _restore(plan: ChangePlan, at: datetime) -> None:
    """The first version is what it was; a second one that was made for the plan goes."""
    rows = Asset.objects.filter(pk=plan.asset_id, lifecycle=Lifecycle.DEPRECATED.value)
    rows.update(lifecycle=Lifecycle.ACTIVE.value, updated_at=at)
    made = Asset.objects.filter(pk=plan.successor_id or 0, lifecycle=Lifecycle.MIGRATING.value)
    made.update(lifecycle=Lifecycle.RETIRED.value, retired_at=at, updated_at=at)


def _checked(draft: PlanDraft, asset: Asset, at: datetime) -> dict[str, Any]:
    if asset.retired_at is not None:
        raise Conflict("ownership.retired", "A retired asset needs no plan.")
    if ChangePlan.objects.filter(asset=asset, state__in=[state.value for state in LIVE]).exists():
        raise Conflict("ownership.plan_lives", "Another plan for this table is under way. Finish or abandon it first.")
    if not draft.reason.strip() or len(draft.reason) > REASON_CHARACTERS:
        raise DomainError("ownership.reason_missing", "Say what changes and why.", "reason")
    if draft.dialect not in DIALECTS:
        raise DomainError("ownership.unknown_dialect", f"One of {', '.join(DIALECTS)}.", "dialect")
    _check_dates(draft, at)
    try:
        where = check_range(draft.range_text)
    except BadRange as error:
        raise DomainError("ownership.bad_range", str(error), "range_text") from None
    return {"range_text": where, "columns": _columns(draft)}


def _check_dates(draft: PlanDraft, at: datetime) -> None:
    if draft.kind is PlanKind.LARGE and (draft.ends_on is None or draft.ends_on <= at.date()):
        raise DomainError("ownership.bad_end", "A migration has an end date that lies ahead.", "ends_on")
    if not 0 <= draft.hold_days <= LONGEST_HOLD:
        raise DomainError("ownership.bad_hold", f"The hold is 0 to {LONGEST_HOLD} days.", "hold_days")


def _columns(draft: PlanDraft) -> dict[str, Any]:
    if max(len(draft.keys), len(draft.sums), len(draft.columns)) > MOST_COLUMNS:
        raise DomainError("ownership.too_many_columns", f"At most {MOST_COLUMNS} columns each.", "keys")
    unknown = set(draft.thresholds) - set(CHECK_WORDS)
    if unknown:
        raise DomainError("ownership.unknown_check", f"There is no check {min(unknown)!r}.", "thresholds")
    if any(value < 0 for value in draft.thresholds.values()):
        raise DomainError("ownership.bad_threshold", "A threshold is 0 or more.", "thresholds")
    return {
        "keys": list(draft.keys),
        "sums": list(draft.sums),
        "columns": list(draft.columns),
        "thresholds": DEFAULT_THRESHOLDS | draft.thresholds,
    }


def _second_version(asset: Asset, at: datetime) -> Asset:
    """The asset `<name>_v2`, known already from an import or made now; it replaces the first."""
    relation = f"{asset.relation}_v2" if asset.relation else ""
    name = f"{asset.name}_v2"
    known = Asset.objects.filter(relation=relation) if relation else Asset.objects.filter(name=name, kind=asset.kind)
    found = known.filter(retired_at=None).exclude(pk=asset.pk).order_by("pk").first()
    if found is None:
        found = Asset(
            kind=asset.kind, slug=free_slugs([f"{asset.slug}_v2"])[0], name=name, relation=relation, attrs={},
            domain=asset.domain, tier=asset.tier, created_at=at, updated_at=at,
        )  # fmt: skip
    found.lifecycle, found.replaces, found.updated_at = Lifecycle.MIGRATING.value, asset, at
    found.save()
    return found


def _arm_end(plan: ChangePlan, at: datetime) -> None:
    if plan.ends_on is None:
        return
    end = datetime.combine(plan.ends_on, MORNING)
    steps = ((WEEK_BEFORE, end - timedelta(days=7)), (ENDS, end))
    subject = subject_of(plan)
    arm_deadlines(
        drafts=[DeadlineDraft(PLAN_KIND, subject, instant, step) for step, instant in steps if instant > at], at=at
    )
