"""Running what is below a rebuilt table: in order, by hand or by a signed call, each with one key (ownership 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain.freshness import RUN, is_failure, is_settled
from ownership.domain.kinds import DATASET, MASTER_DATA, PIPELINE
from ownership.domain.references import ordered_below
from ownership.domain.triggering import TRIGGER_KINDS, TriggerState, held, ready, trigger_body, trigger_key
from ownership.models import Asset, AssetStatus, ChangePlan, PipelineTrigger, PlanTrigger
from ownership.queries.owners import current_owners
from ownership.queries.parties import parties_of, teams_led_by
from ownership.queries.plans import edges_below
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Endpoint, Person

TRIGGER_NOTICE = "ownership.trigger"
STEP = "trigger"
RUNNABLE = (DATASET.code, MASTER_DATA.code, PIPELINE.code)


def list_triggers(*, plan: ChangePlan) -> int:
    """What runs after the swap, in the order of the data, cycles cut at the stalest edge. Replaces what is unsent."""
    edges = edges_below(plan.asset_id)
    ids = {end for src, dst, _ in edges for end in (src, dst)} - {plan.asset_id}
    wanted = Asset.objects.filter(pk__in=ids, kind__in=RUNNABLE, retired_at=None).values_list("pk", flat=True)
    order = ordered_below(plan.asset_id, edges, frozenset(wanted))
    plan.triggers.filter(state=TriggerState.TODO.value).delete()
    rows = [
        PlanTrigger(plan=plan, n=n, asset_id=asset_id, after=sorted(before))
        for n, (asset_id, before) in enumerate(order, start=1)
    ]
    PlanTrigger.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def send_trigger(*, actor: Person | None, row: PlanTrigger, at: datetime) -> PlanTrigger:
    """Call the pipeline's trigger; sent again it carries the same key. `Conflict` while a forerunner has not run.

    One without a trigger is ticked by hand.
    """
    row = _locked(row)
    if actor is not None:
        _require_worker(actor, row.plan, at)
    states, after = _states(row.plan)
    if row.asset_id not in ready(states | {row.asset_id: TriggerState.TODO.value}, after):
        raise Conflict("ownership.not_its_turn", "Something that feeds it has not run yet.")
    if row.state == TriggerState.DONE:
        raise Conflict("ownership.ran_already", "It has run already.")
    call = PipelineTrigger.objects.select_related("endpoint", "pipeline").filter(pipeline_id=row.asset_id).first()
    if call is None:
        raise DomainError("ownership.no_trigger", "Nothing calls this pipeline: run it, then tick it.", "asset")
    row.tries += 1
    _call(actor, row, call, at)
    row.state, row.sent_at, row.finished_at, row.by = TriggerState.SENT.value, at, None, actor
    row.save(update_fields=["state", "sent_at", "finished_at", "by", "tries"])
    after_facts = {"asset": row.asset.slug, "key": key_of(row), "try": row.tries}
    record_audit(actor=actor, verb="ownership.trigger_sent", subject=row.plan, after=after_facts, at=at)
    return row


@transaction.atomic
def finish_trigger(*, actor: Person | None, row: PlanTrigger, ran: bool, at: datetime) -> PlanTrigger:
    """It ran, or failed: by hand, or from its run's event. What waited for it is sent; a failure holds only its own."""
    row = _locked(row)
    if actor is not None:
        _require_worker(actor, row.plan, at)
    states, after = _states(row.plan)
    if row.state == TriggerState.TODO and row.asset_id not in ready(states, after):
        raise Conflict("ownership.not_its_turn", "Something that feeds it has not run yet.")
    row.state = TriggerState.DONE.value if ran else TriggerState.FAILED.value
    row.finished_at, row.by = at, actor or row.by
    row.save(update_fields=["state", "finished_at", "by"])
    verb = "ownership.trigger_ran" if ran else "ownership.trigger_failed"
    record_audit(actor=actor, verb=verb, subject=row.plan, after={"asset": row.asset.slug}, at=at)
    if ran:
        send_ready(actor=None, plan=row.plan, at=at)
    return row


@transaction.atomic
def send_ready(*, actor: Person | None, plan: ChangePlan, at: datetime) -> int:
    """Send whatever may run now and has a trigger; returns how many."""
    if actor is not None:
        _require_worker(actor, plan, at)
    states, after = _states(plan)
    callable_ids = set(PipelineTrigger.objects.filter(pipeline__in=list(states)).values_list("pipeline_id", flat=True))
    turn = [asset_id for asset_id in ready(states, after) if asset_id in callable_ids]
    for row in plan.triggers.filter(asset_id__in=turn).order_by("n"):
        send_trigger(actor=None, row=row, at=at)
    return len(turn)


def follow_runs(*, at: datetime) -> dict[str, int]:
    """Sent triggers whose job has told the end of a run since: the newest word on the asset decides. Safe to repeat."""
    waiting = PlanTrigger.objects.filter(state__in=[TriggerState.SENT.value, TriggerState.RUNNING.value])
    counts = {"done": 0, "failed": 0}
    for row in waiting.order_by("plan_id", "n"):
        status = AssetStatus.objects.filter(asset_id=row.asset_id, what=RUN).first()
        if status is None or row.sent_at is None or status.at <= row.sent_at:
            continue
        if is_settled(status.value):
            ran = not is_failure(status.value)
            finish_trigger(actor=None, row=row, ran=ran, at=at)
            counts["done" if ran else "failed"] += 1
    return counts


def held_by(plan: ChangePlan) -> dict[int, int]:
    """What cannot run, with the failure that holds it."""
    return held(*_states(plan))


@transaction.atomic
def set_pipeline_trigger(
    *, actor: Person, pipeline: Asset, kind: str, endpoint: Endpoint, job: str, authorization: str | None, at: datetime
) -> PipelineTrigger:
    """How the pipeline is called: the words of its scheduler, a webhook of a team, and a header, kept encrypted.

    Without `authorization` (None) the header that is there stays. Raises `DomainError` naming the field.
    """
    led = require_planner(actor, pipeline, at)
    if pipeline.kind not in RUNNABLE:
        raise DomainError("ownership.not_runnable", "Only pipelines and datasets are run.", "pipeline")
    if kind not in TRIGGER_KINDS:
        raise DomainError("ownership.unknown_trigger_kind", f"One of {', '.join(TRIGGER_KINDS)}.", "kind")
    if endpoint.kind != "webhook" or (not actor.is_admin and endpoint.team_id not in led):
        raise DomainError("ownership.bad_endpoint", "Choose a webhook of a team that you lead.", "endpoint")
    facts: dict[str, Any] = {"kind": kind, "endpoint": endpoint, "job": job.strip()[:250]}
    if authorization is not None:
        facts["authorization"] = authorization.strip()
    row, _ = PipelineTrigger.objects.update_or_create(pipeline=pipeline, defaults=facts)
    after = {"kind": kind, "endpoint": endpoint.slug, "job": facts["job"]}
    record_audit(actor=actor, verb="ownership.trigger_set", subject=pipeline, after=after, at=at)
    return row


@transaction.atomic
def remove_pipeline_trigger(*, actor: Person, pipeline: Asset, at: datetime) -> None:
    """It is run by hand again; what was sent stays sent. Idempotent."""
    require_planner(actor, pipeline, at)
    gone, _ = PipelineTrigger.objects.filter(pipeline=pipeline).delete()
    if gone:
        record_audit(actor=actor, verb="ownership.trigger_removed", subject=pipeline, at=at)


def require_planner(actor: Person, pipeline: Asset, at: datetime) -> frozenset[int]:
    """Who plans its changes says how it is called; returns the teams that the actor leads. Raises `NotAllowed`."""
    held_keys = {holder.party.key for holder in current_owners([pipeline.pk])[pipeline.pk].holders}
    led = teams_led_by(actor, at)
    require(policies.plans.can_start(actor, led, parties_of(actor, at), held_keys))
    return led


def key_of(row: PlanTrigger) -> str:
    """`BKF-3:trigger:41`, the same for every try."""
    return trigger_key(row.plan.code, STEP, row.asset_id)


def _call(actor: Person | None, row: PlanTrigger, call: PipelineTrigger, at: datetime) -> None:
    """One notice a try; the body carries the key, which does not change."""
    key, job = key_of(row), call.job or call.pipeline.name
    body = trigger_body(call.kind, key, job, row.asset.slug)
    context = {"key": key, "job": job, "asset": row.asset.slug, "body": body, "url": f"/backfills/{row.plan.code}"}
    draft = NoticeDraft(
        TRIGGER_NOTICE, f"{key_of(row)}:try.{row.tries}", subject_of(row), Recipient(endpoint=f"pipeline:{call.pk}"),
        "info", context,
    )  # fmt: skip
    raise_notice(actor=actor, draft=draft, at=at)


def _states(plan: ChangePlan) -> tuple[dict[int, str], dict[int, Any]]:
    rows = list(PlanTrigger.objects.filter(plan=plan).order_by("n"))
    return {row.asset_id: row.state for row in rows}, {row.asset_id: row.after for row in rows}


def _locked(row: PlanTrigger) -> PlanTrigger:
    """Under the lock of the plan, so that two finishers do not send one successor twice."""
    ChangePlan.objects.select_for_update().get(pk=row.plan_id)
    return PlanTrigger.objects.select_related("plan", "plan__asset", "asset").get(pk=row.pk)


def _require_worker(actor: Person, plan: ChangePlan, at: datetime) -> None:
    held_keys = {holder.party.key for holder in current_owners([plan.asset_id])[plan.asset_id].holders}
    require(policies.plans.can_work(actor, plan, parties_of(actor, at), held_keys))
