"""Who is on call: the only resolver. Page, palette, API, iCal and alerts ask here (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.answers import COVERED, NOT_COVERED, Fallback, Held, OnCallAnswer, Responder
from oncall.domain.effective import Effective, Laid, Planned, effective_shifts, is_away
from oncall.domain.words import ChangeState, DutyRole, RotaKind, Source
from oncall.models import AssetDuty, EffectiveShift, PlannedShift, Rota, ShiftChange
from oncall.models.spans import ends
from oncall.queries.people import duty_people
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


@dataclass(frozen=True)
class Outlook:
    """An answer with who follows each holder; None where that lies beyond the window, or nobody does."""

    answer: OnCallAnswer
    following: Mapping[Held, Held | None] = field(default_factory=dict)


def resolve_oncall(*, rota: Rota, at: datetime) -> OnCallAnswer:
    """Who holds each slot of the rota at the instant, and who comes next; at most 3 reads.

    What is over is read from the rows of what was served; everything else is worked out from plan, changes and
    absences. Without any row at the instant the answer is not covered. Never keep it beyond the transaction.
    """
    return outlook(rota=rota, at=at, ahead=MOMENT).answer


def outlook(*, rota: Rota, at: datetime, ahead: timedelta) -> Outlook:
    """The same answer, and who follows each holder within `ahead`; the same reads."""
    rows, people = facts_between(rota, at, at + ahead, widen=True)
    held = [row for row in rows if row.start <= at < row.end]
    if not held:
        return Outlook(OnCallAnswer(at, rota.pk, NOT_COVERED, next_change_at=next_start(rota, at)))
    entries = tuple(_held(row, people) for row in held)
    answer = OnCallAnswer(
        at, rota.pk, COVERED, entries, _next_members(held, people, at), min(row.end for row in held)
    )  # fmt: skip
    later = {(row.role, row.slot, row.start): _held(row, people) for row in rows if row.start > at}
    return Outlook(answer, {each: later.get((each.role.value, each.slot, each.until)) for each in entries})


def facts_between(
    rota: Rota, start: datetime, end: datetime, *, widen: bool = False, doubt: Doubt | None = None
) -> tuple[list[Effective], dict[int, DutyPerson]]:
    """Every stretch of every slot that touches `[start, end)`, not cut to it if `widen`, with the people; 3 reads.

    The served part comes from its rows and costs a fourth.
    """
    frontier = rota.served_until
    served = _served(rota, start, min(end, frontier)) if frontier is not None and start < frontier else []
    planned, holidays_absent = _planned(rota, start, end)
    changes = _changes(rota, start, end)
    ids = {person for row in planned for person in (row.person, *row.order) if person is not None}
    ids |= {change.person for change in changes} | {row.person for row in served if row.person is not None}
    low = min([start, *(row.start for row in planned)])
    high = max([end, *(row.end for row in planned)])
    people = duty_people(ids, low, high, holidays_absent=holidays_absent, doubt=doubt)
    rows = effective_shifts(planned, changes, {pk: person.away for pk, person in people.items()})
    if frontier is not None and start < frontier:
        rows = served + [_from(row, frontier) for row in rows if row.end > frontier]
    return (
        rows if widen else [_within(row, start, end) for row in rows if row.start < end and start < row.end]
    ), people


def firm_between(rota: Rota, start: datetime, end: datetime) -> list[Effective]:
    """Plan and changes alone, as if everybody were there; two reads. What an absence would leave open."""
    planned, _ = _planned(rota, start, end)
    rows = effective_shifts(planned, _changes(rota, start, end), {})
    return [_within(row, start, end) for row in rows if row.start < end and start < row.end]


def next_start(rota: Rota, at: datetime) -> datetime | None:
    """When the next planned shift begins; None beyond the horizon."""
    row = PlannedShift.objects.filter(rota=rota, during__startswith__gt=at).order_by("during").first()
    return row.during.lower if row is not None else None


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


def _planned(rota: Rota, start: datetime, end: datetime) -> tuple[list[Planned], bool]:
    """The plan, and whether its rules count a person's own public holiday as an absence."""
    rows = PlannedShift.objects.filter(rota=rota, during__overlap=(start, end)).order_by("during")
    fields = rows.values_list(
        "role", "slot", "person_id", "during", "order", "pk", "block_kind", "version__coverage__holidays"
    )
    found, holidays_absent = [], False
    for role, slot, person, during, order, pk, kind, holidays in fields:
        found.append(Planned(role, slot, person, *ends(during), tuple(order), pk, kind))
        holidays_absent = holidays_absent or holidays == "absent"
    return found, holidays_absent


def _changes(rota: Rota, start: datetime, end: datetime) -> list[Laid]:
    rows = ShiftChange.objects.filter(rota=rota, state=ChangeState.ACTIVE, during__overlap=(start, end))
    fields = rows.values_list("role", "slot", "to_person_id", "during", "kind", "pk")
    return [Laid(role, slot, person, *ends(during), kind, pk) for role, slot, person, during, kind, pk in fields]


def _served(rota: Rota, start: datetime, end: datetime) -> list[Effective]:
    rows = EffectiveShift.objects.filter(rota=rota, during__overlap=(start, end)).order_by("during", "role", "slot")
    return [
        Effective(
            row.role, row.slot, row.person_id, *ends(row.during), Source(row.source), row.reason_code,
            row.provisional, kind=row.block_kind,
        )
        for row in rows
    ]  # fmt: skip


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
    away = {pk: person.away for pk, person in people.items()}
    order = held[0].order
    free = [people[pk] for pk in order if pk not in busy and pk in people and not is_away(pk, at, away)]
    return tuple(Fallback("cascade", person.id, person.name, person.handle) for person in free)
