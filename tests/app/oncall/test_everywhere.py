"""One resolver for every door: page, API, palette, calendar and pager (spec oncall 5, acceptance 4)."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from oncall.api import rota_shapes as shapes
from oncall.api.rotas import shift_facts
from oncall.domain.words import ROLE_WORDS, DutyRole
from oncall.models import Incident, Rota
from oncall.panels.duty import who_is_on_call
from oncall.queries.board import listed_rotas, now_everywhere
from oncall.queries.calendars import render_feed
from oncall.queries.resolving import resolve_everywhere, resolve_oncall
from oncall.queries.targets import duty_of
from oncall.queries.working_out import facts_between
from oncall.services.changes import take_shift
from oncall.services.feeds import issue_feed
from oncall.services.laying import Stretch
from oncall.web.rotas import now_row
from portal.accounts.services.absences import Away, enter_absence
from tests.app.oncall.golden import load_golden, person, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

SEED, INSTANTS, EACH_DOOR = 20270104, 1000, 60
START, END = utc("01-04 14:00"), utc("12-31 00:00")
CLOCK_CHANGES = [utc("03-28 00:59"), utc("03-28 01:00"), utc("10-31 00:59"), utc("10-31 01:00"), utc("03-14 07:00")]
Held = set[tuple[str, str]]


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The year with somebody sick, two shifts taken, and a rota that is closed most of the time."""
    with rolled_back(django_db_blocker):
        load_golden()
        sick = Away(utc("09-14 00:00").date(), utc("09-16 00:00").date(), "sick")
        enter_absence(actor=person("maeve"), person=person("maeve"), away=sick, at=utc("09-14 07:30"))
        for day in ("03-28", "06-20"):
            stretch = Stretch("primary", utc(f"{day} 00:00"), utc(f"{day} 12:00"))
            take_shift(actor=person("ines" if day == "03-28" else "kofi"), rota=rota(), stretch=stretch, at=START)
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


def instants(count: int) -> list[datetime]:
    sure, minutes = Random(SEED), int((END - START) / timedelta(minutes=1))  # noqa: S311 (the same instants each run)
    return CLOCK_CHANGES + [START + timedelta(minutes=sure.randrange(minutes)) for _ in range(count)]


def truth(at: datetime) -> Held:
    return {(held.role.value, held.name) for held in resolve_oncall(rota=rota(), at=at).entries}


@pytest.fixture(scope="module")
def answers(_golden: None, django_db_blocker: DjangoDbBlocker) -> dict[datetime, Held]:
    """What the resolver says at 1,000 random instants and around the changes of clocks."""
    row = rota()
    with django_db_blocker.unblock():
        found = {at: resolve_oncall(rota=row, at=at) for at in instants(INSTANTS)}
    return {at: {(held.role.value, held.name) for held in answer.entries} for at, answer in found.items()}


def test_the_shifts_of_the_api_and_the_resolver_agree_at_1000_random_instants(answers: dict[datetime, Held]) -> None:
    rows, people = facts_between(rota(), START, END)
    shown = shapes.ShiftShown([shift_facts(row, people) for row in rows], many=True).data
    spans = [
        (datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]), row["role"], row["name"])
        for row in shown
    ]
    for at, held in answers.items():
        assert {(role, name) for start, end, role, name in spans if start <= at < end} == held


def test_the_calendar_and_the_resolver_agree_at_1000_random_instants(answers: dict[datetime, Held]) -> None:
    feed, _ = issue_feed(actor=person("noor"), kind="rota", subject="core-pipelines", at=utc("04-01 00:00"))
    listed: list[Any] = Calendar.from_ical(render_feed(feed, utc("04-01 00:00"))).walk("VEVENT")
    events = sorted(
        (event["dtstart"].dt.astimezone(UTC), event["dtend"].dt.astimezone(UTC), str(event["summary"]))
        for event in listed
    )
    starts = [start for start, _, _ in events]
    for at, held in answers.items():
        near = events[: bisect_right(starts, at)]
        told = {summary for start, end, summary in near if at < end}
        expected = {f"{name}: Core Data pipelines, {ROLE_WORDS[DutyRole(role)]}" for role, name in held}
        assert told == expected


def test_page_api_palette_and_pager_name_the_resolver_s_people_at_random_instants() -> None:
    viewer = person("noor")
    match = re.fullmatch(r"who is on call for (?P<team>.+)", "who is on call for core data")
    assert match is not None
    for at in instants(EACH_DOOR):
        held = truth(at)
        primary = next(name for role, name in held if role == "primary")
        listed = {each.rota.slug: each for each in now_everywhere(list(listed_rotas(viewer)), at)}
        mine = listed["core-pipelines"]
        assert now_row(mine.rota, mine.answer, viewer.zone, at).title == primary
        entries = shapes.AnswerShown(mine).data["entries"]
        assert {(row["role"], row["name"]) for row in entries} == held
        hit = who_is_on_call(match, viewer, at)
        assert hit is not None
        assert hit.label == primary
        pager = duty_of(Incident(rota=mine.rota, team=mine.rota.team), at).answer
        assert pager is not None
        assert {(each.role.value, each.name) for each in pager.entries} == held


def test_many_rotas_at_once_are_answered_as_one_by_one_in_few_reads() -> None:
    rotas = list(Rota.objects.select_related("team").order_by("pk"))
    assert len(rotas) == 3
    for at in instants(EACH_DOOR):
        one_by_one: dict[int, Any] = {row.pk: resolve_oncall(rota=row, at=at) for row in rotas}
        with CaptureQueriesContext(connection) as asked:
            assert resolve_everywhere(rotas, at) == one_by_one
        closed = any(not answer.is_covered for answer in one_by_one.values())
        is_over = any(row.served_until is not None and at < row.served_until for row in rotas)
        assert len(asked) == 3 + closed + is_over
