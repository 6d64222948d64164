"""What a team's plan should look at without anybody wishing it, read from ownership and on-call (additions, "input").

Nothing private: plans are public.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.models import Incident, IncidentEvent, PreCheck
from ownership.domain.crossing_states import HANDOVER, OPEN, TALKING
from ownership.domain.plans import LIVE, PlanKind
from ownership.models import ChangePlan, Crossing, Talk
from ownership.queries.sides import sides_of
from portal.accounts.models import Membership
from requests_queue.domain import found_work as work
from requests_queue.models import PlanCandidate
from requests_queue.queries.plan_chain import last_of
from requests_queue.queries.upkeep import owned_assets

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.domain.found_work import Answered, Broke, Crossed, Found, Loan, Moving, Source

BOUNDARY_STATES = (OPEN, TALKING, HANDOVER)
UPSTREAM_KINDS = frozenset({FailureKind.MISSING_DATA, FailureKind.SCHEMA_CHANGE})
BUILT_IN = ("boundary", "migration", "incident", "precheck", "runbook_loan")
MOST_FOUND = 60


def found_work(team: Team, at: datetime) -> list[Found]:
    """Candidates the portal proposes to the team now, by source; as many queries whatever the number of assets."""
    answered = _answered(team)

    def shipped(source: Source) -> datetime | None:
        return answered[source].shipped_at if source in answered else None

    owned = list(owned_assets(team, at).filter(retired_at=None).values_list("pk", flat=True))
    broke = _broke(owned, at)
    checks = PreCheck.objects.filter(consumer_asset__in=owned, is_paused=False)
    upstream = work.from_upstream(broke, set(checks.values_list("consumer_asset_id", flat=True)), shipped, team.pk)
    caught = {asset for one in upstream for asset in one.assets}
    found = [
        *work.from_crossings(_crossed(team, at), at, shipped, team.pk), *work.from_migrations(_moving(owned)),
        *work.from_incidents([one for one in broke if not (one.is_upstream and one.asset in caught)], shipped),
        *upstream, *work.from_loans(_loans(owned, at), shipped),
    ]  # fmt: skip
    return work.worth_proposing(found, answered, at)[:MOST_FOUND]


def _broke(owned: list[int], at: datetime) -> list[Broke]:
    rows = Incident.objects.filter(
        root_asset__in=owned, opened_at__gt=at - work.SEEN, opened_at__lte=at, is_private=False, merged_into=None
    )
    paged = rows.annotate(pages=Count("events", filter=Q(events__kind="paged"))).select_related("root_asset")
    return [
        work.Broke(
            row.root_asset_id, row.root_asset.name, _kind_words(row.failure_kind), row.opened_at, row.pages,
            row.failure_kind in UPSTREAM_KINDS,
        )
        for row in paged.order_by("opened_at", "pk")
        if row.root_asset is not None and row.root_asset_id is not None
    ]  # fmt: skip


def _kind_words(kind: str) -> str:
    return "failures" if kind == FailureKind.UNKNOWN else KIND_WORDS[FailureKind(kind)]


def _crossed(team: Team, at: datetime) -> list[Crossed]:
    """What people of the team, or the team, own or do across a boundary."""
    home = Membership.objects.filter(team=team, is_main=True, during__contains=at.date()).values("person_id")
    rows = Crossing.objects.filter(
        Q(team=team) | Q(person__in=home), valid__upper_inf=True, state__in=BOUNDARY_STATES, asset__retired_at=None
    )
    crossings = list(rows.select_related("asset").order_by("pk"))
    sides = sides_of(crossings, at)
    talks = Talk.objects.filter(doing_team=team, outcome="plan", held_at__gt=at - work.SEEN)
    agreed = set(talks.values_list("expected_team_id", flat=True))
    found = []
    for row in crossings:
        towards = sides[row.pk].expected
        key, name = (towards.pk, towards.name) if towards is not None else (0, "")
        one = work.Crossed(row.asset_id, row.asset.name, key, name, row.opened_at)
        found.append(replace(one, is_agreed=(key or None) in agreed))
    return found


def _moving(owned: list[int]) -> list[Moving]:
    rows = ChangePlan.objects.filter(
        kind=PlanKind.LARGE.value, state__in=[state.value for state in LIVE], asset__in=owned
    )
    counted = rows.annotate(
        all_references=Count("references"), open_ones=Count("references", filter=Q(references__state="open"))
    )
    return [
        work.Moving(
            row.pk, row.asset_id, row.asset.name, row.successor.name if row.successor else "", row.all_references,
            row.all_references - row.open_ones,
        )
        for row in counted.select_related("asset", "successor").order_by("pk")
    ]  # fmt: skip


def _loans(owned: list[int], at: datetime) -> list[Loan]:
    rows = IncidentEvent.objects.filter(
        incident__root_asset__in=owned, incident__is_private=False, kind="step", data__is_loan=True,
        data__outcome="worked", at__gt=at - work.REMEMBERED_LOANS, at__lte=at,
    )  # fmt: skip
    return [
        work.Loan(
            row.incident.root_asset_id, row.incident.root_asset.name, str(row.data.get("step", ""))[:200],
            row.incident_id, row.at,
        )
        for row in rows.select_related("incident__root_asset").order_by("at", "pk")
        if row.incident.root_asset is not None and row.incident.root_asset_id is not None
    ]  # fmt: skip


def _answered(team: Team) -> dict[Source, Answered]:
    """What earlier plans of the team said to each source, the newest last."""
    rows = PlanCandidate.objects.filter(plan__team=team, source_type__in=BUILT_IN, source_id__isnull=False)
    known: dict[Source, Answered] = {}
    for row in rows.exclude(status="open").select_related("item", "plan").order_by("pk"):
        source = (row.source_type, row.source_id or 0)
        known[source] = _said(row, known.get(source, work.Answered()))
    return known


def _said(row: PlanCandidate, before: Answered) -> Answered:
    if row.status == "not_taken":
        return replace(before, is_in_work=False, refused_on=row.plan.locked_at)
    item = getattr(row, "item", None)
    if item is None or row.status != "taken":
        return before
    line = last_of(item)
    shipped = line.ended_at if line.state == "done" else before.shipped_at
    return work.Answered(line.state in {"planned", "started"}, None, shipped)
