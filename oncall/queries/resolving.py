"""Who is on call: the only resolver. Page, palette, API, iCal and alerts ask here (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db.models import Min

from oncall.domain.answers import COVERED, NOT_COVERED, Fallback, Held, OnCallAnswer, Responder
from oncall.domain.effective import BACKED, Effective, Laid, Planned, Standby, effective_shifts
from oncall.domain.words import ChangeState, DutyRole, RotaKind, Source
from oncall.models import AssetDuty, EffectiveShift, PlannedShift, Rota, ShiftChange
from oncall.models.spans import ends
from oncall.queries.people import duty_people, with_holidays
from oncall.queries.standing_by import Behind, leads_between, rotas_behind
from ownership.queries.parties import owning_team
from portal.accounts.queries.people import fallback_recipients
from portal.accounts.queries.teams import responsible_leads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.queries.people import Doubt, DutyPerson
    from portal.accounts.models import Team

MOMENT = timedelta(microseconds=1)
MOST_ANCESTORS = 6
Facts = tuple["list[Effective]", "dict[int, DutyPerson]"]


@dataclass
class _Plan:
    """What is planned for one rota in a span, and who stands behind its members from when to when."""

    rows: list[Planned]
    holidays_absent: bool = False
    behind: dict[int, Behind] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """An answer with who follows each holder; None where that lies beyond the window, or nobody does."""

    answer: OnCallAnswer
    following: Mapping[Held, Held | None] = field(default_factory=dict)


NO_PLAN = _Plan([])
NOBODY: Mapping[int, Sequence[Standby]] = MappingProxyType({})


def resolve_oncall(*, rota: Rota, at: datetime) -> OnCallAnswer:
    """Who holds each slot of the rota at the instant, and who comes next; at most 3 reads.

    What is over is read from the rows of what was served; everything else is worked out from plan, changes and
    absences. Without any row at the instant the answer is not covered. Never keep it beyond the transaction.
    Where no member is there, whoever the rules name behind them costs up to 6 reads more.
    """
    return outlook(rota=rota, at=at, ahead=MOMENT).answer


def resolve_everywhere(rotas: Sequence[Rota], at: datetime) -> dict[int, OnCallAnswer]:
    """The answer of each rota by id, the same as one by one; 3 reads however many there are, a fourth for the closed.

    Of an instant that is over the served rows cost one read more.
    """
    return answers_in(rotas, facts_of(rotas, at, at + MOMENT, widen=True), at)


def answers_in(rotas: Sequence[Rota], found: Mapping[int, Facts], at: datetime) -> dict[int, OnCallAnswer]:
    """The answers from what is known of a span around the instant, whole stretches (`widen`); a read for the closed."""
    closed = [rota.pk for rota in rotas if not any(row.start <= at < row.end for row in found[rota.pk][0])]
    opens = next_starts(closed, at) if closed else {}
    return {rota.pk: _answer(rota, *found[rota.pk], at, opens.get(rota.pk)) for rota in rotas}


def outlook(*, rota: Rota, at: datetime, ahead: timedelta) -> Outlook:
    """The same answer, and who follows each holder within `ahead`; the same reads."""
    rows, people = facts_between(rota, at, at + ahead, widen=True)
    answer = answer_in(rota, (rows, people), at)
    later = {(row.role, row.slot, row.start): _held(row, people) for row in rows if row.start > at}
    return Outlook(answer, {each: later.get((each.role.value, each.slot, each.until)) for each in answer.entries})


def answer_in(rota: Rota, facts: Facts, at: datetime) -> OnCallAnswer:
    """The answer from what is known of a span around the instant, whole stretches (`widen`); no read if covered."""
    rows, people = facts
    is_covered = any(row.start <= at < row.end for row in rows)
    return _answer(rota, rows, people, at, None if is_covered else next_start(rota, at))


def cut(rows: Sequence[Effective], start: datetime, end: datetime) -> list[Effective]:
    """The stretches inside `[start, end)`."""
    return [_within(row, start, end) for row in rows if row.start < end and start < row.end]


def _answer(
    rota: Rota, rows: Sequence[Effective], people: Mapping[int, DutyPerson], at: datetime, opens_at: datetime | None
) -> OnCallAnswer:
    held = [row for row in rows if row.start <= at < row.end]
    if not held:
        return OnCallAnswer(at, rota.pk, NOT_COVERED, next_change_at=opens_at)
    entries = tuple(_held(row, people) for row in held)
    following = _next_members(held, people, at)
    return OnCallAnswer(at, rota.pk, COVERED, entries, following, min(row.end for row in held))


def facts_between(
    rota: Rota, start: datetime, end: datetime, *, widen: bool = False, doubt: Doubt | None = None
) -> Facts:
    """Every stretch of every slot that touches `[start, end)`, not cut to it if `widen`, with the people; 3 reads.

    The served part comes from its rows and costs a fourth.
    """
    return facts_of([rota], start, end, widen=widen, doubt=doubt)[rota.pk]


def facts_of(
    rotas: Sequence[Rota], start: datetime, end: datetime, *, widen: bool = False, doubt: Doubt | None = None
) -> dict[int, Facts]:
    """`facts_between` of many rotas by id, in the same reads."""
    return _worked(rotas, (start, end), widen=widen, doubt=doubt)


def behind_between(rota: Rota, start: datetime, end: datetime) -> tuple[list[Standby], dict[int, DutyPerson]]:
    """Whoever the rules name behind the members in `[start, end)`, best first, free or not, with the people."""
    plan = _planned([rota.pk], start, end).get(rota.pk, NO_PLAN)
    if not plan.behind:
        return [], {}
    standing, people = _standing_by({rota: list(plan.behind.values())}, None)
    return standing[rota.pk], people


def behind_at(rota: Rota, at: datetime) -> list[tuple[int, str]]:
    """Id and name of whoever stands behind the members at the instant and is there, best first."""
    standing, people = behind_between(rota, at, at + MOMENT)
    there = dict.fromkeys(each.person for each in standing if each.start <= at < each.end)
    return [(pk, people[pk].name) for pk in there if not _is_away(people[pk], at)]


def _worked(
    rotas: Sequence[Rota], span: tuple[datetime, datetime], *, widen: bool = False, doubt: Doubt | None = None,
    alone: bool = False,
) -> dict[int, Facts]:  # fmt: skip
    """Who holds what by rota; `alone` leaves out the lists behind the members."""
    start, end = span
    served = _served([rota for rota in rotas if rota.served_until is not None and start < rota.served_until],
                     start, end)  # fmt: skip
    plans = _planned([rota.pk for rota in rotas], start, end)
    changes = _changes(list(plans), start, end)
    casts = _casts(_cast(plans, changes, served, (start, end), doubt))
    rows = _laid_out(plans, changes, casts)
    bare = {} if alone else {rota: plans[rota.pk] for rota in rotas if _lacks(plans.get(rota.pk), rows.get(rota.pk))}
    if bare:
        standing, more = _standing_by({rota: list(plan.behind.values()) for rota, plan in bare.items()}, doubt)
        casts = _casts(more | casts[False])
        rows |= _laid_out({rota.pk: plan for rota, plan in bare.items()}, changes, casts, standing)
    found = {}
    for rota in rotas:
        joined = _joined(rota, rows.get(rota.pk, []), served.get(rota.pk, []), start)
        found[rota.pk] = (
            joined if widen else cut(joined, start, end),
            casts[plans.get(rota.pk, NO_PLAN).holidays_absent],
        )
    return found


def _casts(people: dict[int, DutyPerson]) -> dict[bool, dict[int, DutyPerson]]:
    """The people, and the same where their own public holidays count as absences."""
    return {False: people, True: {pk: with_holidays(each) for pk, each in people.items()}}


def _laid_out(
    plans: Mapping[int, _Plan], changes: Mapping[int, Sequence[Laid]], casts: Mapping[bool, Mapping[int, DutyPerson]],
    standing: Mapping[int, Sequence[Standby]] = NOBODY,
) -> dict[int, list[Effective]]:  # fmt: skip
    """The pure function for each rota."""
    away = {kind: {pk: each.away for pk, each in cast.items() if each.away} for kind, cast in casts.items()}
    return {
        pk: effective_shifts(plan.rows, changes.get(pk, ()), away[plan.holidays_absent], standing.get(pk, ()))
        for pk, plan in plans.items()
    }


def _joined(rota: Rota, rows: list[Effective], served: list[Effective], start: datetime) -> list[Effective]:
    """What was served, then what is worked out."""
    frontier = rota.served_until
    if frontier is None or start >= frontier:
        return rows
    return served + [_from(row, frontier) for row in rows if row.end > frontier]


def _lacks(plan: _Plan | None, rows: Sequence[Effective] | None) -> bool:
    """Whether somebody is missing whom the list behind the members may give."""
    return bool(plan and plan.behind) and any(row.source is Source.GAP and row.role in BACKED for row in rows or ())


def _standing_by(
    behind: Mapping[Rota, Sequence[Behind]], doubt: Doubt | None
) -> tuple[dict[int, list[Standby]], dict[int, DutyPerson]]:
    """Who stands behind each rota's members, best first. A rota behind answers by its own people, never by its list."""
    every = [each for steps in behind.values() for each in steps]
    low, high = min(each.start for each in every), max(each.end for each in every)
    others = rotas_behind(every)
    held = _worked(others, (low, high), widen=True, doubt=doubt, alone=True) if others else {}
    primaries = {
        other.slug: [Standby(row.person, row.start, row.end) for row in held[other.pk][0]
                     if row.role == DutyRole.PRIMARY and row.person is not None and row.reason_code != "cascade_list"]
        for other in others
    }  # fmt: skip
    leads = leads_between(
        [rota.team for rota, steps in behind.items() if any(each.asks_lead for each in steps)], low, high
    )
    found = {rota.pk: [one for each in steps for one in each.people(primaries, leads.get(rota.team_id, ()))]
             for rota, steps in behind.items()}  # fmt: skip
    ids = {one.person for standing in found.values() for one in standing}
    return found, duty_people(ids, low, high, holidays_absent=True, doubt=doubt)


def _cast(
    plans: Mapping[int, _Plan], changes: Mapping[int, Sequence[Laid]], served: Mapping[int, Sequence[Effective]],
    span: tuple[datetime, datetime], doubt: Doubt | None,
) -> dict[int, DutyPerson]:  # fmt: skip
    """Everybody whom the rows name, with what keeps them from serving; one read."""
    planned = [row for plan in plans.values() for row in plan.rows]
    ids = {person for row in planned for person in (row.person, *row.order) if person is not None}
    ids |= {change.person for laid in changes.values() for change in laid}
    ids |= {row.person for rows in served.values() for row in rows if row.person is not None}
    low = min([span[0], *(row.start for row in planned)])
    high = max([span[1], *(row.end for row in planned)])
    with_free_days = any(plan.holidays_absent for plan in plans.values())
    return duty_people(ids, low, high, holidays_absent=with_free_days, doubt=doubt)


def firm_between(rota: Rota, start: datetime, end: datetime) -> list[Effective]:
    """Plan and changes alone, as if everybody were there; two reads. What an absence would leave open."""
    plan = _planned([rota.pk], start, end).get(rota.pk, NO_PLAN)
    rows = effective_shifts(plan.rows, _changes([rota.pk], start, end).get(rota.pk, ()), {})
    return cut(rows, start, end)


def next_start(rota: Rota, at: datetime) -> datetime | None:
    """When the next planned shift begins; None beyond the horizon."""
    row = PlannedShift.objects.filter(rota=rota, during__startswith__gt=at).order_by("during").first()
    return row.during.lower if row is not None else None


def next_starts(rota_ids: Sequence[int], at: datetime) -> dict[int, datetime]:
    """`next_start` of many rotas by id; one read."""
    rows = PlannedShift.objects.filter(rota__in=rota_ids, during__startswith__gt=at).order_by()
    return dict(rows.values_list("rota").annotate(Min("during__startswith")))


def resolve_responder(*, asset: Any, at: datetime, severity: str = "page") -> Responder:
    """Who answers for the asset: its own rota, else the pipeline rota of its accountable team or the nearest ancestor.

    A team without a rota answers in its working hours, then its lead, then the organization's fallback.
    """
    del severity
    duty = AssetDuty.objects.filter(asset=asset, rota__isnull=False, rota__is_archived=False).select_related("rota")
    own = duty.first()
    team = owning_team([asset.pk], at)[asset.pk]
    if own is not None and own.rota is not None:
        return _by_rota(asset, "asset", team, own.rota, at)
    basis, step = "team", team
    for _ in range(MOST_ANCESTORS):
        if step is None:
            break
        rota = pipeline_rota(step)
        if rota is not None:
            return _by_rota(asset, basis, step, rota, at)
        basis, step = "ancestor", step.parent
    if team is None:
        return Responder(at, asset.pk, "nobody", fallbacks=organization_fallbacks())
    return Responder(at, asset.pk, "hours", team.pk, fallbacks=lead_fallbacks(team, at))


def pipeline_rota(team: Team) -> Rota | None:
    """The rota that answers for the team's pipelines; the oldest if there are several."""
    rows = Rota.objects.filter(team=team, kind=RotaKind.PIPELINE, is_archived=False)
    return rows.order_by("pk").first()


def lead_fallbacks(team: Team, at: datetime) -> tuple[Fallback, ...]:
    """The nearest leads of the team, then the organization's fallback."""
    leads = responsible_leads(team, at.date())
    asked = tuple(Fallback("lead", lead.pk, lead.name, lead.handle) for lead in leads)
    return asked + organization_fallbacks()


def organization_fallbacks() -> tuple[Fallback, ...]:
    """Whom the organization names for when nobody else is found; endpoints are the engine's."""
    rows = [row.person for row in fallback_recipients() if row.person is not None]
    return tuple(Fallback("organization", person.pk, person.name, person.handle) for person in rows)


def _by_rota(asset: Any, basis: str, team: Team | None, rota: Rota, at: datetime) -> Responder:
    answer = resolve_oncall(rota=rota, at=at)
    owner = team if team is not None else rota.team
    return Responder(at, asset.pk, basis, owner.pk, rota.pk, answer, lead_fallbacks(rota.team, at))


def _planned(rota_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, _Plan]:
    """The plans that touch the span by rota, and whether their rules count own public holidays as absences."""
    rows = PlannedShift.objects.filter(rota__in=rota_ids, during__overlap=(start, end)).order_by("during")
    fields = rows.values_list(
        "rota_id", "role", "slot", "person_id", "during", "order", "pk", "block_kind", "version__coverage__holidays",
        "version_id", "version__cascade",
    )  # fmt: skip
    found: dict[int, _Plan] = {}
    for rota_id, role, slot, person, during, order, pk, kind, holidays, version, cascade in fields:
        plan = found.setdefault(rota_id, _Plan([]))
        planned = Planned(role, slot, person, *ends(during), tuple(order), pk, kind)
        plan.rows.append(planned)
        if cascade:
            before = plan.behind.get(version, Behind(cascade, planned.start, planned.end))
            plan.behind[version] = replace(before, end=max(before.end, planned.end))
        plan.holidays_absent = plan.holidays_absent or holidays == "absent"
    return found


def _changes(rota_ids: Sequence[int], start: datetime, end: datetime) -> dict[int, list[Laid]]:
    rows = ShiftChange.objects.filter(rota__in=rota_ids, state=ChangeState.ACTIVE, during__overlap=(start, end))
    found: dict[int, list[Laid]] = {}
    for rota_id, role, slot, person, during, kind, pk in rows.values_list(
        "rota_id", "role", "slot", "to_person_id", "during", "kind", "pk"
    ):
        found.setdefault(rota_id, []).append(Laid(role, slot, person, *ends(during), kind, pk))
    return found


def _served(rotas: Sequence[Rota], start: datetime, end: datetime) -> dict[int, list[Effective]]:
    """What was served in the span up to the frontier of each rota, by rota; no read without rotas."""
    if not rotas:
        return {}
    until = max(min(end, rota.served_until) for rota in rotas if rota.served_until is not None)
    rows = EffectiveShift.objects.filter(rota__in=[rota.pk for rota in rotas], during__overlap=(start, until))
    found: dict[int, list[Effective]] = {}
    for row in rows.order_by("during", "role", "slot"):
        found.setdefault(row.rota_id, []).append(
            Effective(
                row.role, row.slot, row.person_id, *ends(row.during), Source(row.source), row.reason_code,
                row.provisional, kind=row.block_kind,
            )
        )  # fmt: skip
    return found


def _from(row: Effective, instant: datetime) -> Effective:
    return _within(row, max(row.start, instant), row.end)


def _within(row: Effective, start: datetime, end: datetime) -> Effective:
    if row.start >= start and row.end <= end:
        return row
    return Effective(
        row.role, row.slot, row.person, max(row.start, start), min(row.end, end), row.source, row.reason_code,
        row.provisional, row.planned_ref, row.change_ref, row.order, row.kind,
    )  # fmt: skip


def _held(row: Effective, people: Mapping[int, DutyPerson]) -> Held:
    person = people[row.person] if row.person is not None else None
    return Held(
        DutyRole(row.role), row.slot, row.person, person.name if person else "nobody", person.handle if person else "",
        row.start, row.end, row.source, row.reason_code, row.provisional, reachable=bool(person and person.reachable),
    )  # fmt: skip


def _next_members(
    held: Sequence[Effective], people: Mapping[int, DutyPerson], at: datetime
) -> tuple[Fallback, ...]:  # fmt: skip
    """The members who are free and there, in the order of the plan."""
    busy = {row.person for row in held}
    order = [people[pk] for pk in held[0].order if pk not in busy and pk in people]
    return tuple(_fallback(person) for person in order if not _is_away(person, at))


def _fallback(person: DutyPerson) -> Fallback:
    return Fallback("cascade", person.id, person.name, person.handle)


def _is_away(person: DutyPerson, at: datetime) -> bool:
    return any(start <= at < end for start, end in person.away)
