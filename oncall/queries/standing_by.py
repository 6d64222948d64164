"""Who stands behind the members of a rota: other rotas' primaries, the lead (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.domain.effective import Standby
from oncall.domain.instants import day_bounds
from oncall.models import Rota
from oncall.queries.people import BEGINNING, END
from portal.accounts.models import Membership
from portal.accounts.queries.teams import responsible_leads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from portal.accounts.models import Team


@dataclass(frozen=True)
class Behind:
    """The list of one version, for as long as its shifts last."""

    steps: Sequence[Mapping[str, Any]]
    start: datetime
    end: datetime

    @property
    def asks_lead(self) -> bool:
        return any(step["kind"] == "lead" for step in self.steps)

    def people(self, primaries: Mapping[str, Sequence[Standby]], leads: Sequence[Standby]) -> list[Standby]:
        """The people of the list in its order, within its time."""
        found = [one for step in self.steps
                 for one in (leads if step["kind"] == "lead" else primaries.get(step["rota"], ()))]  # fmt: skip
        cut = [Standby(one.person, max(one.start, self.start), min(one.end, self.end)) for one in found]
        return [one for one in cut if one.start < one.end]


def rotas_behind(lists: Iterable[Behind]) -> list[Rota]:
    """The rotas in use that the lists name; one read, none if they name no rota."""
    slugs = {step["rota"] for each in lists for step in each.steps if step["kind"] == "rota"}
    return list(Rota.objects.filter(slug__in=slugs, is_archived=False).order_by("slug")) if slugs else []


def leads_between(teams: Sequence[Team], start: datetime, end: datetime) -> dict[int, list[Standby]]:
    """Who leads each team from when to when, by team id; a team without a lead has the nearest above it."""
    if not teams:
        return {}
    zones = {team.pk: team.zone for team in teams}
    rows = Membership.objects.filter(team__in=zones, role="lead", during__overlap=(start.date(), end.date()))
    found: dict[int, list[Standby]] = {}
    for team_id, person, during in rows.order_by("person__handle").values_list("team_id", "person_id", "during"):
        since, until = (_midnight(day, zones[team_id]) for day in (during.lower, during.upper))
        found.setdefault(team_id, []).append(Standby(person, since or BEGINNING, until or END))
    for team in teams:
        if team.pk not in found:
            leads = responsible_leads(team, start.date())
            found[team.pk] = [Standby(lead.pk, BEGINNING, END) for lead in leads]
    return found


def _midnight(day: date | None, zone: str) -> datetime | None:
    return day_bounds(day, zone)[0] if day is not None else None
