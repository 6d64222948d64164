"""Rights that only one person holds: what nobody else may do while they are away (spec accounts 4, order 50)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.accounts.domain.vocabulary import Role
from portal.accounts.models import Deputy, Grant
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.accounts.models import Absence, Person

GRANT_WORDS = {
    "triage": "triage requests", "approve_budget": "approve spending", "exempt": "confirm exemptions",
    "lock_plan": "lock the plan", "excuse_clock": "excuse a clock", "vote": "vote on the plan",
}  # fmt: skip


def absence_step() -> AbsenceStep:
    """The contribution of this room to `person.absence`: it finds; the deputy is written with the absence."""
    return AbsenceStep("rights", 50, find_sole_rights, _nothing)


def find_sole_rights(person: Person, during: Any, at: datetime) -> list[Clash]:
    """A clash for each team or right nobody else could use; none where a deputy is named for all of it. 5 queries."""
    del at
    if Deputy.objects.filter(person=person, ended_at=None, during__contains=during).exists():
        return []
    day = during.lower.astimezone(ZoneInfo(person.zone)).date()
    return [*_led_alone(person, day), *_granted_alone(person, day)]


def _led_alone(person: Person, day: date) -> list[Clash]:
    leads = memberships_on(day).filter(role=Role.LEAD, team__is_system=False, team__archived_at=None)
    mine = {row.team_id: row.team for row in leads.filter(person=person).select_related("team")}
    shared = set(leads.filter(team__in=mine).exclude(person=person).values_list("team_id", flat=True))
    return [
        _clash(team.name, f"Only you may approve, lock the plan and excuse clocks for {team.name}.")
        for pk, team in sorted(mine.items())
        if pk not in shared
    ]


def _granted_alone(person: Person, day: date) -> list[Clash]:
    live = Grant.objects.filter(revoked_at=None, during__contains=day, person__state="active")
    mine = list(live.filter(person=person).select_related("team"))
    others = live.filter(name__in={row.name for row in mine}).exclude(person=person)
    held = set(others.values_list("team_id", "name")) if mine else set()
    return [
        _clash(
            row.team.name if row.team else "all teams",
            f"Only you may {GRANT_WORDS[row.name]} for {row.team.name if row.team else 'all teams'}.",
        )
        for row in mine
        if (row.team_id, row.name) not in held
    ]


def _clash(subject: str, sentence: str) -> Clash:
    return Clash("right", subject, sentence, cover="a deputy, if you name one")


def _nothing(absence: Absence, change: str, at: datetime) -> None:
    del absence, change, at
