"""Who is on call: the only resolver. Page, palette, API, iCal and alerts ask here (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Min

from oncall.domain.answers import COVERED, NOT_COVERED, Fallback, Held, OnCallAnswer, Responder
from oncall.domain.words import DutyRole, RotaKind
from oncall.models import AssetDuty, PlannedShift, Rota
from oncall.queries.working_out import behind_between, facts_between, facts_of
from ownership.queries.parties import owning_team
from portal.accounts.queries.people import fallback_recipients
from portal.accounts.queries.teams import responsible_leads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.queries.people import DutyPerson
    from oncall.queries.working_out import Facts
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
    return {rota.pk: answer_known(rota, found[rota.pk], at, opens.get(rota.pk)) for rota in rotas}


def outlook(*, rota: Rota, at: datetime, ahead: timedelta) -> Outlook:
    """The same answer, and who follows each holder within `ahead`; the same reads."""
    rows, people = facts_between(rota, at, at + ahead, widen=True)
    answer = answer_in(rota, (rows, people), at)
    later = {(row.role, row.slot, row.start): _held(row, people) for row in rows if row.start > at}
    return Outlook(answer, {each: later.get((each.role.value, each.slot, each.until)) for each in answer.entries})


def answer_in(rota: Rota, facts: Facts, at: datetime) -> OnCallAnswer:
    """The answer from what is known of a span around the instant, whole stretches (`widen`); no read if covered."""
    is_covered = any(row.start <= at < row.end for row in facts[0])
    return answer_known(rota, facts, at, None if is_covered else next_start(rota, at))


def answer_known(rota: Rota, facts: Facts, at: datetime, opens_at: datetime | None) -> OnCallAnswer:
    """The same where it is known when a rota that is closed now opens; reads nothing."""
    rows, people = facts
    held = [row for row in rows if row.start <= at < row.end]
    if not held:
        return OnCallAnswer(at, rota.pk, NOT_COVERED, next_change_at=opens_at)
    entries = tuple(_held(row, people) for row in held)
    following = _next_members(held, people, at)
    return OnCallAnswer(at, rota.pk, COVERED, entries, following, min(row.end for row in held))


def behind_at(rota: Rota, at: datetime) -> list[tuple[int, str]]:
    """Id and name of whoever stands behind the members at the instant and is there, best first."""
    standing, people = behind_between(rota, at, at + MOMENT)
    there = dict.fromkeys(each.person for each in standing if each.start <= at < each.end)
    return [(pk, people[pk].name) for pk in there if not _is_away(people[pk], at)]


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
