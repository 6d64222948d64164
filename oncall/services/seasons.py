"""Special periods, their draft, and the holidays nobody should hold twice (spec oncall 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from oncall import policies
from oncall.domain.draft import draft_order, run_draft
from oncall.domain.rotation import blocks
from oncall.domain.rules import bad, check_rotation
from oncall.domain.words import DraftState, DutyRole
from oncall.models import DraftPick, MajorHoliday, Rota, SpecialPeriod
from oncall.models.spans import ends
from oncall.queries.facts import absences_of
from oncall.queries.shifts import combined_balances, members_at
from oncall.services.locking import lock_rota
from oncall.services.shift_news import ASKED, tell
from portal.core.errors import Conflict, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Person, Team

VOLUNTEERS_BEFORE, DRAFT_BEFORE = timedelta(weeks=6), timedelta(weeks=4)
MOST_ROUNDS, LONGEST = 10, timedelta(days=62)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PeriodDraft:
    """A special period to be."""

    name: str
    slug: str
    start: datetime
    end: datetime
    rotation: Mapping[str, Any]
    rounds: int = 2


@transaction.atomic
def open_special_period(*, actor: Any, rota: Rota, period: PeriodDraft, at: datetime) -> SpecialPeriod:
    """Another rotation for some days; members are asked who serves gladly six weeks before.

    The plan takes it at the next publishing. Raises `DomainError` with the field, `Conflict` for a slug in use.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    check_rotation(dict(period.rotation))
    if not period.start < period.end <= period.start + LONGEST:
        raise bad("during", "The period ends after it begins and lasts at most 62 days.")
    if not 1 <= period.rounds <= MOST_ROUNDS:
        raise bad("rounds", f"1 to {MOST_ROUNDS} rounds.")
    if SpecialPeriod.objects.filter(slug=period.slug).exists():
        raise Conflict("oncall.slug_taken", "There is a period of this name already.", "name")
    row = SpecialPeriod(
        rota=rota, slug=period.slug, name=period.name, during=DateTimeTZRange(period.start, period.end),
        rotation=dict(period.rotation), rounds=period.rounds, draft_state=DraftState.VOLUNTEERS,
        volunteer_from=period.start - VOLUNTEERS_BEFORE, draft_at=period.start - DRAFT_BEFORE,
    )  # fmt: skip
    row.save(force_insert=True)
    people = [member.person_id for member in members_at(rota, at)]
    said = f"{row.name}: say which days you serve gladly, and rank those you want to be free of."
    tell(rota, ASKED, people, said, key=f"period.{row.pk}", at=at, url=f"/oncall/holidays/{row.slug}")
    record_audit(actor=actor, verb="oncall.period_opened", subject=rota, after={"period": row.name}, at=at)
    return row


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
def close_draft(*, actor: Any, period: SpecialPeriod, at: datetime) -> list[DraftPick]:
    """Run the rounds: highest balance first, each protects the first own wish still open. Idempotent once closed."""
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
    record_audit(actor=actor, verb="oncall.draft_closed", subject=rota, after={"granted": len(granted)}, at=at)
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


@transaction.atomic
def set_major_holiday(
    *, actor: Any, team: Team, name: str, first: date, last: date, last_held_by: Person | None, at: datetime
) -> MajorHoliday:
    """Dates that nobody should hold two years running; the same name and dates are the same holiday."""
    require(policies.can_manage_rota(actor, team, at))
    if last < first:
        raise bad("last", "The last day is before the first.")
    row, _ = MajorHoliday.objects.update_or_create(
        team=team, name=name, dates=DateRange(first, last + ONE_DAY), defaults={"last_held_by": last_held_by}
    )
    record_audit(actor=actor, verb="oncall.major_set", subject=row, after={"name": name}, at=at)
    return row
