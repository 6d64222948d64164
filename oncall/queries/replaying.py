"""The incidents of a period judged again under a proposal: reads only, in a number that does not grow with them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, OuterRef

from oncall.domain.coverage import covered_spans
from oncall.domain.escalation import DEFAULT_STEPS, from_json
from oncall.domain.guardrails import NIGHT_FROM, NIGHT_TO
from oncall.domain.replaying import Ladder, Outcome, Past, Proposal, Summary, outcome_of, summed
from oncall.models import (
    Agreement,
    EscalationRun,
    Incident,
    IncidentEvent,
    IncidentImpact,
    PlannedShift,
    Rota,
    RotaVersion,
)
from oncall.models.spans import ends
from oncall.policies import incidents_visible_to
from oncall.queries.night import Neighbourhood, decide_in, neighbourhoods, rows_at, signed_among
from portal.accounts.models import Membership, Team

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from oncall.domain.agreements import Terms
    from oncall.domain.decision import Decision, Registered

MOST_REPLAYED = 1000
MOMENT = timedelta(seconds=1)
NIGHT = (NIGHT_FROM, NIGHT_TO)
ANSWERS = ("acknowledged", "asleep")


class Tried(NamedTuple):
    """One incident with what became of it."""

    incident: Incident
    outcome: Outcome


@dataclass(frozen=True)
class Replay:
    """The counts, and each incident with its outcome, the newest first."""

    summary: Summary
    rows: tuple[Tried, ...]


@dataclass(frozen=True)
class _Facts:
    """What happened, by incident."""

    calls: Mapping[int, list[tuple[datetime, list[int]]]]
    answered: Mapping[int, datetime]
    said: Mapping[int, list[str]]
    ladders: Mapping[int, Ladder]


def replay(*, viewer: Any, team: Team, start: datetime, end: datetime, proposal: Proposal) -> Replay:
    """The team's incidents of `[start, end)` again, at most 1,000, those of unknown assets left out. Writes nothing."""
    rows = incidents_visible_to(viewer).filter(team=team, opened_at__gte=start, opened_at__lt=end)
    known = rows.filter(root_asset__isnull=False).select_related("root_asset", "rota", "team")
    incidents = list(known.order_by("-opened_at")[:MOST_REPLAYED])
    facts, places = _facts([row.pk for row in incidents]), _Places(incidents, proposal)
    coverages = _Coverages({row.rota_id for row in incidents if row.rota_id is not None}, proposal)
    holders = _Holders(proposal.rota, start, end)
    found = []
    for incident in incidents:
        past = _past(incident, facts)
        decision = places.decide(incident, is_covered=coverages.covers(incident))
        ladder = proposal.ladder or facts.ladders.get(incident.pk) or Ladder(DEFAULT_STEPS)
        would_call = holders.at(incident.opened_at) if proposal.rota is not None else past.called
        found.append(Tried(incident, outcome_of(past, decision, ladder, NIGHT, would_call)))
    return Replay(summed([each.outcome for each in found]), tuple(found))


class _Places:
    """Neighbourhoods and agreements of all the assets that broke, with their owners as of the newest incident."""

    def __init__(self, incidents: Sequence[Incident], proposal: Proposal) -> None:
        self.proposal = proposal
        assets: dict[int, Any] = {row.root_asset_id: row.root_asset for row in incidents if row.root_asset_id}
        self.near = neighbourhoods(assets.values(), incidents[0].opened_at) if incidents else {}
        if proposal.default is not None:
            self.near = {pk: self._with_default(around, proposal.default) for pk, around in self.near.items()}
        self.signed = signed_among(self.near.values())

    def decide(self, incident: Incident, *, is_covered: bool) -> Decision:
        """The decision about the incident's asset under the proposal, at the instant it broke."""
        asset: Any = incident.root_asset
        around = self.near[asset.pk]
        rows = [self._proposed(row) for row in rows_at(self.signed, around, incident.opened_at)]
        return decide_in(around, rows, incident.opened_at, is_covered=is_covered)

    @staticmethod
    def _with_default(around: Neighbourhood, terms: Terms) -> Neighbourhood:
        return replace(around, defaults=dict.fromkeys(around.defaults, terms))

    def _proposed(self, row: Registered) -> Registered:
        terms = self.proposal.terms
        return replace(row, terms=terms[row.id]) if row.id in terms else row


class _Coverages:
    """Whether the rota was on duty at an instant: by the rules in force then, or by the proposal's."""

    def __init__(self, rota_ids: Collection[int], proposal: Proposal) -> None:
        self.coverage = proposal.coverage
        wanted = {proposal.rota} if proposal.rota is not None else set(rota_ids)
        self.rota_id = proposal.rota
        rows = RotaVersion.objects.filter(rota__in=wanted).select_related("rota").order_by("number")
        self.versions: dict[int, list[RotaVersion]] = defaultdict(list)
        for row in rows:
            self.versions[row.rota_id].append(row)

    def covers(self, incident: Incident) -> bool:
        """Without any rule it is covered."""
        at, rota_id = incident.opened_at, self.rota_id or incident.rota_id
        versions = self.versions.get(rota_id, []) if rota_id is not None else []
        version = next((row for row in reversed(versions) if _holds(row, at)), None)
        zone = version.rota.zone if version is not None else incident.team.zone
        coverage = self.coverage if self.coverage is not None else version.coverage if version is not None else {}
        return bool(covered_spans(dict(coverage), zone, at, at + MOMENT))


class _Holders:
    """Who was planned first in a rota, in memory."""

    def __init__(self, rota_id: int | None, start: datetime, end: datetime) -> None:
        rows = PlannedShift.objects.filter(
            rota=rota_id, role="primary", slot=0, person__isnull=False, during__overlap=(start, end)
        )
        shifts = rows.order_by("during").values_list("during", "person") if rota_id is not None else ()
        self.shifts = [(*ends(during), person) for during, person in shifts]
        self.starts = [shift[0] for shift in self.shifts]

    def at(self, instant: datetime) -> int | None:
        """The person, or None for a gap."""
        n = bisect_right(self.starts, instant) - 1
        return self.shifts[n][2] if n >= 0 and instant < self.shifts[n][1] else None


def _facts(ids: Sequence[int]) -> _Facts:
    calls: dict[int, list[tuple[datetime, list[int]]]] = defaultdict(list)
    answered: dict[int, datetime] = {}
    events = IncidentEvent.objects.filter(incident__in=ids, kind__in=["paged", *ANSWERS]).order_by("incident", "seq")
    for pk, kind, at, data in events.values_list("incident_id", "kind", "at", "data"):
        if kind == "paged":
            calls[pk].append((at, data.get("people", [])))
        else:
            answered.setdefault(pk, at)
    said: dict[int, list[str]] = defaultdict(list)
    for pk, answer in IncidentImpact.objects.filter(incident__in=ids).values_list("incident_id", "answer"):
        said[pk].append(answer)
    runs = EscalationRun.objects.filter(incident__in=ids).order_by("pk")
    ladders = {
        pk: Ladder(from_json(snapshot), repeat)
        for pk, snapshot, repeat in runs.values_list("incident_id", "snapshot", "repeat")
    }
    return _Facts(calls, answered, said, ladders)


def _past(incident: Incident, facts: _Facts) -> Past:
    calls = facts.calls.get(incident.pk, [])
    people = calls[0][1] if calls else []
    zone = incident.rota.zone if incident.rota is not None else incident.team.zone
    return Past(
        incident.opened_at, tuple(at for at, _ in calls), people[0] if people else None,
        facts.answered.get(incident.pk), incident.resolved_at, zone, tuple(facts.said.get(incident.pk, ())),
    )  # fmt: skip


def _holds(version: RotaVersion, at: datetime) -> bool:
    begins, over = version.valid.lower, version.valid.upper
    return (begins is None or begins <= at) and (over is None or at < over)


def teams_that_burned(viewer: Any) -> list[Team]:
    """Teams with an incident that the viewer may see; one's own first."""
    burned = incidents_visible_to(viewer).filter(team=OuterRef("pk"))
    own = Membership.objects.filter(person=viewer, team=OuterRef("pk"), during__upper_inf=True)
    rows = Team.objects.filter(Exists(burned)).annotate(is_own=Exists(own))
    return list(rows.order_by("-is_own", "name"))


def agreements_near(viewer: Any, team: Team) -> list[Agreement]:
    """The agreements that decided about an incident of the team, as their decisions say."""
    rows = incidents_visible_to(viewer).filter(team=team).order_by("-opened_at")[:MOST_REPLAYED]
    decisions = rows.values_list("decision__verdicts", flat=True)
    ids = {each["agreement"] for verdicts in decisions for each in verdicts or () if each.get("agreement")}
    near = Agreement.objects.filter(pk__in=ids).select_related("asset", "downstream_team")
    return list(near.order_by("asset__name", "downstream_team__name"))


def rotas_to_try() -> list[Rota]:
    """The live rotas that answer for pipelines."""
    return list(Rota.objects.filter(is_archived=False, kind="pipeline").order_by("name"))
