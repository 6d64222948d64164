"""The quarterly review: who is asked about what, who has answered, and how far each team is (spec ownership 12)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ownership.domain.evidence import BEHAVIOUR
from ownership.domain.reviews import ASKED, AUTO, QUIET, SILENT, opens_on
from ownership.domain.states import State
from ownership.models import Evidence, Ownership, ReviewCampaign, ReviewItem
from ownership.policies import assets as policy
from ownership.queries.parties import leading
from portal.accounts.models import Membership, Team
from portal.accounts.queries.teams import memberships_on, newest_version, organization, responsible_leads
from portal.core.domain.quarter import Quarter, quarter_called, quarter_of
from portal.core.domain.working_time import add
from portal.core.errors import DomainError
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from django.db.models import QuerySet

OPEN_ROW = Q(ownership__state=State.ACCEPTED.value, ownership__valid__upper_inf=True)


@dataclass(frozen=True)
class Progress:
    """How many rows were looked at, and what became of them."""

    counts: Mapping[str, int]

    @property
    def asked(self) -> int:
        return self.total - self.automatic

    @property
    def automatic(self) -> int:
        return self.counts.get(AUTO, 0)

    @property
    def waiting(self) -> int:
        return self.counts.get(ASKED, 0)

    @property
    def silent(self) -> int:
        return self.counts.get(SILENT, 0)

    @property
    def answered(self) -> int:
        return self.asked - self.waiting - self.silent

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def campaigns(viewer: Any) -> QuerySet[ReviewCampaign]:
    """Every review, for everybody signed in."""
    signed_in = getattr(viewer, "is_authenticated", False)
    return ReviewCampaign.objects.all() if signed_in else ReviewCampaign.objects.none()


def campaign_called(label: str, viewer: Any) -> ReviewCampaign | None:
    """The review of a quarter such as 2027q1; None for one that was not held, or for no quarter at all."""
    try:
        quarter = quarter_called(label)
    except DomainError:
        return None
    return campaigns(viewer).filter(quarter_start=quarter.starts_on).first()


def quarter_label(campaign: ReviewCampaign) -> str:
    """How an address names it: 2027q1."""
    return quarter_of(campaign.quarter_start).label


def quarter_name(campaign: ReviewCampaign) -> str:
    """How people name it: Q1 2027."""
    return quarter_of(campaign.quarter_start).name


def due_quarter(day: date) -> Quarter | None:
    """The quarter whose review is open on this day and has not been held; None between two reviews."""
    coming = quarter_of(day).following()
    if day < opens_on(coming.starts_on) or ReviewCampaign.objects.filter(quarter_start=coming.starts_on).exists():
        return None
    return coming


def review_instants(steps: Mapping[int, int], at: datetime) -> dict[int, datetime]:
    """By step the instant after so many of the organization's working days."""
    version = newest_version(organization().calendar_id)
    hours = load_calendar(version.pk)
    found = {step: add(hours, at, days * version.nominal_day_seconds) for step, days in steps.items()}
    return {step: instant for step, instant in found.items() if instant is not None}


def review_items(viewer: Any) -> QuerySet[ReviewItem]:
    """Every line of assets the viewer may see, with asset and party."""
    rows = ReviewItem.objects.filter(ownership__asset__in=policy.visible_to(viewer))
    return rows.select_related("campaign", "ownership__asset", "ownership__person", "ownership__team")


def mine(rows: QuerySet[ReviewItem], viewer: Any, at: datetime) -> QuerySet[ReviewItem]:
    """Lines the viewer has to answer: still theirs, or of a team they lead that day."""
    led = leading(viewer, at).values("team_id")
    own = Q(ownership__person=viewer) | Q(ownership__team__in=led)
    return rows.filter(own, OPEN_ROW, state__in=[ASKED, SILENT])


def reviewed_rows() -> QuerySet[Ownership]:
    """What a review looks at: everything held now on a live asset."""
    return Ownership.objects.filter(state=State.ACCEPTED.value, valid__upper_inf=True, asset__retired_at=None)


def last_acts(rows: Iterable[Ownership], at: datetime) -> dict[int, datetime]:
    """By id of a row the newest work of its party on its asset within 90 days; a member's work is the team's."""
    recent = Evidence.objects.filter(kind__in=BEHAVIOUR, at__gte=at - QUIET, at__lte=at)
    acted: dict[int, dict[int, datetime]] = defaultdict(dict)
    for asset_id, person_id, last in recent.values_list("asset_id", "person_id").annotate(last=Max("at")):
        acted[asset_id][person_id] = last
    members: dict[int, set[int]] = defaultdict(set)
    for team_id, person_id in memberships_on(at.date()).values_list("team_id", "person_id"):
        members[team_id].add(person_id)
    found = {}
    for row in rows:
        people = {row.person_id} if row.person_id is not None else members[row.team_id or 0]
        last = max((when for person, when in acted[row.asset_id].items() if person in people), default=None)
        if last is not None:
            found[row.pk] = last
    return found


def waiting_by_person(campaign: ReviewCampaign, state: str, at: datetime) -> dict[int, int]:
    """How many open lines of this state each person answers for: their own, and those of teams they speak for."""
    counts: Counter[int] = Counter()
    rows = ReviewItem.objects.filter(OPEN_ROW, campaign=campaign, state=state)
    for person_id, team_id, count in (
        rows.order_by().values_list("ownership__person_id", "ownership__team_id").annotate(Count("pk"))
    ):
        people = [person_id] if person_id is not None else _speakers(team_id, at)
        counts.update(dict.fromkeys(people, count))
    return dict(counts)


def _speakers(team_id: int, at: datetime) -> list[int]:
    return [lead.pk for lead in responsible_leads(Team.objects.get(pk=team_id), at.date())]


def progress_of(campaigns_: Iterable[ReviewCampaign]) -> dict[int, Progress]:
    """By review its counts; one query."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = ReviewItem.objects.filter(campaign__in=list(campaigns_)).order_by()
    for campaign_id, state, count in rows.values_list("campaign_id", "state").annotate(Count("pk")):
        counts[campaign_id][state] = count
    return {pk: Progress(found) for pk, found in counts.items()}


def progress_by_team(campaign: ReviewCampaign) -> list[tuple[Team | None, Progress]]:
    """Each team's counts by its name, people by their main team; None are people without one. Two queries."""
    home = Membership.objects.filter(person_id=OuterRef("ownership__person_id"), is_main=True, during__upper_inf=True)
    rows = ReviewItem.objects.filter(campaign=campaign).annotate(
        team_key=Coalesce(F("ownership__team_id"), Subquery(home.values("team_id")[:1]), output_field=BigIntegerField())
    )
    counts: dict[int | None, dict[str, int]] = defaultdict(dict)
    for key, state, count in rows.order_by().values_list("team_key", "state").annotate(Count("pk")):
        counts[key][state] = count
    teams = Team.objects.in_bulk([key for key in counts if key is not None])
    found = [(teams.get(key or 0), Progress(each)) for key, each in counts.items()]
    return sorted(found, key=lambda each: (each[0] is None, each[0].name if each[0] else ""))
