"""What holds of a rota in a span: plan, changes, absences and what was served, laid over each other (oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db.models import F, Q, Value

from oncall.domain.effective import BACKED, Effective, Laid, Planned, Standby, effective_shifts
from oncall.domain.words import ChangeState, DutyRole, Source
from oncall.models import EffectiveShift, PlannedShift, Rota, ShiftChange
from oncall.models.spans import ends
from oncall.queries.people import END, duty_people, with_holidays
from oncall.queries.standing_by import Behind, leads_between, rotas_behind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from oncall.queries.people import Doubt, DutyPerson

Facts = tuple["list[Effective]", "dict[int, DutyPerson]"]


@dataclass
class _Plan:
    """What is planned for one rota, what of it is laid out, and who stands behind its members from when to when."""

    rows: list[Planned] = field(default_factory=list)
    near: list[Planned] = field(default_factory=list)
    blocks: dict[int, str] = field(default_factory=dict)
    holidays_absent: bool = False
    behind: dict[int, Behind] = field(default_factory=dict)


@dataclass(frozen=True)
class Wide:
    """What is read along, for a page that shows a rota whole, so that nothing is read twice.

    The plan from `since` to its end, the `people` beside those whom the rows name with their free days and every
    absence since, and what stands behind: the rotas, and who leads each team.
    """

    since: datetime
    people: Collection[int]
    behind: Sequence[Rota]
    leads: Mapping[int, Sequence[Standby]]


@dataclass(frozen=True)
class Worked:
    """One rota in a span, whole stretches: who holds what, and the plan and changes that this comes from."""

    rows: list[Effective]
    people: dict[int, DutyPerson]
    planned: list[Planned]
    laid: list[Laid]
    blocks: Mapping[int, str]


NO_PLAN = _Plan()
NOBODY: Mapping[int, Sequence[Standby]] = MappingProxyType({})


def cut(rows: Sequence[Effective], start: datetime, end: datetime) -> list[Effective]:
    """The stretches inside `[start, end)`."""
    return [_within(row, start, end) for row in rows if row.start < end and start < row.end]


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
    found = work_out(rotas, (start, end), doubt=doubt)
    return {pk: (each.rows if widen else cut(each.rows, start, end), each.people) for pk, each in found.items()}


def firm_between(rota: Rota, start: datetime, end: datetime) -> list[Effective]:
    """Plan and changes alone, as if everybody were there; two reads. What an absence would leave open."""
    plan = _planned([rota], (start, end), None).get(rota.pk, NO_PLAN)
    return firm_in(plan.rows, _changes([rota.pk], start, end).get(rota.pk, ()), start, end)


def firm_in(planned: Sequence[Planned], laid: Sequence[Laid], start: datetime, end: datetime) -> list[Effective]:
    """The same from what is known."""
    near = [row for row in planned if row.start < end and start < row.end]
    return cut(effective_shifts(near, [row for row in laid if row.start < end and start < row.end], {}), start, end)


def behind_between(rota: Rota, start: datetime, end: datetime) -> tuple[list[Standby], dict[int, DutyPerson]]:
    """Whoever the rules name behind the members in `[start, end)`, best first, free or not, with the people."""
    plan = _planned([rota], (start, end), None).get(rota.pk, NO_PLAN)
    if not plan.behind:
        return [], {}
    standing, people = _standing_by({rota: list(plan.behind.values())}, {}, None)
    return standing[rota.pk], people


def work_out(
    rotas: Sequence[Rota], span: tuple[datetime, datetime], *, doubt: Doubt | None = None, wide: Wide | None = None,
    alone: bool = False,
) -> dict[int, Worked]:  # fmt: skip
    """Who holds what by rota; `alone` leaves out the lists behind the members. 3 reads, a fourth for what was served.

    Where somebody is missing, the lists behind cost up to 6 more; with `wide` they are in the same reads.
    """
    every = [*rotas, *(wide.behind if wide else ())]
    served = _served([rota for rota in every if rota.served_until is not None and span[0] < rota.served_until], span)
    plans = _planned(rotas, span, wide)
    changes = _changes(list(plans), *span)
    casts = _casts(_cast(plans, changes, served, span, doubt, wide))
    rows = _laid_out(plans, changes, casts)
    whole = {rota.pk: _joined(rota, rows.get(rota.pk, []), served.get(rota.pk, []), span[0]) for rota in every}
    bare = {} if alone else {rota: plans[rota.pk] for rota in rotas if _lacks(plans.get(rota.pk), rows.get(rota.pk))}
    if bare:
        held = {rota.slug: whole[rota.pk] for rota in wide.behind} if wide else None
        lists = {rota: list(plan.behind.values()) for rota, plan in bare.items()}
        standing, more = _standing_by(lists, casts[False], doubt, held, wide.leads if wide else None)
        casts = _casts(more | casts[False])
        rows = _laid_out({rota.pk: plan for rota, plan in bare.items()}, changes, casts, standing)
        whole |= {rota.pk: _joined(rota, rows[rota.pk], served.get(rota.pk, []), span[0]) for rota in bare}
    found = {}
    for rota in rotas:
        plan = plans.get(rota.pk, NO_PLAN)
        people, laid = casts[plan.holidays_absent], changes.get(rota.pk, [])
        found[rota.pk] = Worked(whole[rota.pk], people, plan.rows, laid, plan.blocks)
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
        pk: effective_shifts(plan.near, changes.get(pk, ()), away[plan.holidays_absent], standing.get(pk, ()))
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
    behind: Mapping[Rota, Sequence[Behind]], known: Mapping[int, DutyPerson], doubt: Doubt | None,
    held: Mapping[str, Sequence[Effective]] | None = None, leads: Mapping[int, Sequence[Standby]] | None = None,
) -> tuple[dict[int, list[Standby]], dict[int, DutyPerson]]:  # fmt: skip
    """Who stands behind each rota's members, best first, and those of them who are not `known` yet.

    A rota behind answers by its own people, never by its list. `held` and `leads` are read where they are not given.
    """
    every = [each for steps in behind.values() for each in steps]
    low, high = min(each.start for each in every), max(each.end for each in every)
    if held is None:
        others = rotas_behind(every)
        found = work_out(others, (low, high), doubt=doubt, alone=True) if others else {}
        held = {other.slug: found[other.pk].rows for other in others}
    if leads is None:
        asked = [rota.team for rota, steps in behind.items() if any(each.asks_lead for each in steps)]
        leads = leads_between(asked, low, high)
    primaries = {
        slug: [Standby(row.person, row.start, row.end) for row in rows
               if row.role == DutyRole.PRIMARY and row.person is not None and row.reason_code != "cascade_list"]
        for slug, rows in held.items()
    }  # fmt: skip
    standing = {rota.pk: [one for each in steps for one in each.people(primaries, leads.get(rota.team_id, ()))]
                for rota, steps in behind.items()}  # fmt: skip
    new = {one.person for rows in standing.values() for one in rows} - set(known)
    return standing, duty_people(new, low, high, holidays_absent=True, doubt=doubt) if new else {}


def _cast(
    plans: Mapping[int, _Plan], changes: Mapping[int, Sequence[Laid]], served: Mapping[int, Sequence[Effective]],
    span: tuple[datetime, datetime], doubt: Doubt | None, wide: Wide | None,
) -> dict[int, DutyPerson]:  # fmt: skip
    """Everybody whom the rows name, with what keeps them from serving; one read."""
    planned = [row for plan in plans.values() for row in plan.rows]
    ids = {person for row in planned for person in (row.person, *row.order) if person is not None}
    ids |= {change.person for laid in changes.values() for change in laid}
    ids |= {row.person for rows in served.values() for row in rows if row.person is not None}
    if wide is not None:
        ids |= {*wide.people, *(one.person for leads in wide.leads.values() for one in leads)}
        return duty_people(ids, wide.since, END, holidays_absent=True, doubt=doubt)
    low = min([span[0], *(row.start for row in planned)])
    high = max([span[1], *(row.end for row in planned)])
    with_free_days = any(plan.holidays_absent for plan in plans.values())
    return duty_people(ids, low, high, holidays_absent=with_free_days, doubt=doubt)


def _planned(rotas: Sequence[Rota], span: tuple[datetime, datetime], wide: Wide | None) -> dict[int, _Plan]:
    """The plans that touch the span by rota, and whether their rules count own public holidays as absences.

    What was served before is not laid out again: neither its rules nor who stood behind count any more.
    """
    every = {rota.pk: rota for rota in (*rotas, *(wide.behind if wide else ()))}
    touched = Q(rota__in=list(every), during__overlap=span)
    if wide is not None:
        touched |= Q(rota__in=[rota.pk for rota in rotas], during__overlap=(wide.since, None))
    fields = PlannedShift.objects.filter(touched).order_by("during").annotate(
        block=F("why__block") if wide is not None else Value(""),
    ).values_list(
        "rota_id", "role", "slot", "person_id", "during", "order", "pk", "block_kind", "block",
        "version__coverage__holidays", "version_id", "version__cascade",
    )  # fmt: skip
    found: dict[int, _Plan] = {}
    for rota_id, role, slot, person, during, order, pk, kind, block, holidays, version, cascade in fields:
        plan = found.setdefault(rota_id, _Plan())
        planned = Planned(role, slot, person, *ends(during), tuple(order), pk, kind)
        plan.rows.append(planned)
        if block:
            plan.blocks[pk] = block
        frontier = every[rota_id].served_until
        if planned.start >= span[1] or planned.end <= max(span[0], frontier or span[0]):
            continue
        plan.near.append(planned)
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


def _served(rotas: Sequence[Rota], span: tuple[datetime, datetime]) -> dict[int, list[Effective]]:
    """What was served in the span up to the frontier of each rota, by rota; no read without rotas."""
    if not rotas:
        return {}
    until = max(min(span[1], rota.served_until) for rota in rotas if rota.served_until is not None)
    rows = EffectiveShift.objects.filter(rota__in=[rota.pk for rota in rotas], during__overlap=(span[0], until))
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
