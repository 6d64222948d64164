"""Special periods with their draft (spec oncall 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall import policies
from oncall.domain.draft import draft_order, run_draft
from oncall.domain.rotation import blocks
from oncall.domain.rules import MOST_SLOTS, bad, check_rotation
from oncall.domain.words import DraftState, DutyRole
from oncall.models import DraftPick, Rota, SpecialPeriod
from oncall.models.spans import ends
from oncall.queries.duties import duty_of
from oncall.queries.facts import absences_of, version_at
from oncall.queries.shifts import combined_balances, members_at
from oncall.services.locking import lock_rota
from oncall.services.planning import replan, turn_end
from oncall.services.rotas import Applying, check_applying
from oncall.services.shift_news import ASKED, tell, tell_moved
from oncall.services.timers import PERIOD, PERIOD_SUBJECT, arm_next_handoff
from portal.core.errors import Conflict, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.core.web.presentation import when
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.domain.diff import Diff
    from portal.accounts.models import Person

VOLUNTEERS_BEFORE, DRAFT_BEFORE, DRAFT_LASTS = timedelta(weeks=6), timedelta(weeks=4), timedelta(weeks=1)
MOST_ROUNDS, LONGEST = 10, timedelta(days=62)


@dataclass(frozen=True)
class PeriodDraft:
    """A special period to be; no rounds is no draft, `slots` how many hold a role in it."""

    name: str
    slug: str
    start: datetime
    end: datetime
    rotation: Mapping[str, Any]
    rounds: int = 2
    slots: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def open_special_period(
    *, actor: Any, rota: Rota, period: PeriodDraft, applying: Applying | None = None, at: datetime
) -> SpecialPeriod:
    """Another rotation for some days, planned at once; members are asked who serves gladly six weeks before.

    Locks the rota. Raises `DomainError` with the field, `Conflict` for a slug in use, `oncall.diff_changed` for another
    list than the one seen, `oncall.consent_missing` while it moves others' shifts soon and no reason is told.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    row, diff = lay_period(rota, period, at)
    applying = applying or Applying()
    check_applying(diff, actor, applying)
    settle_period(row, diff, actor, applying.told_reason, at)
    return row


def settle_period(row: SpecialPeriod, diff: Diff, actor: Any, reason: str, at: datetime) -> None:
    """The audit, the timers and the notices of a period that was laid."""
    rota = row.rota
    after = {"period": row.name, "moved": len(diff.moved), "people": diff.people}
    record_audit(actor=actor, verb="oncall.period_opened", subject=rota, after=after, reason=reason, at=at)
    if row.draft_state == DraftState.VOLUNTEERS:
        ask_for_wishes(row, at)
    arm_deadlines(drafts=period_drafts(row), at=at)
    tell_moved(rota, diff, reason, at)
    arm_next_handoff(rota, at)


def preview_special_period(*, actor: Any, rota: Rota, period: PeriodDraft, at: datetime) -> Diff:
    """What opening it would move; everything it tries is rolled back. Raises as `open_special_period`."""
    with transaction.atomic():
        rota = lock_rota(rota)
        require(policies.can_manage_rota(actor, rota.team, at))
        diff = lay_period(rota, period, at)[1]
        transaction.set_rollback(True)
    return diff


def lay_period(rota: Rota, period: PeriodDraft, at: datetime) -> tuple[SpecialPeriod, Diff]:
    """The checked period with its days planned anew, and what that moves. Under the rota's lock."""
    _check(rota, period, at)
    wants_draft = period.rounds > 0
    volunteer_from = max(period.start - VOLUNTEERS_BEFORE, at)
    state = DraftState.NONE if volunteer_from > at else DraftState.VOLUNTEERS
    row = SpecialPeriod(
        rota=rota, slug=period.slug, name=period.name, during=DateTimeTZRange(period.start, period.end),
        rotation=dict(period.rotation), slots_override=dict(period.slots), rounds=period.rounds,
        draft_state=state if wants_draft else DraftState.CLOSED,
        volunteer_from=volunteer_from if wants_draft else None,
        draft_at=period.start - DRAFT_BEFORE if wants_draft else None,
    )  # fmt: skip
    row.save(force_insert=True)
    notice = duty_of(rota.team).notice_days
    return row, replan(rota, period.start, period.end, at=at, notice_days=notice)


def _check(rota: Rota, period: PeriodDraft, at: datetime) -> None:
    check_rotation(dict(period.rotation))
    if not period.name.strip():
        raise bad("name", "Give it a name, such as Year end.")
    if not period.start < period.end <= period.start + LONGEST:
        raise bad("end", "The period ends after it begins and lasts at most 62 days.")
    if period.start <= at:
        raise bad("start", "The period begins in the time to come; what was served stays.")
    if not 0 <= period.rounds <= MOST_ROUNDS:
        raise bad("rounds", f"0 to {MOST_ROUNDS} rounds; 0 is no draft.")
    if period.rounds and period.start - DRAFT_BEFORE + DRAFT_LASTS <= at:
        raise bad("rounds", "It begins too soon for a draft: it takes three weeks. Write 0.")
    _check_slots(rota, period)
    _check_alone(rota, period)


def _check_slots(rota: Rota, period: PeriodDraft) -> None:
    version = version_at(rota, period.start)
    base = {row["role"]: row.get("slots", 1) for row in version.roles} if version is not None else {}
    for role, count in period.slots.items():
        if role not in base or not isinstance(count, int) or not base[role] <= count <= MOST_SLOTS:
            raise bad("slots", f"A role of the rota has at least its usual number of people, and at most {MOST_SLOTS}.")


def _check_alone(rota: Rota, period: PeriodDraft) -> None:
    if SpecialPeriod.objects.filter(slug=period.slug).exists():
        raise Conflict("oncall.slug_taken", "There is a period of this name already.", "slug")
    if SpecialPeriod.objects.filter(rota=rota, during__overlap=(period.start, period.end)).exists():
        raise Conflict("oncall.period_overlaps", "Another special period lies in these days.", "start")


@transaction.atomic
def cancel_special_period(*, actor: Any, period: SpecialPeriod, applying: Applying, at: datetime) -> Rota:
    """The usual rotation again for these days; wishes are gone with the period. Only before it begins.

    Locks the rota. Raises `Conflict` `oncall.period_began`, and what `open_special_period` raises about the diff.
    """
    rota = lock_rota(period.rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    row = SpecialPeriod.objects.select_for_update().get(pk=period.pk)
    start, end = ends(row.during)
    if start <= at:
        raise Conflict("oncall.period_began", "It has begun. What was served stays; new rules can end it.")
    cancel_deadlines(actor=actor, subject=Subject(PERIOD_SUBJECT, row.pk), reason="cancelled", at=at)
    name = row.name
    row.delete()
    diff = replan(rota, start, turn_end(rota, end), at=at, notice_days=duty_of(rota.team).notice_days)
    check_applying(diff, actor, applying)
    after = {"period": name, "moved": len(diff.moved), "people": diff.people}
    record_audit(actor=actor, verb="oncall.period_cancelled", subject=rota, after=after, reason=applying.told_reason,
                 at=at)  # fmt: skip
    tell_moved(rota, diff, applying.told_reason, at)
    arm_next_handoff(rota, at)
    return rota


def period_drafts(period: SpecialPeriod) -> tuple[DeadlineDraft, ...]:
    """The next step of its draft: ask for volunteers, ask for wishes, run the rounds."""
    due = {DraftState.NONE: period.volunteer_from, DraftState.VOLUNTEERS: period.draft_at}.get(
        DraftState(period.draft_state)
    )
    if period.draft_state == DraftState.DRAFTING and period.draft_at is not None:
        due = period.draft_at + DRAFT_LASTS
    return (DeadlineDraft(PERIOD, Subject(PERIOD_SUBJECT, period.pk), due),) if due is not None else ()


def step_period(*, period: SpecialPeriod, at: datetime) -> tuple[DeadlineDraft, ...] | None:
    """What falls due about a draft, with what follows; None once it is closed. Inside the firing transaction."""
    if period.draft_state == DraftState.CLOSED:
        return None
    if period.draft_state == DraftState.DRAFTING:
        close_draft(actor=None, period=period, at=at)
        return ()
    is_first = period.draft_state == DraftState.NONE
    period.draft_state = DraftState.VOLUNTEERS if is_first else DraftState.DRAFTING
    period.save(update_fields=["draft_state"])
    ask_for_wishes(period, at)
    return period_drafts(period)


def ask_for_wishes(period: SpecialPeriod, at: datetime) -> None:
    """Every member is asked: first who serves gladly, then which days they want to be free of."""
    said = "say which days you serve gladly"
    if period.draft_state == DraftState.DRAFTING and period.draft_at is not None:
        closes = when(period.draft_at + DRAFT_LASTS, period.rota.zone, at).text
        said = f"rank the days you want to be free of, until {closes}"
    people = [member.person_id for member in members_at(period.rota, at)]
    key = f"period.{period.pk}:{period.draft_state}"
    url = f"/oncall/holidays/{period.slug}"
    tell(period.rota, ASKED, people, f"{period.name}: {said}.", key=key, at=at, url=url)


def period_starts(period: SpecialPeriod) -> list[datetime]:
    """The beginnings of the period's blocks."""
    start, end = ends(period.during)
    return [block.start for block in blocks(period.rotation, period.rota.zone, start, end)]


@transaction.atomic
def pick_draft(
    *, actor: Person, period: SpecialPeriod, volunteers: Sequence[datetime], wishes: Sequence[datetime], at: datetime
) -> list[DraftPick]:
    """One's own word on the period: blocks served gladly, and wishes to be free, most wanted first. Replaces the last.

    Raises `Conflict` when the draft is closed or a block has a volunteer, `DomainError` for an unknown block.
    """
    row = SpecialPeriod.objects.select_for_update(of=("self",)).select_related("rota__team").get(pk=period.pk)
    if not any(member.person_id == actor.pk for member in members_at(row.rota, at)):
        raise NotAllowed("oncall.not_member", f"Members of {row.rota.name} take part.")
    if row.draft_state == DraftState.CLOSED:
        raise Conflict("oncall.draft_closed", "The draft is closed.")
    known = set(period_starts(row))
    chosen = [*volunteers, *wishes]
    if len(set(chosen)) != len(chosen) or not set(chosen) <= known:
        raise bad("wishes", "Each block of the period once.")
    taken = DraftPick.objects.filter(period=row, kind="volunteer", block_start__in=volunteers).exclude(person=actor)
    if taken.exists():
        raise Conflict("oncall.volunteer_taken", "Somebody serves one of these gladly already.", "volunteers")
    DraftPick.objects.filter(period=row, person=actor).delete()
    picks = [DraftPick(period=row, person=actor, block_start=day, kind="volunteer") for day in volunteers]
    picks += [
        DraftPick(period=row, person=actor, block_start=day, kind="protect", rank=n + 1) for n, day in enumerate(wishes)
    ]
    DraftPick.objects.bulk_create(picks)
    record_audit(actor=actor, verb="oncall.draft_picked", subject=row.rota, after={"period": row.name}, at=at)
    return picks


@transaction.atomic
def close_draft(*, actor: Any, period: SpecialPeriod, told_reason: str = "", at: datetime) -> list[DraftPick]:
    """Run the rounds: highest balance first, each protects the first own wish still open; then the days are planned.

    Idempotent once closed. Raises `Conflict` `oncall.consent_missing` where it moves others' shifts soon and the lead
    tells no reason; by itself it closes three weeks before, beyond any usual notice.
    """
    rota = lock_rota(period.rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    row = SpecialPeriod.objects.select_for_update().get(pk=period.pk)
    row.rota = rota
    picks = list(DraftPick.objects.filter(period=row, kind="protect").select_related("person").order_by("rank"))
    if row.draft_state == DraftState.CLOSED:
        return [pick for pick in picks if pick.round is not None]
    members = members_at(rota, at, DutyRole.PRIMARY)
    spoken = combined_balances(rota, at)
    balances = {m.person.handle: int(spoken.get(m.person_id, 0)) for m in members}
    wishes: dict[str, list[datetime]] = {}
    for pick in picks:
        wishes.setdefault(pick.person.handle, []).append(pick.block_start)
    room = _room(row, [m.person_id for m in members])
    granted = {(who, day): n for n, who, day in run_draft(draft_order(balances), wishes, row.rounds, room)}
    for pick in picks:
        pick.round = granted.get((pick.person.handle, pick.block_start))
    DraftPick.objects.bulk_update(picks, ["round"])
    row.draft_state = DraftState.CLOSED
    row.save(update_fields=["draft_state"])
    reason = told_reason or ("" if actor is not None else f"The draft of {row.name} decided.")
    diff = replan(rota, *ends(row.during), at=at, notice_days=duty_of(rota.team).notice_days)
    check_applying(diff, actor, Applying(told_reason=reason))
    record_audit(actor=actor, verb="oncall.draft_closed", subject=rota, after={"granted": len(granted)}, at=at)
    tell_moved(rota, diff, reason, at)
    return [pick for pick in picks if pick.round is not None]


def _room(period: SpecialPeriod, members: list[int]) -> Any:
    """How many protections a block takes: members - absent - slots needed."""
    start, end = ends(period.during)
    found = {block.start: block for block in blocks(period.rotation, period.rota.zone, start, end)}
    away = absences_of(members, start, end)
    slots = sum(int(n) for n in period.slots_override.values()) or len([DutyRole.PRIMARY, DutyRole.SECONDARY])

    def room(day: datetime) -> int:
        block = found[day]
        absent = sum(any(a < block.end and block.start < b for a, b in away.get(pk, [])) for pk in members)
        return len(members) - absent - slots

    return room
