"""Demo: who is away and who stands in, a right beside the roles, an endpoint: no page of people is empty."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.accounts.domain.clashes import checks_sha256
from portal.accounts.models import Person, Team
from portal.accounts.services.absences import Away, check_absence, enter_absence
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.accounts.services.grants import give_grant
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices

if TYPE_CHECKING:
    from datetime import datetime

# Who, first day and last day counted from today, who stands in, and what the covers read.
ABSENCES = (
    ("tomasz", -6, -2, "", "The weekly numbers go out on Monday; the sheet is linked in the answer about them."),
    ("elif", 4, 8, "noor", "Two requests wait for an estimate. Ask Ruth before anything goes above the band."),
    ("dmitri", 12, 16, "", ""),
)
BEFORE = timedelta(days=9)


def settle_people(*, at: datetime) -> None:
    """Absences around today with a deputy, a right beside the roles, and a mailbox of Core Data."""
    for handle, first, last, deputy, briefing in ABSENCES:
        _away(handle, (first, last), deputy, briefing, at)
    core, ruth = Team.objects.get(slug="core-data"), _person("ruth")
    since = (at - BEFORE).date()
    give_grant(actor=ruth, person=_person("ines"), team=core, name="excuse_clock", days=(since, None), at=at - BEFORE,
               reason="Judges with Ruth when a source was late and nobody could help it.")  # fmt: skip
    box = NewEndpoint("core-data-alerts", "mail", "core-data-alerts@demo.example")
    create_endpoint(actor=ruth, team=core, wish=box, at=at - BEFORE)


def _away(handle: str, days: tuple[int, int], deputy: str, briefing: str, at: datetime) -> None:
    person, entered_at = _person(handle), at - BEFORE
    first, last = (at.date() + timedelta(days=day) for day in days)
    away = Away(first_on=first, last_on=last, kind="away", briefing=briefing)
    seen = checks_sha256(check_absence(actor=person, person=person, away=away, at=entered_at))
    stand_in = _person(deputy) if deputy else None
    row = enter_absence(actor=person, person=person, away=away, seen=seen, deputy=stand_in, at=entered_at)
    settle_notices(actor=None, subject=subject_of(row), reason="demo", at=entered_at)


def _person(handle: str) -> Person:
    return Person.objects.get(handle=handle)
