"""Boundaries and handovers on the pages of others: team, My day, needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.urls import reverse

from ownership.domain.crossing_states import DISMISSED
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Crossing, Ownership
from ownership.queries.handoffs import waiting_for
from ownership.queries.parties import leading
from portal.accounts.models import Membership
from portal.core.registries import Need
from portal.core.web.presentation import Fact, Row, count_words, duration_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person, Team

ON_MY_DAY = 5


@dataclass(frozen=True)
class TeamOwnership:
    """What the team holds, in figures; the page behind has the names."""

    facts: tuple[Fact, ...]
    url: str
    shape_url: str
    suggested_url: str


def team_ownership(team: Team, viewer: Any, at: datetime) -> TeamOwnership | None:
    """Assets that the team and its members are accountable for; gaps and crossings among them. One query."""
    del viewer
    members = Membership.objects.filter(team=team, is_main=True, during__contains=at.date()).values("person_id")
    rows = Ownership.objects.filter(
        Q(team=team) | Q(person_id__in=members), state=State.ACCEPTED.value, valid__upper_inf=True,
        duty=Duty.TECHNICAL, rank=PRIMARY, asset__retired_at=None,
    )  # fmt: skip
    open_gap = Q(asset__gaps__valid__upper_inf=True)
    open_crossing = Q(asset__crossings__valid__upper_inf=True) & ~Q(asset__crossings__state=DISMISSED)
    counts = rows.aggregate(
        assets=Count("asset_id", distinct=True),
        tier_one=Count("asset_id", distinct=True, filter=Q(asset__tier=1)),
        gaps=Count("asset__gaps", distinct=True, filter=open_gap),
        crossings=Count(
            "asset__crossings", distinct=True, filter=open_crossing & ~Q(asset__crossings__state=DISMISSED)
        ),
    )
    if not counts["assets"]:
        return None
    words = (("Owns", "assets"), ("Of tier 1", "tier_one"), ("Gaps", "gaps"), ("Boundaries crossed", "crossings"))
    facts = tuple(Fact(label, str(counts[key])) for label, key in words)
    pages = [reverse(name, args=[team.slug]) for name in ("team_shape", "suggested_owners")]
    return TeamOwnership(facts, f"{reverse('assets_list')}?team={team.slug}", *pages)


def crossings_of_my_teams(subject: Any, viewer: Person, at: datetime) -> dict[str, Any] | None:
    """What crosses at assets of the teams the viewer leads; None for who leads none. Two queries at most."""
    del subject
    led = set(leading(viewer, at).values_list("team_id", flat=True))
    if not led:
        return None
    members = Membership.objects.filter(team_id__in=led, is_main=True, during__contains=at.date()).values("person_id")
    rows = Crossing.objects.filter(
        Q(team_id__in=led) | Q(person_id__in=members), valid__upper_inf=True, state__in=["open", "talking"]
    ).select_related("asset", "rule")
    found = list(rows.order_by("-score", "pk")[:ON_MY_DAY])
    if not found:
        return None
    return {"rows": [_row(row, at) for row in found], "url": reverse("boundaries_list")}


def _row(row: Crossing, at: datetime) -> Row:
    return Row(
        row.asset.name,
        reverse("boundaries_crossing", args=[row.pk]),
        icon="shield-alert",
        facts=[row.rule.label],
        side=f"for {duration_words((at - row.opened_at).total_seconds())}",
    )


def handoffs_to_answer(viewer: Person, at: datetime) -> Sequence[Need]:
    """Offers that wait for this person's yes or no."""
    rows: Any = waiting_for(viewer, at)[:50]
    return [
        Need(
            subject=f"{row.from_person or row.from_team} offers {count_words(row.waiting, 'asset')}",
            sentence=f"{row.code} waits for your yes or no.",
            verb="Answer",
            url=reverse("handoffs_detail", args=[row.code]),
            due_at=None,
            since=row.offered_at or row.created_at,
        )
        for row in rows
    ]
