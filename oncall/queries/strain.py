"""How often rotas page and how much of it falls out of hours: G4 and G5 (spec oncall 10). Sums, never persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.decision import MOMENT
from oncall.domain.guardrails import NIGHT_FROM, NIGHT_TO, is_over_pages, share_colour
from oncall.domain.sleeping import is_night
from oncall.models import GuardrailFire, IncidentEvent, PagesReview, PlannedShift, Rota
from oncall.models.spans import ends
from oncall.policies import is_reader
from oncall.queries.night import HOURS, hours_columns, hours_from
from portal.accounts.models import Membership, Team
from portal.accounts.queries.people import local_day
from portal.core.domain.working_time import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from oncall.domain.decision import Hours

FOUR_WEEKS, QUARTER = timedelta(days=28), timedelta(days=90)


@dataclass(frozen=True)
class Strain:
    """One rota: pages of each first shift in four weeks, and those of its team out of hours in 90 days."""

    rota: Rota
    pages_a_shift: tuple[int, ...]
    pages: int
    out_of_hours: int

    @property
    def mean(self) -> float:
        """Pages a shift."""
        return sum(self.pages_a_shift) / len(self.pages_a_shift) if self.pages_a_shift else 0.0

    @property
    def is_over(self) -> bool:
        """G4."""
        return is_over_pages(self.pages_a_shift)

    @property
    def colour(self) -> str:
        """G5: ok, warn or bad."""
        return share_colour(self.out_of_hours, self.pages)

    @property
    def percent(self) -> int:
        """The share out of hours, in whole percent."""
        return round(100 * self.out_of_hours / self.pages) if self.pages else 0


def strain_of(rotas: Collection[Rota], at: datetime) -> list[Strain]:
    """G4 and G5 of these rotas, in their order; three reads whatever their number."""
    shifts, calls = _shifts(rotas, at), _calls(rotas, at)
    outside = _outside({rota.team_id for rota in rotas}, calls)
    found = []
    for rota in rotas:
        recent = [moment for moment, _ in calls[rota.pk] if moment > at - FOUR_WEEKS]
        a_shift = tuple(sum(start <= moment < end for moment in recent) for start, end in shifts[rota.pk])
        found.append(Strain(rota, a_shift, len(calls[rota.pk]), outside[rota.pk]))
    return found


def rotas_that_page(viewer: Any, team: str = "") -> QuerySet[Rota]:
    """The live rotas for pipelines, of one team if it is named."""
    rows = Rota.objects.filter(is_archived=False, kind="pipeline").select_related("team")
    rows = rows.filter(team__slug=team) if team else rows
    return rows.order_by("team__name", "name") if is_reader(viewer) else rows.none()


def listed_reviews(viewer: Any) -> QuerySet[PagesReview]:
    """Every question to a lead, open or answered."""
    rows = PagesReview.objects.select_related("rota__team", "answered_by")
    return rows if is_reader(viewer) else rows.none()


def guarded_nights(viewer: Any, at: datetime) -> QuerySet[GuardrailFire]:
    """Nights that were given away: one's own, and those of the people one leads; nobody else's."""
    if not is_reader(viewer):
        return GuardrailFire.objects.none()
    led = Membership.objects.filter(person=viewer, role="lead", during__contains=local_day(viewer, at)).values("team")
    rows = GuardrailFire.objects.filter(person=viewer) | GuardrailFire.objects.filter(
        person__memberships__in=Membership.objects.filter(team__in=led, during__contains=local_day(viewer, at))
    )
    return rows.select_related("person", "rota", "change").distinct()


def _shifts(rotas: Collection[Rota], at: datetime) -> Mapping[int, list[tuple[datetime, datetime]]]:
    rows = PlannedShift.objects.filter(
        rota__in=[rota.pk for rota in rotas], role="primary", slot=0, during__overlap=(at - FOUR_WEEKS, at)
    )
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for rota_id, during in rows.values_list("rota_id", "during"):
        found[rota_id].append(ends(during))
    return found


def _calls(rotas: Collection[Rota], at: datetime) -> Mapping[int, list[tuple[datetime, int]]]:
    """(instant, team) of each step that paged somebody, by rota."""
    rows = IncidentEvent.objects.filter(
        kind="paged", at__gt=at - QUARTER, at__lte=at, incident__rota__in=[rota.pk for rota in rotas]
    )
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for rota_id, team_id, moment in rows.values_list("incident__rota_id", "incident__rota__team_id", "at"):
        found[rota_id].append((moment, team_id))
    return found


def _outside(teams: Iterable[int], calls: Mapping[int, list[tuple[datetime, int]]]) -> Counter[int]:
    """How many calls of each rota fell out of its team's working hours."""
    rows: Any = Team.objects.filter(pk__in=list(teams)).annotate(**hours_columns("")).values_list("pk", *HOURS, "zone")
    hours = {pk: hours_from(version, rota_zone or zone) for pk, version, rota_zone, zone in rows}
    found: Counter[int] = Counter()
    for rota_id, moments in calls.items():
        for moment, team_id in moments:
            found[rota_id] += not _in_hours(hours[team_id], moment)
    return found


def _in_hours(hours: Hours, moment: datetime) -> bool:
    """Within the team's hours; a calendar that never closes says nothing about nights, so that the day counts then."""
    if hours.calendar.always_open:
        return not is_night(moment, hours.zone, NIGHT_FROM, NIGHT_TO)
    return bool(counted(hours.calendar, moment, moment + MOMENT))
