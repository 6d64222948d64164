"""On-call in the demo and in the acceptance scenario: rotas, holidays, absences, a year's plan (spec exercise 1).

Everything moves by whole weeks with the anchor; with 2027-01-04 each figure is the one of the specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from oncall.domain.instants import wall_instant
from oncall.domain.words import QuestionsDuty, RotaKind
from oncall.services.changes import create_override
from oncall.services.duties import set_team_duty
from oncall.services.laying import Stretch
from oncall.services.majors import set_major_holiday
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from oncall.services.seasons import PeriodDraft, close_draft, open_special_period, pick_draft
from oncall.services.serving import materialise_rota, post_ledger
from oncall.services.timers import arm_next_handoff
from portal.accounts.domain.holidays import Day, Region
from portal.accounts.models import Absence, Person, Team
from portal.accounts.services.contact import add_contact_method
from portal.accounts.services.holidays import confirm_holidays
from portal.accounts.services.people import update_profile
from portal.core.queries.calendars import proposed_holidays
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices
from portal.site.demo import duty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncall.models import Rota

OFFICE = {dow: [["09:00", "18:00"]] for dow in ("mon", "tue", "wed", "thu", "fri")}
BEFORE = timedelta(days=30)
AFTERNOON = time(15)


@dataclass(frozen=True)
class Shifted:
    """The exercise moved by whole days; holidays stay the real ones of the dates it then falls on."""

    anchor: date

    @property
    def by(self) -> timedelta:
        return self.anchor - duty.ANCHOR

    @property
    def is_exact(self) -> bool:
        """Whether every figure is that of the specification."""
        return self.anchor == duty.ANCHOR

    def day(self, day: date) -> date:
        return day + self.by

    def rotation(self, rotation: Mapping[str, Any]) -> dict[str, Any]:
        return dict(rotation) | {"start": self.day(date.fromisoformat(rotation["start"])).isoformat()}

    def holidays(self, handle: str) -> list[date]:
        """The person's public holidays in the year that is planned."""
        if self.is_exact:
            return list(duty.HOLIDAYS[handle])
        country, part = duty.COUNTRIES[handle]
        last = self.day(duty.END)
        found = {day for year in (self.anchor.year, last.year) for day in proposed_days(country, part, year)}
        return sorted(day for day in found if self.anchor <= day <= last)

    def majors(self) -> list[tuple[str, date, date, str]]:
        """Easter, Christmas and New Year of the year that is planned, by name."""
        if self.is_exact:
            return duty.MAJORS
        found = []
        for name, held_by in (("Easter", "ines"), ("Christmas", "jonas"), ("New Year", "maeve")):
            spans = [major_days(name, year) for year in range(self.anchor.year - 1, self.anchor.year + 2)]
            found += [
                (name, first, last, held_by)
                for first, last in spans
                if self.anchor <= first and last <= self.day(duty.END)
            ]
        return found

    def year_end(self) -> tuple[date, date] | None:
        """From 23 December to the first Monday of January, inside the year that is planned."""
        if self.is_exact:
            return duty.YEAR_END["first"], duty.YEAR_END["last"]
        for year in (self.anchor.year, self.anchor.year + 1):
            first, last = date(year, 12, 23), date(year + 1, 1, 2)
            last += timedelta(days=-last.weekday() % 7)
            if self.anchor <= first and last <= self.day(duty.END):
                return first, last
        return None


def proposed_days(country: str, part: str, year: int) -> list[date]:
    """The public holidays of a year."""
    return [holiday.on for holiday in proposed_holidays(country, part, year)]


def major_days(name: str, year: int) -> tuple[date, date]:
    """First and last day of a major holiday; Easter is Good Friday to Easter Monday."""
    if name == "Christmas":
        return date(year, 12, 24), date(year, 12, 26)
    if name == "New Year":
        return date(year, 12, 31), date(year + 1, 1, 1)
    friday = next(day.on for day in proposed_holidays("DE", "BE", year) if day.name == "Good Friday")
    return friday, friday + timedelta(days=3)


def load_duty(*, admin: Person, anchor: date, at: datetime) -> dict[str, Rota]:
    """Holidays, absences, both rotas of Core Data with their year, and the rota of one in Payments, by slug.

    `at` lies before the anchor: everything was known at planning.
    """
    shifted = Shifted(anchor)
    people = {person.handle: person for person in Person.objects.all()}
    core = Team.objects.get(slug="core-data")
    for country, part in sorted(set(duty.COUNTRIES.values())):
        region, days = Region(country, part), proposed_holidays(country, part, anchor.year)
        kept = [Day(day.on, day.name) for day in days]
        confirm_holidays(actor=admin, region=region, year=anchor.year, days=kept, at=at)
    for handle in duty.HOLIDAYS:
        _calendar(admin, people[handle], shifted.holidays(handle), at)
    for handle, first, last in duty.ABSENCES:
        _absence(people[handle], shifted.day(first), shifted.day(last))
    for name, first, last, held_by in shifted.majors():
        set_major_holiday(
            actor=None, team=core, name=name, first=first, last=last, last_held_by=people[held_by], at=at
        )  # fmt: skip
    set_team_duty(actor=None, team=core, changes={"questions_duty": QuestionsDuty.SEPARATE}, at=at)
    pipelines = _pipelines(people, core, shifted, at)
    return {
        "core-pipelines": pipelines,
        "core-questions": _questions(people, core, pipelines, shifted, at),
        "payments-data": _payments(people, pipelines, shifted, at),
    }


def _calendar(admin: Person, person: Person, days: list[date], at: datetime) -> None:
    """Holidays by date, as the person ticked them."""
    calendar = create_calendar(actor=admin, name=f"{person.name}: {duty.REGIONS[person.handle]}", at=at)
    exceptions = {
        day.isoformat(): {"intervals": [], "name": "public holiday", "is_public_holiday": True} for day in days
    }
    publish_calendar_version(
        actor=admin, calendar=calendar, weekly=OFFICE, exceptions=exceptions, zone=person.zone, at=at
    )
    update_profile(actor=person, person=person, changes={"calendar_id": calendar.pk}, at=at)


def _absence(person: Person, first: date, last: date) -> None:
    """Known before there was a rota, so there is nothing to cover."""
    start = wall_instant(first, time(), person.zone)
    end = wall_instant(last + timedelta(days=1), time(), person.zone)
    Absence.objects.create(
        person=person, during=DateTimeTZRange(start, end), first_on=first, last_on=last, kind="away", entered_by=person
    )


def _pipelines(people: Mapping[str, Person], team: Team, shifted: Shifted, at: datetime) -> Rota:
    """The rota is made first, the year's end is drafted, and then the year is planned with it."""
    rota = NewRota(team, "core-pipelines", "Core Data pipelines", RotaKind.PIPELINE, duty.ZONE)
    openings = {people[handle].pk: milli for handle, milli in duty.OPENINGS.items()}
    seats = [Seat(people[handle]) for handle in duty.ENGINEERS]
    start, end = (wall_instant(shifted.day(day), AFTERNOON, duty.ZONE) for day in (duty.ANCHOR, duty.END))
    asked = duty.PIPELINES
    rules = RulesDraft(
        asked["roles"], shifted.rotation(asked["rotation"]), seats, asked["coverage"], asked["fairness"],
        starts_at=start, ends_at=end,
    )  # fmt: skip
    return create_rota(
        actor=None, rota=rota, rules=rules, openings=openings, seasons=lambda row: _year_end(row, people, shifted, at),
        at=at,
    )  # fmt: skip


def _year_end(rota: Rota, people: Mapping[str, Person], shifted: Shifted, at: datetime) -> None:
    """Daily blocks over the holidays, with the draft done."""
    span = shifted.year_end()
    if span is None:
        return
    asked, moved = duty.YEAR_END, span[0] - duty.YEAR_END["first"]
    start, end = (wall_instant(day, AFTERNOON, duty.ZONE) for day in span)
    rotation = asked["rotation"] | {"start": span[0].isoformat()}
    draft = PeriodDraft(asked["name"], f"year-end-{span[0].year}", start, end, rotation, asked["rounds"])
    period = open_special_period(actor=None, rota=rota, period=draft, at=at)
    for handle, days in duty.WISHES.items():
        wishes = [wall_instant(day + moved, AFTERNOON, duty.ZONE) for day in days]
        pick_draft(actor=people[handle], period=period, volunteers=[], wishes=wishes, at=at)
    close_draft(actor=None, period=period, at=at)


def _questions(
    people: Mapping[str, Person], team: Team, pipelines: Rota, shifted: Shifted, at: datetime
) -> Rota:  # fmt: skip
    rota = NewRota(team, "core-questions", "Core Data questions", RotaKind.QUESTIONS, duty.ZONE)
    seats = [Seat(people[handle], "primary") for handle in duty.DESK]
    seats += [Seat(people[handle], "partner") for handle in duty.PARTNERS]
    start, end = (wall_instant(shifted.day(day), time(9), duty.ZONE) for day in (duty.ANCHOR, duty.END))
    asked = duty.QUESTIONS
    rules = RulesDraft(asked["roles"], shifted.rotation(asked["rotation"]), seats, asked["coverage"],
                       cascade=[{"kind": "lead"}], starts_at=start, ends_at=end)  # fmt: skip
    return create_rota(actor=None, rota=rota, rules=rules, exclusive_with=[pipelines], at=at)


def _payments(people: Mapping[str, Person], pipelines: Rota, shifted: Shifted, at: datetime) -> Rota:
    """A rota of one, which borrows its backup."""
    team = Team.objects.get(slug="payments")
    rota = NewRota(team, "payments-data", "Payments data", RotaKind.PIPELINE, "Europe/Amsterdam",
                   borrowed_from=pipelines)  # fmt: skip
    start, end = (wall_instant(shifted.day(day), time(9), "Europe/Amsterdam") for day in (duty.ANCHOR, duty.END))
    rotation = {"kind": "weekly", "start": shifted.anchor.isoformat(), "handoffs": [{"dow": "mon", "time": "09:00"}]}
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], rotation, [Seat(people["sanne"])],
                       starts_at=start, ends_at=end)  # fmt: skip
    return create_rota(actor=None, rota=rota, rules=rules, at=at)


def serve_past(*, rotas: Mapping[str, Rota], at: datetime) -> None:
    """What was served before now, with its points and days off; the past tells nobody any more."""
    for rota in rotas.values():
        materialise_rota(rota=rota, until=at)
        post_ledger(rota=rota, at=at)
        settle_notices(actor=None, subject=subject_of(rota), reason="demo", at=at)
        rota.refresh_from_db()
        arm_next_handoff(rota, at)


def ask_for_a_shift(*, rota: Rota, at: datetime) -> None:
    """Ruth wants to give somebody's next shift to a third: both are asked in their inboxes."""
    rows = rota.planned_shifts.filter(during__startswith__gt=at + timedelta(days=3)).order_by("during")
    first = rows.filter(role="primary").select_related("person").first()
    if first is None or first.during.upper is None or first.during.lower is None:
        return
    busy = rows.filter(during=first.during).values_list("person__handle", flat=True)
    other = next(handle for handle in duty.ENGINEERS if handle not in set(busy))
    people = Person.objects.in_bulk(["ruth", other], field_name="handle")
    stretch = Stretch("primary", first.during.lower, first.during.upper)
    create_override(actor=people["ruth"], rota=rota, stretch=stretch, person=people[other], at=at)
    settle_notices(actor=None, subject=subject_of(rota), reason="demo", at=at)


def add_ways_to_wake(*, at: datetime) -> None:
    """Engineers have a verified way that wakes; Dmitri has none, which the readiness page shows in red."""
    for handle in (*duty.ENGINEERS, "ruth", "amara", "sanne", "haruto", "lucia"):
        person = Person.objects.get(handle=handle)
        row = add_contact_method(actor=person, channel="file", address=f"{handle}-pager", label="demo pager", at=at)
        row.state, row.verified_at, row.tested_at = "verified", at, at
        row.save(update_fields=["state", "verified_at", "tested_at"])
