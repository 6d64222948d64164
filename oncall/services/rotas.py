"""Rotas and their versioned rules: made, previewed as a diff, published, undone (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from oncall import policies
from oncall.domain.diff import Diff, Piece, compare
from oncall.domain.instants import local_date
from oncall.domain.rules import FULL_WEIGHT, LEAST_WEIGHT, MOST_MEMBERS, bad, check_rules, rules_sha256
from oncall.domain.turn_warnings import turn_warnings
from oncall.domain.words import LedgerKind, RotaKind
from oncall.models import DutyLedgerEntry, PlannedShift, Rota, RotaMember, RotaVersion
from oncall.models.spans import ends
from oncall.queries.duties import duty_of
from oncall.queries.planned import Row, Span, plan_of
from oncall.services.edit_states import close_standing
from oncall.services.locking import lock_rota
from oncall.services.planning import HORIZON, plan_start, write_plan
from oncall.services.shift_news import tell_moved
from oncall.services.timers import arm_next_handoff
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from portal.accounts.models import Person, Team

HUNDRED = 100


@dataclass(frozen=True)
class NewRota:
    """What a rota is called and whom it serves."""

    team: Team
    slug: str
    name: str
    kind: str = RotaKind.PIPELINE
    zone: str = "UTC"
    source: str = "hand"
    external_id: str | None = None
    borrowed_from: Rota | None = None


@dataclass(frozen=True)
class Seat:
    """A member to be: `role` "" serves in all, weight in hundredths, days [first, past the last)."""

    person: Person
    role: str = ""
    weight: int = FULL_WEIGHT
    first: date | None = None
    past: date | None = None


@dataclass(frozen=True)
class RulesDraft:
    """The rules of a version before they are published."""

    roles: Sequence[Mapping[str, Any]]
    rotation: Mapping[str, Any]
    seats: Sequence[Seat]
    coverage: Mapping[str, Any] = field(default_factory=dict)
    fairness: Mapping[str, Any] = field(default_factory=dict)
    cascade: Sequence[Any] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Applying:
    """How a diff is confirmed: the mark that was seen, the reason, and the one told to who did not say yes."""

    diff_sha256: str = ""
    reason: str = ""
    told_reason: str = ""


@transaction.atomic
def create_rota(
    *,
    actor: Any,
    rota: NewRota,
    rules: RulesDraft,
    openings: Mapping[int, int] | None = None,
    exclusive_with: Sequence[Rota] = (),
    seasons: Callable[[Rota], None] | None = None,
    at: datetime,
) -> Rota:
    """A rota with its first version and plan.

    `openings` are balances people bring, in thousandths by id; they sum to 0. `seasons` opens special periods between
    rules and plan, so that the first plan knows them. Raises `NotAllowed` for other than
    leads, `DomainError` with the field of a wrong rule, `Conflict` `oncall.slug_taken`.
    """
    require(policies.can_manage_rota(actor, rota.team, at))
    if Rota.objects.filter(slug=rota.slug).exists():
        raise Conflict("oncall.slug_taken", f"There is a rota {rota.slug} already.", "slug")
    if rota.kind not in list(RotaKind):
        raise bad("kind", "A rota answers for pipeline or questions.")
    row = Rota(team=rota.team, slug=rota.slug, name=rota.name, kind=rota.kind, zone=rota.zone,
               source=rota.source, external_id=rota.external_id, borrowed_from=rota.borrowed_from)  # fmt: skip
    check_draft(row, rules)
    row.save(force_insert=True)
    row = lock_rota(row)
    starts_at = rules.starts_at or at
    _open(row, openings or {}, local_date(starts_at, row.zone), actor, at)
    row.exclusive_with.add(*exclusive_with)
    version = _save_version(row, 1, rules, starts_at, actor, "", at)
    if seasons is not None:
        seasons(row)
    write_plan(row, version, starts_at, _plan_end(rules, at, starts_at))
    after = {"slug": row.slug, "members": [seat.person.handle for seat in rules.seats]}
    record_audit(actor=actor, verb="oncall.rota_created", subject=row, after=after, at=at)
    arm_next_handoff(row, at)
    return row


def preview_rota_version(*, actor: Any, rota: Rota, rules: RulesDraft, at: datetime) -> Diff:
    """What publishing would move: each stretch with its old and new person, and who must say yes. Writes nothing."""
    require(policies.can_manage_rota(actor, rota.team, at))
    check_draft(rota, rules)
    check_start(rules, at)
    return diff_of(rota, rules, at)[0]


@transaction.atomic
def publish_rota_version(*, actor: Any, rota: Rota, rules: RulesDraft, applying: Applying, at: datetime) -> RotaVersion:
    """The next version from `rules.starts_at` on, with its plan; nothing before it moves.

    Locks the rota. Raises `Conflict` `oncall.diff_changed` when the diff is another than the one seen, and
    `oncall.consent_missing` while no reason is given and a shift inside the notice period is another's: publishing
    is the actor's own yes, and nobody says yes for others; `ask_rota_version` asks them.
    """
    rota = lock_rota(rota)
    require(policies.can_manage_rota(actor, rota.team, at))
    check_draft(rota, rules)
    check_start(rules, at)
    diff, start = diff_of(rota, rules, at)
    check_applying(diff, actor, applying)
    close_standing(rota, actor, at)
    return put_in_force(actor, CheckedRules(rota, rules, diff, start, at), applying, at)


@dataclass(frozen=True)
class CheckedRules:
    """Rules with what they move; the plan reaches to the horizon of `planned_at`."""

    rota: Rota
    draft: RulesDraft
    diff: Diff
    start: datetime
    planned_at: datetime


def put_in_force(actor: Any, rules: CheckedRules, applying: Applying, at: datetime) -> RotaVersion:
    """The version, its plan, the audit and the notices of checked rules. Under the rota's lock."""
    rota, diff, start = rules.rota, rules.diff, rules.start
    version = _replace_version(rota, rules.draft, start, actor, applying.reason or applying.told_reason, at)
    write_plan(rota, version, start, _plan_end(rules.draft, rules.planned_at, start))
    after = {"version": version.number, "moved": len(diff.moved), "people": diff.people}
    record_audit(actor=actor, verb="oncall.version_published", subject=rota, after=after, reason=applying.reason, at=at)
    tell_moved(rota, diff, applying.told_reason, at)
    arm_next_handoff(rota, at)
    return version


def check_seen(diff: Diff, sha256: str) -> None:
    """Raise `Conflict` `oncall.diff_changed` when another list was seen; an empty mark says that none was."""
    if sha256 and sha256 != diff.sha256:
        raise Conflict("oncall.diff_changed", "Something changed since you looked. See the new list.",
                       diff_sha256=diff.sha256)  # fmt: skip


def check_applying(diff: Diff, actor: Any, applying: Applying) -> None:
    """Raise `Conflict` when another list was seen, or when others' shifts move soon and no reason is told."""
    check_seen(diff, applying.diff_sha256)
    missing = others_of(diff, actor)
    if missing and not applying.told_reason.strip():
        names = ", ".join(missing)
        message = f"It moves shifts of {names} within the notice period. Ask them, or say why it cannot wait."
        raise Conflict("oncall.consent_missing", message, "told_reason", people=missing)


def others_of(diff: Diff, actor: Any) -> list[str]:
    """Whose yes is missing: everybody whose shift moves soon but the one who edits."""
    return [handle for handle in diff.consent if actor is None or handle != actor.handle]


def rules_of_version(version: RotaVersion) -> RulesDraft:
    """The rules of a version as a draft: to edit them, or to bring them back."""
    seats = [
        Seat(row.person, row.role, int(row.weight * HUNDRED), row.active.lower, row.active.upper)
        for row in version.members.select_related("person").order_by("position", "pk")
    ]
    return RulesDraft(
        version.roles, version.rotation, seats, version.coverage, version.fairness, version.cascade,
        ends_at=version.valid.upper,
    )  # fmt: skip


def check_draft(rota: Rota, rules: RulesDraft) -> None:
    """Raise `DomainError` with the field of a rule that no rota can follow."""
    check_rules(zone=rota.zone, roles=[dict(row) for row in rules.roles], rotation=rules.rotation,
                coverage=rules.coverage, fairness=rules.fairness, cascade=rules.cascade)  # fmt: skip
    _check_behind(rota, rules)
    if not 1 <= len(rules.seats) <= MOST_MEMBERS:
        raise bad("members", f"A rota has 1 to {MOST_MEMBERS} members.")
    for seat in rules.seats:
        if not LEAST_WEIGHT <= seat.weight <= FULL_WEIGHT:
            raise bad("members.weight", "A weight lies between 0.10 and 1.00.")
        if not seat.person.is_active:
            raise DomainError("oncall.inactive_member", f"{seat.person.name} has no active account.", "members")
        if seat.first and seat.past and seat.first >= seat.past:
            raise bad("members.active", "The last day is before the first.")
    if rules.starts_at and rules.ends_at and rules.starts_at >= rules.ends_at:
        raise bad("effective_from", "The rules end before they begin.")


def _check_behind(rota: Rota, rules: RulesDraft) -> None:
    named = {step["rota"] for step in rules.cascade if step["kind"] == "rota"}
    if rota.slug in named:
        raise bad("cascade", "A rota does not stand behind itself.")
    known = set(Rota.objects.filter(slug__in=named, is_archived=False).values_list("slug", flat=True))
    if missing := sorted(named - known):
        raise bad("cascade", f"There is no rota {missing[0][:60]!r}.")


def check_start(rules: RulesDraft, at: datetime) -> None:
    """Raise `DomainError` for rules that would begin in the past."""
    if rules.starts_at is None or rules.starts_at < at:
        raise bad("effective_from", "New rules begin now or later; what was served stays.")


def diff_of(rota: Rota, rules: RulesDraft, at: datetime) -> tuple[Diff, datetime]:
    """What the rules move and from when, with the notice and the horizon of the instant `at`."""
    start = plan_start(rota, rules.starts_at or at)
    horizon = _plan_end(rules, at, start)
    version, places = _unsaved(rota, rules, start)
    current = PlannedShift.objects.filter(rota=rota, during__startswith__gte=start)
    fields = current.values_list("role", "slot", "person__handle", "during")
    before = [Piece(role, slot, handle or "", *ends(during)) for role, slot, handle, during in fields]
    planned = plan_of(rota, version, places, Span(start, horizon))
    after = [_piece(row) for row in planned]
    notice = duty_of(rota.team).notice_days
    warnings = warnings_of(rules)
    return compare(before, after, at=at, notice_days=notice, warnings=warnings), start


def warnings_of(rules: RulesDraft) -> list[str]:
    """What plain turns would do over the years, in sentences; nothing for the planner that weighs."""
    is_turns = any(row.get("role") == "primary" and row.get("planner") == "turns" for row in rules.roles)
    people = {seat.person.pk for seat in rules.seats if seat.role in ("", "primary")}
    return turn_warnings(rules.rotation, len(people)) if is_turns else []


def _piece(row: Row) -> Piece:
    return Piece(row.role, row.slot, row.handle, row.start, row.end)


def _plan_end(rules: RulesDraft, at: datetime, start: datetime) -> datetime:
    horizon = max(at, start) + HORIZON
    return min(horizon, rules.ends_at) if rules.ends_at is not None else horizon


def _unsaved(rota: Rota, rules: RulesDraft, start: datetime) -> tuple[RotaVersion, list[RotaMember]]:
    """The version and its members as objects that no table holds yet."""
    version = RotaVersion(rota=rota, roles=[dict(row) for row in rules.roles], rotation=dict(rules.rotation),
                          coverage=dict(rules.coverage), fairness=dict(rules.fairness), cascade=list(rules.cascade),
                          valid=DateTimeTZRange(start, rules.ends_at))  # fmt: skip
    day = local_date(start, rota.zone)
    return version, [_place(version, seat, n, day) for n, seat in enumerate(rules.seats)]


def _place(version: RotaVersion, seat: Seat, position: int, day: date) -> RotaMember:
    days = DateRange(seat.first or day, seat.past)
    weight = Decimal(seat.weight) / HUNDRED
    return RotaMember(
        version=version, role=seat.role, person=seat.person, weight=weight, active=days, position=position
    )


def _save_version(
    rota: Rota, number: int, rules: RulesDraft, start: datetime, actor: Any, reason: str, at: datetime
) -> RotaVersion:
    version, places = _unsaved(rota, rules, start)
    version.number, version.created_by, version.created_at, version.reason = number, actor, at, reason
    version.sha256 = rules_sha256(
        [version.roles, version.rotation, version.coverage, version.fairness, version.cascade]
    )
    version.save(force_insert=True)
    RotaMember.objects.bulk_create(places)
    return version


def _replace_version(
    rota: Rota, rules: RulesDraft, start: datetime, actor: Any, reason: str, at: datetime
) -> RotaVersion:
    """End what holds at `start`, and what would have begun later never does."""
    for row in RotaVersion.objects.filter(rota=rota, valid__isempty=False, valid__endswith__gt=start) | (
        RotaVersion.objects.filter(rota=rota, valid__isempty=False, valid__upper_inf=True)
    ):
        lower = row.valid.lower
        row.valid = DateTimeTZRange(empty=True) if lower is None or lower >= start else DateTimeTZRange(lower, start)
        row.save(update_fields=["valid"])
    numbers = RotaVersion.objects.filter(rota=rota).values_list("number", flat=True)
    return _save_version(rota, max(numbers, default=0) + 1, rules, start, actor, reason, at)


def _open(rota: Rota, openings: Mapping[int, int], day: date, actor: Any, at: datetime) -> None:
    if sum(openings.values()):
        raise bad("openings", "Opening balances sum to 0.")
    DutyLedgerEntry.objects.bulk_create(
        DutyLedgerEntry(
            rota=rota, person_id=person_id, local_date=day, kind=LedgerKind.OPENING, milli_points=milli,
            source=f"rota:{rota.pk}", reason="brought along", recorded_at=at, recorded_by=actor,
        )
        for person_id, milli in openings.items()
    )  # fmt: skip
