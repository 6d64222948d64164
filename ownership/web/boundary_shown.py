"""Crossings, pairs of teams and gaps as ready strings: of the organisation, never of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from ownership import policies
from ownership.domain.crossing_states import ACCEPTED, OPEN, STATE_WORDS
from ownership.domain.gaps import GAP_KINDS, WITHOUT_OWNER
from ownership.domain.kinds import kind_of
from ownership.web.shown import asset_url
from portal.core.web.presentation import Badge, Link, Row, count_words, day_words, duration_words

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ownership.domain.parties import Party
    from ownership.models import Crossing, Gap
    from ownership.queries.sides import Boundary
    from ownership.queries.traffic import Traffic

LEVEL_CSS = {"critical": "bad", "high": "warn", "medium": "info", "low": "gray"}
NOBODY = "nobody named"
# Of one pair on the board, the heaviest; its own page has all.
ON_THE_BOARD = 5


@dataclass(frozen=True)
class Pair:
    """A card of the board; `more` says how many crossings stand on the page of the pair alone.

    The acts stand on it for who may do them: `may_talk` of the pair, `may_decide` of the heaviest crossing.
    """

    title: str
    line: str
    url: str
    traffic: str
    rows: tuple[Row, ...]
    more: str
    handoff_url: str
    accept_url: str
    may_talk: bool
    may_decide: bool


def traffic_words(traffic: Traffic | None) -> str:
    """Such as "3 tickets and 14.5 hours blocked this quarter"; empty without any."""
    if traffic is None or not traffic.tickets:
        return ""
    return f"{count_words(traffic.tickets, 'ticket')} and {traffic.blocked_hours:g} hours blocked this quarter"


def pair_card(
    boundary: Boundary, traffic: Traffic | None, viewer: Any, led_teams: Collection[int], at: datetime
) -> Pair:
    """Who does whose work, how long at most, each asset by its level, and the three acts; two for the heaviest."""
    teams = {team.pk for team in (boundary.doing, boundary.expected) if team is not None}
    domain = boundary.crossings[0].asset.domain
    domain_lead = domain.lead_team_id if domain else None
    doing = boundary.doing.name if boundary.doing else "People without a team"
    oldest = min(row.opened_at for row in boundary.crossings)
    count = count_words(len(boundary.crossings), "crossing")
    return Pair(
        title=f"{doing} does the work of {boundary.expected.name}"
        if boundary.expected
        else f"{doing} does work for which nobody else is named",
        line=f"{count}, the oldest for {age_words(oldest, at)}",
        traffic=traffic_words(traffic),
        url=reverse("boundaries_pair", args=[boundary.key]),
        rows=tuple(crossing_row(row, at) for row in boundary.crossings[:ON_THE_BOARD]),
        more=count if len(boundary.crossings) > ON_THE_BOARD else "",
        handoff_url=f"{reverse('handoffs_new')}?crossing={boundary.crossings[0].pk}",
        accept_url=f"{reverse('boundaries_crossing', args=[boundary.crossings[0].pk])}#accept",
        may_talk=policies.boundaries.can_decide(viewer, teams, None, led_teams).allowed,
        may_decide=policies.boundaries.can_decide(viewer, teams, domain_lead, led_teams).allowed,
    )


def crossing_row(row: Crossing, at: datetime) -> Row:
    """One asset: level, what crosses, for how long, in which state."""
    kind = kind_of(row.asset.kind)
    return Row(
        title=row.asset.name,
        url=reverse("boundaries_crossing", args=[row.pk]),
        icon=kind.icon,
        badges=[Badge(row.level, LEVEL_CSS[row.level]), Badge(kind.label)],
        facts=[row.rule.label, state_words(row, at)],
        side=f"for {age_words(row.opened_at, at)}",
    )


def state_words(row: Crossing, at: datetime) -> str:
    """Such as "accepted until 1 Oct", or "open again" after an acceptance that ended."""
    if row.state == ACCEPTED and row.accepted_until:
        return f"accepted until {day_words(row.accepted_until, at.date())}"
    if row.state == OPEN and row.reopened:
        return "open again"
    return STATE_WORDS[row.state]


def age_words(since: datetime, at: datetime) -> str:
    return duration_words((at - since).total_seconds())


def gap_row(gap: Gap, suggested: Party | None, at: datetime) -> Row:
    """What is missing, for how long, who might take it, and the one act that mends it."""
    kind, wanted = kind_of(gap.asset.kind), GAP_KINDS[gap.kind]
    tier = f" · tier {gap.asset.tier}" if gap.asset.tier else ""
    since = gap.valid.lower
    facts = [wanted.label]
    if names := gap.detail.get("names") or gap.detail.get("asked"):
        facts.append(", ".join(str(name) for name in names))
    if other := gap.detail.get("other_team"):
        facts.append(f"the dataset is with {other}")
    if since is not None:
        facts.append(f"for {age_words(since, at)}")
    if suggested is not None and gap.kind in WITHOUT_OWNER:
        facts.append(f"perhaps {suggested.name}")
    return Row(
        title=gap.asset.name,
        url=asset_url(gap.asset.slug),
        icon=kind.icon,
        badges=[Badge(kind.label + tier)],
        facts=facts,
        action=Link(wanted.act, f"{asset_url(gap.asset.slug)}#owners"),
    )
