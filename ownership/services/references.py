"""References that must move before a table may go: collected, moved, waived, added by hand (spec ownership 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from ownership import policies
from ownership.domain.kinds import DASHBOARD, DOCUMENT, EXPERIMENT
from ownership.domain.plans import LIVE, PlanKind
from ownership.domain.references import MOVED, OPEN, WAIVED, Sight, state_after
from ownership.models import Asset, ChangePlan, Edge, Reference
from ownership.queries.owners import current_owners
from ownership.queries.parties import parties_of, teams_led_by
from ownership.queries.plans import sights_of
from portal.accounts.models import Membership, Person, Team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from datetime import date

REFERENCE_KIND = "ownership.reference_due"
DAY_BEFORE, DUE = 1, 2
MORNING = time(9, tzinfo=UTC)
REASON_CHARACTERS = 500
FIRST, BACK = 1, 2


@dataclass(frozen=True)
class Found:
    """A referrer as the sources show it now."""

    referrer_id: int
    kind: str
    sight: Sight


@transaction.atomic
def collect_references(*, plan: ChangePlan, at: datetime) -> int:
    """Look at edges, exposures, runs and documents again: new readers open, movers close, late readers open again.

    Idempotent; locks the plan. Returns how many rows changed. References by hand are left to people.
    """
    locked = ChangePlan.objects.select_for_update().get(pk=plan.pk)
    known = {
        row.referrer_id or 0: row for row in Reference.objects.filter(plan=locked, phase=FIRST, referrer__isnull=False)
    }
    found = {each.referrer_id: each for each in _found(locked, at)}
    owners = current_owners([pk for pk in found if pk not in known])
    changed = 0
    for pk, each in found.items():
        if pk not in known:
            if each.sight.reads_old_at is not None:
                _open_new(locked, each, owners[pk].primary, at)
                changed += 1
        else:
            changed += _apply(known[pk], each.sight, at)
    for pk, row in known.items():
        if pk not in found and row.kind != "manual":
            changed += _apply(row, Sight(None, None), at)
    return changed


@transaction.atomic
def add_reference(
    *, actor: Person, plan: ChangePlan, text: str, party: Person | Team, due_on: date, at: datetime
) -> Any:
    """Something that no source shows: a sheet, a report of another company. Raises `Conflict` for the same twice."""
    held = {holder.party.key for holder in current_owners([plan.asset_id])[plan.asset_id].holders}
    require(policies.plans.can_work(actor, plan, parties_of(actor, at), held))
    words = text.strip()
    if not words or len(words) > 300:  # noqa: PLR2004 (the column)
        raise DomainError("ownership.text_missing", "Name it in 1 to 300 characters.", "text")
    if Reference.objects.filter(plan=plan, phase=FIRST, referrer=None, referrer_text=words).exists():
        raise Conflict("ownership.known_reference", "This reference is in the list already.")
    row = Reference.objects.create(
        plan=plan, referrer_text=words, kind="manual", due_on=due_on, opened_at=at, last_seen_at=at,
        person=party if isinstance(party, Person) else None, team=party if isinstance(party, Team) else None,
    )  # fmt: skip
    _arm(row, at)
    record_audit(actor=actor, verb="ownership.reference_added", subject=plan, after={"reference": words}, at=at)
    return row


@transaction.atomic
def move_reference(*, actor: Person, row: Reference, moved_in: str, at: datetime) -> Reference:
    """Its owner, their lead or the planner says that it reads the successor now; a later read of the old opens it."""
    row = _locked(row)
    require(policies.plans.can_move(actor, row, parties_of(actor, at), led_people(actor, at)))
    _must_be_open(row)
    row.state, row.closed_at, row.moved_in = MOVED, max(at, row.opened_at), moved_in.strip()[:500]
    row.save(update_fields=["state", "closed_at", "moved_in"])
    _close(row, actor, "ownership.reference_moved", row.moved_in, at)
    return row


@transaction.atomic
def assign_reference(*, actor: Person, row: Reference, party: Person | Team, due_on: date, at: datetime) -> Reference:
    """Say who moves it and by when: whoever works on the plan, or has the reference now, gives it to another.

    Raises `DomainError` for a day that is past, `Conflict` for a reference that is closed or a plan that has ended.
    """
    row = _locked(row)
    own, led = parties_of(actor, at), led_people(actor, at)
    held = {holder.party.key for holder in current_owners([row.plan.asset_id])[row.plan.asset_id].holders}
    works = policies.plans.can_work(actor, row.plan, own, held)
    require(works if works.allowed else policies.plans.can_move(actor, row, own, led))
    _must_be_open(row)
    if row.plan.state not in LIVE:
        raise Conflict("ownership.plan_state", f"The plan is {row.plan.state.replace('_', ' ')}.", state=row.plan.state)
    if due_on < at.date():
        raise DomainError("ownership.bad_due", "Choose a day from today on.", "due_on")
    before = _party_facts(row)
    row.person = party if isinstance(party, Person) else None
    row.team = party if isinstance(party, Team) else None
    row.due_on = due_on
    after = _party_facts(row)
    if before == after:
        return row
    row.save(update_fields=["person", "team", "due_on"])
    cancel_deadlines(actor=actor, subject=subject_of(row), reason="another day or owner", at=at)
    _arm(row, at)
    verb = "ownership.reference_assigned"
    record_audit(actor=actor, verb=verb, subject=row.plan, before=before, after=after, at=at)
    return row


@transaction.atomic
def waive_reference(*, actor: Person, row: Reference, reason: str, at: datetime) -> Reference:
    """Its owner, or their lead, accepts that it breaks; with a reason."""
    row = _locked(row)
    require(policies.plans.can_waive(actor, row, parties_of(actor, at), led_people(actor, at)))
    _must_be_open(row)
    if not reason.strip() or len(reason) > REASON_CHARACTERS:
        raise DomainError("ownership.reason_missing", "Say in a few words why.", "reason")
    row.state, row.closed_at, row.waived_by, row.waive_reason = WAIVED, max(at, row.opened_at), actor, reason.strip()
    row.save(update_fields=["state", "closed_at", "waived_by", "waive_reason"])
    _close(row, actor, "ownership.reference_waived", row.waive_reason, at)
    return row


@transaction.atomic
def open_way_back(*, plan: ChangePlan, at: datetime) -> int:
    """After the rename everybody who moved to the suffix goes back to the plain name: the second burn-down."""
    moved = Reference.objects.filter(plan=plan, phase=FIRST, state=MOVED)
    rows = [
        Reference(
            plan=plan, phase=BACK, referrer_id=row.referrer_id, referrer_text=row.referrer_text, kind=row.kind,
            person_id=row.person_id, team_id=row.team_id, due_on=plan.ends_on, opened_at=at, last_seen_at=at,
        )
        for row in moved
    ]  # fmt: skip
    made = Reference.objects.bulk_create(rows, ignore_conflicts=True)
    for row in Reference.objects.filter(plan=plan, phase=BACK, state=OPEN):
        _arm(row, at)
    return len(made)


def led_people(actor: Person, at: datetime) -> frozenset[int]:
    """Ids of the people in the teams that the actor leads."""
    teams = teams_led_by(actor, at)
    rows = Membership.objects.filter(team_id__in=teams, during__contains=at.date())
    return frozenset(rows.values_list("person_id", flat=True))


def _found(plan: ChangePlan, at: datetime) -> list[Found]:
    found = []
    for pk, (sight, kind, by_run) in sights_of(plan, at).items():
        what = "exposure" if kind in (DASHBOARD.code, EXPERIMENT.code) else "run_read" if by_run else "depends_on"
        found.append(Found(pk, what, sight))
    documents = Asset.objects.filter(
        documents_id__in=[pk for pk in (plan.asset_id, plan.successor_id) if pk], kind=DOCUMENT.code, retired_at=None
    )
    for pk, about, seen in documents.values_list("pk", "documents_id", "updated_at"):
        is_old = about == plan.asset_id
        found.append(Found(pk, "document", Sight(seen if is_old else None, None if is_old else seen)))
    return found


def _open_new(plan: ChangePlan, each: Found, held: Any, at: datetime) -> None:
    row = Reference.objects.create(
        plan=plan, referrer_id=each.referrer_id, kind=each.kind, due_on=plan.ends_on, opened_at=at,
        last_seen_at=each.sight.reads_old_at or at,
        person_id=held.party.person_id if held else None, team_id=held.party.team_id if held else None,
    )  # fmt: skip
    _arm(row, at)


def _apply(row: Reference, sight: Sight, at: datetime) -> int:
    """Write what the sight means; 1 if the state changed."""
    state = state_after(row.state, sight, row.closed_at)
    seen = sight.reads_old_at or row.last_seen_at
    if state == row.state and seen == row.last_seen_at:
        return 0
    is_change = state != row.state
    if is_change:
        before, row.state = {"state": row.state}, state
        row.closed_at = None if state == OPEN else max(at, row.opened_at)
        verb = "ownership.reference_reopened" if state == OPEN else "ownership.reference_closed"
        after = {"reference": str(row), "state": state}
        record_audit(actor=None, verb=verb, subject=row.plan, before=before, after=after, at=at)
        if state == OPEN:
            _arm(row, at)
        else:
            cancel_deadlines(actor=None, subject=subject_of(row), reason=state, at=at)
    row.last_seen_at = seen
    row.save(update_fields=["state", "closed_at", "last_seen_at"])
    return int(is_change)


def _arm(row: Reference, at: datetime) -> None:
    """A word a day before and on the day, in the morning; what lies behind is not armed."""
    if row.due_on is None:
        return
    due = datetime.combine(row.due_on, MORNING)
    steps = ((DAY_BEFORE, due - timedelta(days=1)), (DUE, due))
    subject = subject_of(row)
    drafts = [DeadlineDraft(REFERENCE_KIND, subject, instant, step) for step, instant in steps if instant > at]
    arm_deadlines(drafts=drafts, at=at)


def _party_facts(row: Reference) -> dict[str, Any]:
    due_on = row.due_on.isoformat() if row.due_on else None
    return {"reference": str(row), "person": row.person_id, "team": row.team_id, "due_on": due_on}


def _locked(row: Reference) -> Reference:
    rows = Reference.objects.select_for_update(of=("self",)).select_related("plan", "plan__asset", "referrer")
    return rows.get(pk=row.pk)


def _must_be_open(row: Reference) -> None:
    if row.state != OPEN:
        raise Conflict("ownership.reference_closed", f"This reference is {row.state} already.", state=row.state)


def _close(row: Reference, actor: Person, verb: str, reason: str, at: datetime) -> None:
    cancel_deadlines(actor=actor, subject=subject_of(row), reason=row.state, at=at)
    after = {"reference": str(row), "state": row.state}
    record_audit(actor=actor, verb=verb, subject=row.plan, after=after, reason=reason, at=at)


def collect_of_source(*, source_id: int | None, at: datetime) -> int:
    """After an import: every migration under way whose tables this source knows looks again; returns how many rows."""
    plans = ChangePlan.objects.filter(kind=PlanKind.LARGE.value, state__in=[state.value for state in LIVE])
    touched = Edge.objects.filter(source_id=source_id).filter(
        Q(src_id__in=plans.values("asset_id")) | Q(src_id__in=plans.values("successor_id"))
    )
    near = set(touched.values_list("src_id", flat=True))
    return sum(
        collect_references(plan=plan, at=at)
        for plan in plans.order_by("pk")
        if plan.asset_id in near or plan.successor_id in near
    )
