"""Later: what waits for a person moves to a working day, twice at most, and comes back when they say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.models import AuditEntry, Later
from portal.core.queries.changes import UntilChanged
from portal.core.registries import Need, register_need, register_panel, register_verb
from portal.core.services.undo import undo_change
from portal.site.panels import needs_you
from portal.site.queries.day import need_key, needs_of, put_off_by
from portal.site.services.later import days_to_choose, put_off, take_back, undo_later

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FACTS: dict[str, datetime | None] = {}


def rows(viewer: Person, at: datetime) -> list[Need]:
    del viewer, at
    since, due = FACTS["since"], FACTS["due"]
    assert since is not None
    return [Need("REQ-7 asks you", "Which month?", "Answer", "/requests/REQ-7", due, since)]


@pytest.fixture
def key(world: World, empty_registries: None, clock: MovableClock) -> str:
    clock.set(TUESDAY)
    FACTS.update(since=TUESDAY - HOUR, due=None)
    register_need("test", rows)
    register_verb("site.need_put_off", "{actor} left {subject}", undo=undo_later)
    register_panel("person.day", "needs_you", 20, needs_you, "site/needs_you.html")
    return need_key(rows(world.bob, TUESDAY)[0])


def test_it_comes_back_as_the_chosen_day_begins_where_the_person_lives(world: World, key: str) -> None:
    put_off(actor=world.bob, key=key, day=date(2026, 11, 26), at=TUESDAY)
    until = Later.objects.get().until_at
    assert until is not None
    assert (needs_of(world.bob, TUESDAY), [one.until_at for one in put_off_by(world.bob, TUESDAY)]) == ([], [until])
    UntilChanged.forget()
    assert [need.subject for need in needs_of(world.bob, until)] == ["REQ-7 asks you"]
    assert needs_of(world.alice, TUESDAY) != []


def test_working_days_alone_can_be_chosen(world: World, key: str) -> None:
    assert [day.isoformat() for day in days_to_choose(world.bob, TUESDAY)][:5] == [
        "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01",
    ]  # fmt: skip
    for day in (date(2026, 11, 24), date(2026, 11, 28), date(2027, 6, 1)):
        with pytest.raises(DomainError) as refused:
            put_off(actor=world.bob, key=key, day=day, at=TUESDAY)
        assert (refused.value.code, refused.value.field) == ("site.not_a_working_day", "day")
    assert (Later.objects.count(), AuditEntry.objects.filter(verb="site.need_put_off").count()) == (0, 0)


def test_nothing_is_put_off_past_its_due_date(world: World, key: str) -> None:
    FACTS["due"] = TUESDAY + DAY
    UntilChanged.forget()
    with pytest.raises(DomainError) as refused:
        put_off(actor=world.bob, key=key, day=date(2026, 11, 26), at=TUESDAY)
    assert refused.value.code == "site.after_it_is_due"


def test_the_third_time_is_refused_and_a_newer_fact_begins_anew(world: World, key: str) -> None:
    put_off(actor=world.bob, key=key, day=date(2026, 11, 25), at=TUESDAY)
    put_off(actor=world.bob, key=key, day=date(2026, 11, 26), at=TUESDAY + HOUR)
    with pytest.raises(Conflict) as refused:
        put_off(actor=world.bob, key=key, day=date(2026, 11, 27), at=TUESDAY + 2 * HOUR)
    assert (refused.value.code, refused.value.status) == ("site.later_twice", 409)
    FACTS["since"] = TUESDAY + 3 * HOUR
    UntilChanged.forget()
    assert len(needs_of(world.bob, TUESDAY + 3 * HOUR)) == 1
    assert put_off(actor=world.bob, key=key, day=date(2026, 11, 27), at=TUESDAY + 4 * HOUR).times == 1


def test_taken_back_it_is_as_if_it_had_not_been_put_off(world: World, key: str) -> None:
    put_off(actor=world.bob, key=key, day=date(2026, 11, 25), at=TUESDAY)
    take_back(actor=world.bob, key=key, at=TUESDAY)
    assert (Later.objects.get().times, len(needs_of(world.bob, TUESDAY)), put_off_by(world.bob, TUESDAY)) == (0, 1, [])
    with pytest.raises(NotVisible):
        take_back(actor=world.bob, key=key, at=TUESDAY)


def test_it_is_undone_from_the_changes_by_its_person_alone(world: World, key: str) -> None:
    put_off(actor=world.bob, key=key, day=date(2026, 11, 25), at=TUESDAY)
    entry = AuditEntry.objects.get(verb="site.need_put_off")
    with pytest.raises(Conflict):
        undo_change(actor=world.alice, entry=entry, at=TUESDAY)
    undo_change(actor=world.bob, entry=entry, at=TUESDAY)
    assert len(needs_of(world.bob, TUESDAY)) == 1


def test_by_the_pages_a_press_puts_it_off_and_another_brings_it_back(world: World, key: str) -> None:
    bob = Client()
    bob.force_login(world.bob)
    assert f'href="/later/{key}"' in bob.get("/").content.decode()
    assert "Fri 27 Nov" in bob.get(f"/later/{key}").content.decode()
    assert bob.post(f"/later/{key}", {"day": "2026-11-28"}).status_code == 422
    assert bob.post(f"/later/{key}", {"day": "2026-11-26"})["Location"] == "/"
    home = bob.get("/").content.decode()
    assert ("Nothing waits for you" in home, "1 put off" in home) == (True, True)
    assert "REQ-7 asks you" in bob.get("/later/").content.decode()
    assert bob.post(f"/later/{key}/back")["Location"] == "/later/"
    assert "REQ-7 asks you" in bob.get("/").content.decode()
    carol = Client()
    carol.force_login(world.carol)
    assert "Nothing is put off" in carol.get("/later/").content.decode()
    assert bob.get(f"/later/{'0' * 32}").status_code == 404


def test_a_program_reads_puts_off_and_takes_back(world: World, key: str) -> None:
    rest = APIClient()
    rest.force_authenticate(world.bob)
    assert [(row["key"], row["until_at"]) for row in rest.get("/api/v1/needs/").json()["results"]] == [(key, None)]
    answer = rest.post(f"/api/v1/needs/{key}/later/", {"day": "2026-11-26"})
    assert (answer.status_code, answer.json()["until_at"][:10]) == (200, "2026-11-26")
    assert rest.post(f"/api/v1/needs/{key}/later/", {"day": "2026-11-28"}).json()["code"] == "site.not_a_working_day"
    assert rest.post(f"/api/v1/needs/{key}/back/").json()["until_at"] is None
