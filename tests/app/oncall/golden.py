"""The exercise in the database: one load for a module, each test inside its own savepoint."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from oncall.models import PlannedShift, Rota
from portal.accounts.models import Person
from portal.site.demo.people import PEOPLE, TEAMS
from portal.site.services.demo_duty import load_duty
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from oncall.domain.answers import OnCallAnswer

PLANNED_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
ANCHOR = date(2027, 1, 4)


def utc(text: str) -> datetime:
    """An instant of 2027 such as "09-14 07:30", in UTC."""
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)


def load_golden() -> None:
    """Teams and people of the exercise, and the rotas as `demo_load` makes them."""
    teams = {team.slug: make_team(team.slug, discipline=team.discipline, name=team.name) for team in TEAMS}
    for entry in PEOPLE:
        make_person(
            entry.handle, team=teams.get(entry.team), discipline=entry.discipline, zone=entry.zone, name=entry.name,
            role="lead" if entry.is_lead else "member",
        )  # fmt: skip
    admin = Person.objects.get(handle="wen")
    admin.is_admin = True
    admin.save(update_fields=["is_admin"])
    load_duty(admin=admin, anchor=ANCHOR, at=PLANNED_AT)


def person(handle: str) -> Person:
    return Person.objects.get(handle=handle)


def rota(slug: str = "core-pipelines") -> Rota:
    return Rota.objects.select_related("team", "borrowed_from").get(slug=slug)


def names(answer: OnCallAnswer) -> dict[str, str]:
    """Who holds which role."""
    return {held.role.value: held.handle or "nobody" for held in answer.entries}


def planned(day: date, role: str = "primary") -> PlannedShift:
    """The shift that begins on this day."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return PlannedShift.objects.get(
        rota__slug="core-pipelines", role=role, during__startswith__gte=start,
        during__startswith__lt=start + timedelta(days=1),
    )  # fmt: skip
