"""What would happen, and what would have: reads only, the same functions as when it really does (spec oncall 10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.escalation import DEFAULT_STEPS, Position, delay_before, following, from_json
from oncall.domain.guardrails import NIGHT_FROM, NIGHT_TO
from oncall.domain.sleeping import is_night
from oncall.models import EscalationPolicyVersion, Incident, Rota
from oncall.policies import incidents_visible_to
from oncall.queries.night import decide_in, decision_for, neighbourhood, registered_rows
from oncall.queries.resolving import resolve_responder
from oncall.queries.targets import Duty, Meant
from portal.accounts.models import Team

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.domain.agreements import Terms
    from oncall.domain.decision import Decision
    from oncall.domain.escalation import Step
    from ownership.models import Asset

MOST_REPLAYED = 1000
_NIGHT = (NIGHT_FROM, NIGHT_TO)


@dataclass(frozen=True)
class PlannedStep:
    """One step of the ladder as it would fire."""

    at: datetime
    people: tuple[Meant, ...]
    severity: str


@dataclass(frozen=True)
class Rehearsal:
    """The decision with its reasons, and who would be paged when if nobody answered."""

    asset: Asset
    at: datetime
    decision: Decision
    steps: tuple[PlannedStep, ...]
    team: Team | None
    rota: Rota | None
    is_covered: bool


@dataclass(frozen=True)
class Replay:
    """What a proposal would have done to the incidents of a period."""

    incidents: int
    night_pages: int
    would_wait: int
    would_wake: int
    rows: tuple[tuple[Incident, Decision], ...]

    @property
    def sentence(self) -> str:
        """The result in one line."""
        return f"{self.would_wait} of {self.night_pages} night pages would have waited"


def rehearse(asset: Asset, at: datetime) -> Rehearsal:
    """What happens if the asset breaks at the instant and nobody answers. Writes nothing."""
    responder = resolve_responder(asset=asset, at=at)
    is_covered = responder.answer is None or responder.answer.is_covered
    decision = decision_for(asset, at, is_covered=is_covered)
    team = Team.objects.filter(pk=responder.team_id).first() if responder.team_id else None
    rota = Rota.objects.filter(pk=responder.rota_id).first() if responder.rota_id else None
    steps = _ladder(asset, team, decision.page_at) if decision.page_at is not None and team is not None else ()
    return Rehearsal(asset, at, decision, steps, team, rota, is_covered)


def replay(*, viewer: Any, team: Team, start: datetime, end: datetime, proposed: Mapping[int, Terms]) -> Replay:
    """The incidents of a period judged again with other terms for some agreements (by id). Writes nothing."""
    rows = incidents_visible_to(viewer).filter(team=team, opened_at__gte=start, opened_at__lt=end)
    incidents = list(rows.filter(root_asset__isnull=False).select_related("root_asset")[:MOST_REPLAYED])
    around: dict[int, Any] = {}
    found, waits, wakes, nights = [], 0, 0, 0
    for incident in incidents:
        asset = incident.root_asset
        if asset is None:
            continue
        place = around.setdefault(asset.pk, neighbourhood(asset, incident.opened_at))
        registered = [
            replace(row, terms=proposed[row.id]) if row.id in proposed else row
            for row in registered_rows(place, incident.opened_at)
        ]
        decision = decide_in(place, registered, incident.opened_at)
        found.append((incident, decision))
        had_woken, would = _woke(incident, team), decision.is_now and decision.pages and _night(incident, team)
        nights += had_woken
        waits += had_woken and not would
        wakes += would and not had_woken
    return Replay(len(found), nights, waits, wakes, tuple(found))


def _ladder(asset: Asset, team: Team, start: datetime) -> tuple[PlannedStep, ...]:
    version = EscalationPolicyVersion.objects.filter(policy__team=team).order_by("-number").first()
    steps: Sequence[Step] = from_json(version.steps) if version else DEFAULT_STEPS
    repeat = version.repeat if version else 0
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


def _woke(incident: Incident, team: Team) -> bool:
    """Whether it paged at once and at night."""
    return incident.act_at <= incident.opened_at and _night(incident, team)


def _night(incident: Incident, team: Team) -> bool:
    rota = incident.rota
    zone = rota.zone if rota is not None else team.zone
    return is_night(incident.opened_at, zone, _NIGHT[0], _NIGHT[1])
