"""Calendars say the same as the API (spec oncall 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import recurring_ical_events
from django.test import Client
from icalendar import Calendar

from oncall.models import CalendarFeed
from oncall.queries.resolving import resolve_oncall
from oncall.queries.working_out import facts_between
from oncall.services.changes import create_override, take_shift, withdraw_change
from oncall.services.feeds import issue_feed, revoke_feed
from oncall.services.laying import Stretch
from oncall.services.swaps import SwapDraft, accept_swap, offer_swap
from tests.app.oncall.golden import load_golden, person, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

AT = "06-20 01:00"


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_golden()
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("portal.core.clock.now", lambda: utc(AT))
    with rolled_back(django_db_blocker):
        yield


def feed(kind: str = "rota", subject: str = "core-pipelines", handle: str = "noor") -> tuple[CalendarFeed, str]:
    return issue_feed(actor=person(handle), kind=kind, subject=subject, at=utc(AT))


def read(secret: str) -> bytes:
    answer = Client().get(f"/ical/{secret}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return answer.content


def shown(body: bytes, start: datetime, end: datetime) -> set[tuple[datetime, datetime, str]]:
    events = recurring_ical_events.of(Calendar.from_ical(body)).between(start, end)
    return {(e["dtstart"].dt.astimezone(UTC), e["dtend"].dt.astimezone(UTC), str(e["summary"])) for e in events}


def test_a_calendar_program_reads_the_shifts_of_the_resolver() -> None:
    _, secret = feed()
    start, end = utc("06-21 00:00"), utc("11-15 00:00")
    rows, people = facts_between(rota(), start, end, widen=True)
    expected = {
        (row.start, row.end, f"{people[row.person or 0].name}: Core Data pipelines, {row.role}") for row in rows
    }
    assert shown(read(secret), start, end) == expected


def test_over_the_clock_change_a_swap_and_an_override_stand_in_the_calendar_as_in_the_api() -> None:
    """Two calendar libraries read the feed to exactly the shifts of `/shifts`: Madrid, 31 October 2027."""
    at = utc("09-01 09:00")
    swap = SwapDraft(
        Stretch("primary", utc("10-22 13:00"), utc("10-25 13:00")),
        Stretch("primary", utc("10-29 13:00"), utc("11-01 14:00")), both_roles=True,
    )  # fmt: skip
    offer = offer_swap(actor=person("jonas"), rota=rota(), swap=swap, at=at)
    accept_swap(actor=person("maeve"), group=offer.group, at=at)
    night = Stretch("primary", utc("10-30 20:00"), utc("10-31 05:00"))
    create_override(
        actor=person("ruth"), rota=rota(), stretch=night, person=person("kofi"), told_in_person="by phone", at=at
    )
    client = Client()
    client.force_login(person("ruth"))
    start, end = utc("10-20 00:00"), utc("11-05 00:00")
    given = {"from": start.isoformat(), "to": end.isoformat()}
    rows = client.get("/api/v1/rotas/core-pipelines/shifts", given).json()
    told = {
        (datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]),
         f"{row['name']}: Core Data pipelines, {row['role']}")
        for row in rows
    }  # fmt: skip
    _, secret = feed()
    read_by_program = {(max(low, start), min(high, end), said) for low, high, said in shown(read(secret), start, end)}
    assert read_by_program == told
    primaries = [(low, high, said.split(":")[0]) for low, high, said in sorted(told) if said.endswith("primary")]
    assert primaries[2:6] == [
        (utc("10-25 13:00"), utc("10-29 13:00"), "Kofi Mensah"),
        (utc("10-29 13:00"), utc("10-30 20:00"), "Jonas Brandt"),
        (utc("10-30 20:00"), utc("10-31 05:00"), "Kofi Mensah"),
        (utc("10-31 05:00"), utc("11-01 14:00"), "Jonas Brandt"),
    ]


def test_at_any_instant_the_calendar_and_the_resolver_agree() -> None:
    _, secret = feed()
    calendar = recurring_ical_events.of(Calendar.from_ical(read(secret)))
    instants = [utc("06-21 00:00") + timedelta(hours=101) * n for n in range(30)] + [
        utc("10-31 00:59"),
        utc("10-31 01:00"),
    ]
    for at in instants:
        told = {str(event["summary"]).partition(":")[0] for event in calendar.at(at)}
        assert told == {held.name for held in resolve_oncall(rota=rota(), at=at).entries}


def test_one_s_own_calendar_has_one_s_own_shifts_alone() -> None:
    _, secret = feed("me", "", "kofi")
    names = {summary.partition(":")[0] for _, _, summary in shown(read(secret), utc("07-01 00:00"), utc("09-01 00:00"))}
    assert names == {"Kofi Mensah"}


def events(body: bytes) -> dict[str, int]:
    return {str(event["uid"]): int(str(event["sequence"])) for event in Calendar.from_ical(body).walk("VEVENT")}


def test_the_name_of_a_shift_stays_and_its_sequence_rises_with_each_change() -> None:
    _, secret = feed()
    before = events(read(secret))
    stretch = Stretch("primary", utc("07-09 13:00"), utc("07-12 13:00"))
    change = take_shift(actor=person("ines"), rota=rota(), stretch=stretch, at=utc("06-20 02:00"))
    uid = "core-pipelines-primary-0-20270709T130000Z@headwater"
    after = events(read(secret))
    assert after[uid] == before[uid] + 1
    withdraw_change(actor=person("ines"), change=change, at=utc("06-20 03:00"))
    assert events(read(secret))[uid] == before[uid] + 2
    assert events(read(secret)).keys() == before.keys()


def test_nothing_new_costs_no_body() -> None:
    _, secret = feed()
    tag = Client().get(f"/ical/{secret}")["ETag"]
    again = Client().get(f"/ical/{secret}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_revoked_or_unknown_address_is_nothing() -> None:
    row, secret = feed()
    revoke_feed(actor=person("noor"), feed=row, at=utc(AT))
    assert [Client().get(f"/ical/{key}").status_code for key in (secret, "unknown")] == [404, 404]


def test_only_the_hash_of_an_address_is_kept() -> None:
    row, secret = feed()
    assert secret not in str(CalendarFeed.objects.filter(pk=row.pk).values().get())
