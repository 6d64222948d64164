"""`/backfills/<code>`: which step, who must move, and what runs below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership import policies
from ownership.domain.plan_sql import DIALECT_WORDS, rollback_statements, statements
from ownership.domain.plans import CHECK_FACTS, LIVE, PlanKind, StepState, may_roll_back, open_step, step_plan
from ownership.domain.references import KINDS
from ownership.domain.triggering import ready
from ownership.plan_forms import ReferenceForm, StepForm
from ownership.queries.owners import current_owners
from ownership.queries.parties import parties_of
from ownership.queries.plans import obstacles, plan_by_code, references_of, table_of
from ownership.services.references import led_people
from ownership.services.triggers import held_by
from ownership.web.burning import burning
from ownership.web.plans import CRUMBS, KIND_WORDS, state_badge
from portal.core.errors import NotVisible
from portal.core.registries import contributions
from portal.core.web.presentation import Badge, Fact, Row, day_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from ownership.models import ChangePlan, ChangeStep, PlanTrigger, Reference

REFERENCE_CSS = {"open": "warn", "moved": "ok", "waived": "gray", "gone": "gray"}
TRIGGER_CSS = {"todo": "line", "sent": "info", "running": "info", "done": "ok", "failed": "bad"}


@dataclass(frozen=True)
class ShownStep:
    """A step with what may be copied and ticked."""

    n: int
    title: str
    line: str
    css: str
    side: str
    note: str
    checks: tuple[str, ...]
    sql: tuple[str, ...]
    is_open: bool
    needs_checks: bool
    needs_runs: bool


@dataclass(frozen=True)
class ShownReference:
    row: Row
    pk: int
    is_open: bool
    can_move: bool
    can_waive: bool
    can_assign: bool
    party: str
    due_on: str


@dataclass(frozen=True)
class ShownTrigger:
    row: Row
    pk: int
    can_run: bool


class PlanView(PageView):
    """The page of one plan."""

    nav_key = "backfills"
    template_name = "ownership/backfill.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return plan_context(visible(self.request, str(self.kwargs["code"])), self.request.user, at)


def visible(request: HttpRequest, code: str) -> ChangePlan:
    """The plan of this code; raises `NotVisible`."""
    plan = plan_by_code(code, request.user)
    if plan is None:
        raise NotVisible
    return plan


def plan_context(plan: ChangePlan, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything the page prints, in a fixed number of queries."""
    own = parties_of(viewer, at)
    held = {holder.party.key for holder in current_owners([plan.asset_id])[plan.asset_id].holders}
    can_work = bool(policies.plans.can_work(viewer, plan, own, held))
    steps = list(plan.steps.select_related("by"))
    place = open_step([StepState(step.state) for step in steps])
    references = references_of(plan)
    led = led_people(viewer, at)
    is_live = plan.state in {state.value for state in LIVE}
    turn = place if is_live and can_work else None
    done = {step.code for step in steps if step.state == StepState.DONE}
    return {
        "page_title": f"{plan.code} {plan.asset.name}",
        "crumbs": CRUMBS,
        "nav_key": "backfills",
        "plan": plan,
        "kind": KIND_WORDS[plan.kind],
        "badge": state_badge(plan.state),
        "facts": [*_facts(plan, viewer.zone, at), *_causes(plan, viewer)],
        "steps": [_step(plan, step, n == turn, viewer.zone, at) for n, step in enumerate(steps)],
        "step_form": StepForm(),
        "can_work": can_work and is_live,
        "can_roll_back": can_work and is_live and may_roll_back(PlanKind(plan.kind), done),
        "rollback_sql": rollback_statements(plan.kind, table_of(plan), plan.dialect, is_swapped="swap" in done),
        "references": [_reference(row, viewer, Reach(own, led, can_work and is_live), at) for row in references],
        "open_count": sum(row.state == "open" for row in references),
        "burn": burning(plan, [row for row in references if row.phase == 1], at),
        "obstacles": _obstacles(plan, is_live, at),
        "triggers": _triggers(plan, can_work and is_live),
        "reference_form": ReferenceForm(),
        "announcements": list(plan.announcements.order_by("-asked_at")[:5]),
    }


def _facts(plan: ChangePlan, zone: str, at: datetime) -> list[Fact]:
    wanted = [
        Fact("Owner", plan.owner.name, url=f"/people/{plan.owner.handle}"),
        Fact("Table", plan.asset.name, url=f"/assets/{plan.asset.slug}"),
        Fact("Successor", plan.successor.name if plan.successor else "",
             url=f"/assets/{plan.successor.slug}" if plan.successor else ""),
        Fact("Rows", plan.range_text or "all"),
        Fact("Warehouse", DIALECT_WORDS[plan.dialect]),
        Fact("Begun", when(plan.created_at, zone, at).text),
        Fact("Ends on", day_words(plan.ends_on, at.date()) if plan.ends_on else ""),
        Fact("Ended", when(plan.finished_at, zone, at).text if plan.finished_at else ""),
    ]  # fmt: skip
    return [fact for fact in wanted if fact.value]


def _causes(plan: ChangePlan, viewer: Any) -> list[Fact]:
    """What asked for the plan, as rooms above know: an incident."""
    return [
        Fact("Because of", number, url=url)
        for provide in contributions("plan.cause")
        for number, url in provide(plan.pk, viewer)
    ]


def _step(plan: ChangePlan, step: ChangeStep, is_open: bool, zone: str, at: datetime) -> ShownStep:  # noqa: FBT001 (a fact)
    what = step_plan(PlanKind(plan.kind), step.code)
    css = "done" if step.state in ("done", "skipped") else "current" if is_open else ""
    side = f"{step.by.name}, {when(step.at, zone, at).text}" if step.by and step.at else "open" if is_open else ""
    limits = plan.columns.get("thresholds", {})
    found = step.evidence.get("checks", {})
    checks = tuple(
        f"{CHECK_FACTS[code]}: {found[code]['value']:g}, at most {limit:g}"
        if code in found
        else f"{CHECK_FACTS[code]}: at most {limit:g}"
        for code, limit in limits.items()
    )
    return ShownStep(
        n=step.n, title=what.title, line=what.line, css=css, side=side, note=step.note,
        checks=checks if what.needs_checks else (), is_open=is_open, needs_checks=what.needs_checks,
        sql=tuple(statements(plan.kind, step.code, table_of(plan), plan.dialect)),
        needs_runs=what.needs_checks and plan.kind == PlanKind.LARGE,
    )  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """For whom the viewer speaks: own party keys, people led; and whether they work on the plan."""

    own: frozenset[int]
    led: frozenset[int]
    works: bool


def _reference(row: Reference, viewer: Any, reach: Reach, at: datetime) -> ShownReference:
    party = row.person.name if row.person else row.team.name if row.team else "nobody moves it yet"
    url = f"/assets/{row.referrer.slug}" if row.referrer else ""
    facts: list[Any] = [KINDS[row.kind], party]
    if row.phase == 2:  # noqa: PLR2004 (the way back)
        facts.append("back to the plain name")
    if row.moved_in or row.waive_reason:
        facts.append(row.moved_in or f"waived: {row.waive_reason}")
    if row.closed_at:
        facts.append(when(row.closed_at, viewer.zone, at))
    due = f"by {day_words(row.due_on, at.date())}" if row.due_on and row.state == "open" else ""
    is_late = bool(due and row.due_on and row.due_on < at.date())
    shown = Row(
        str(row), url, badges=[Badge(row.state, REFERENCE_CSS[row.state])], facts=facts, side=due,
        side_css="text-bad" if is_late else "muted",
    )  # fmt: skip
    is_open = row.state == "open"
    can_move = is_open and bool(policies.plans.can_move(viewer, row, reach.own, reach.led))
    return ShownReference(
        shown, row.pk, is_open, can_move,
        is_open and bool(policies.plans.can_waive(viewer, row, reach.own, reach.led)),
        can_assign=is_open and (reach.works or can_move),
        party=row.person.handle if row.person else row.team.slug if row.team else "",
        due_on=row.due_on.isoformat() if row.due_on else "",
    )  # fmt: skip


def _obstacles(plan: ChangePlan, is_live: bool, at: datetime) -> list[tuple[str, tuple[str, ...]]]:  # noqa: FBT001 (a fact)
    if plan.kind != PlanKind.LARGE or not is_live:
        return []
    found = obstacles(plan, at)
    groups = (
        ("Still read it", found.references), ("Object, and wait for an answer", found.objections),
        ("Have not been imported for a day", found.stale_sources), ("Read it in the last week", found.recent_reads),
    )  # fmt: skip
    return [(words, rows) for words, rows in groups if rows]


def _triggers(plan: ChangePlan, can_work: bool) -> list[ShownTrigger]:  # noqa: FBT001 (a fact)
    rows: list[PlanTrigger] = list(plan.triggers.select_related("asset", "asset__trigger"))
    names = {row.asset_id: row.asset.name for row in rows}
    turn = set(ready({row.asset_id: row.state for row in rows}, {row.asset_id: row.after for row in rows}))
    failed = held_by(plan)
    shown = []
    for row in rows:
        facts: list[Any] = [f"after {', '.join(names[pk] for pk in row.after if pk in names)}"] if row.after else []
        if row.asset_id in failed:
            facts.append(f"held by {names[failed[row.asset_id]]}")
        facts.append("called by a webhook" if hasattr(row.asset, "trigger") else "run by hand")
        can_run = can_work and (row.asset_id in turn or row.state in ("sent", "running", "failed"))
        line = Row(
            row.asset.name, f"/assets/{row.asset.slug}", badges=[Badge(row.state, TRIGGER_CSS[row.state])], facts=facts
        )
        shown.append(ShownTrigger(line, row.pk, can_run))
    return shown
