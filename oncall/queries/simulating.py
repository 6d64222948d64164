"""What would happen: reads only, by the same functions as when it really does (spec oncall 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.domain.decision import working_start
from oncall.domain.escalation import Position, delay_before, following
from oncall.models import EscalationPolicyVersion, Incident, Rota
from oncall.queries.ladders import steps_of
from oncall.queries.night import decision_for, team_hours
from oncall.queries.resolving import resolve_responder
from oncall.queries.targets import Duty, Meant
from oncall.queries.ways import page_ways
from portal.accounts.models import Team

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.domain.decision import Decision
    from oncall.domain.escalation import Step
    from ownership.models import Asset


@dataclass(frozen=True)
class PlannedStep:
    """One step of the ladder as it would fire."""

    at: datetime
    people: tuple[Meant, ...]
    severity: str


@dataclass(frozen=True)
class Rehearsal:
    """The decision with its reasons, and who would be paged when if nobody answered.

    `works_from`: a team without a rota answers in its working hours only, next from here.
    """

    asset: Asset
    at: datetime
    decision: Decision
    steps: tuple[PlannedStep, ...]
    team: Team | None
    rota: Rota | None
    is_covered: bool
    repeat: int = 0
    ways: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    works_from: datetime | None = None


def rehearse(asset: Asset, at: datetime) -> Rehearsal:
    """What happens if the asset breaks at the instant and nobody answers. Writes nothing."""
    responder = resolve_responder(asset=asset, at=at)
    is_covered = responder.answer is None or responder.answer.is_covered
    decision = decision_for(asset, at, is_covered=is_covered)
    team = Team.objects.filter(pk=responder.team_id).first() if responder.team_id else None
    rota = Rota.objects.filter(pk=responder.rota_id).first() if responder.rota_id else None
    works_from = working_start(team_hours(team), at) if rota is None and team is not None else None
    if decision.page_at is None or team is None:
        return Rehearsal(asset, at, decision, (), team, rota, is_covered, works_from=works_from)
    version = EscalationPolicyVersion.objects.filter(policy__team=team).order_by("-number").first()
    repeat = version.repeat if version else 0
    steps = _ladder(asset, team, decision.page_at, steps_of(version), repeat)
    people = {each.person_id for step in steps for each in step.people if each.person_id is not None}
    return Rehearsal(asset, at, decision, steps, team, rota, is_covered, repeat, page_ways(people), works_from)


def _ladder(asset: Asset, team: Team, start: datetime, steps: Sequence[Step], repeat: int) -> tuple[PlannedStep, ...]:
    position: Position | None = Position(0, 0)
    at, told = start + timedelta(seconds=steps[0].delay_seconds), set[int]()
    found: list[PlannedStep] = []
    while position is not None and len(found) < len(steps):
        responder = resolve_responder(asset=asset, at=at)
        incident = Incident(team=team, root_asset=asset)
        meant = Duty(incident, at, responder.answer).meant(steps[position.step].targets, told)
        told |= {each.person_id for each in meant if each.person_id is not None}
        found.append(PlannedStep(at, tuple(meant), steps[position.step].severity))
        position = following(position, steps, repeat)
        at += timedelta(seconds=delay_before(position, steps) if position is not None else 0)
    return tuple(found)
