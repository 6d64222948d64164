from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.services.absences import Away, enter_absence
from portal.core.models import Setting
from portal.core.registries import Need, register_nav, register_need, register_panel
from portal.core.services.audit import record_audit
from portal.site.panels import needs_you
from portal.site.queries.day import day_of, needs_of
from tests.contract.doors import questions_of
from tests.world import make_admin, make_auditor, make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Block:
    headline: str = ""


def _need(subject: str, *, due_in: int | None = None, since: int = 1) -> Any:
    def rows(viewer: Any, at: datetime) -> list[Need]:
        del viewer
        due = at + timedelta(hours=due_in) if due_in is not None else None
        return [Need(subject, "Sam asked you", "Decide", "/somewhere", due, at - timedelta(hours=since))]

    return rows


def _block(headline: str = "") -> Any:
    return lambda subject, viewer, at: Block(headline)  # noqa: ARG005 (the registry's signature)


def test_my_day_greets_by_name_in_the_persons_zone(browser: Client, clock: MovableClock, aiko: Person) -> None:
    clock.set(clock.now().replace(month=11, day=24, hour=7, minute=0))
    page = browser.get("/").content.decode()
    assert "<h1>Good morning, Aiko</h1>" in page


@pytest.mark.usefixtures("empty_registries")
def test_a_day_without_anything_says_so(browser: Client) -> None:
    register_panel("person.day", "needs_you", 20, needs_you, "site/needs_you.html")
    assert "Nothing waits for you" in browser.get("/").content.decode()


@pytest.mark.usefixtures("empty_registries")
def test_needs_stand_due_first_then_longest_waiting(aiko: Person, clock: MovableClock) -> None:
    needs = [_need("late", due_in=5), _need("new"), _need("old", since=9), _need("soon", due_in=1)]
    for number, need in enumerate(needs):
        register_need(str(number), need)
    assert [need.subject for need in needs_of(aiko, clock.now())] == ["soon", "late", "old", "new"]


@pytest.mark.usefixtures("empty_registries")
def test_the_number_in_the_navigation_is_the_number_of_needs(browser: Client) -> None:
    register_need("a", _need("one"))
    register_need("b", _need("two"))
    register_nav("home", "My day", "home", "sun", 1, count=lambda viewer, at: len(needs_of(viewer, at)))
    assert '<span class="n">2</span>' in browser.get("/").content.decode()


@pytest.mark.usefixtures("empty_registries")
def test_blocks_from_70_stand_in_the_aside(aiko: Person, clock: MovableClock) -> None:
    register_panel("person.day", "band", 70, _block(), "x.html")
    register_panel("person.day", "ask", 15, _block("one answer arrived"), "x.html")
    register_panel("person.day", "none", 16, lambda subject, viewer, at: None, "x.html")  # noqa: ARG005 (as above)
    day = day_of(aiko, clock.now())
    assert ([block.key for block in day.main], [block.key for block in day.aside]) == (["ask"], ["band"])
    assert day.headlines == ["one answer arrived"]


def test_a_poll_that_finds_nothing_new_answers_304_with_one_query_of_its_own(browser: Client) -> None:
    tag = browser.get("/").headers["ETag"]
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get("/", headers={"HX-Request": "true", "If-None-Match": tag})
    own = [query["sql"] for query in queries if "session" not in query["sql"] and "accounts_person" not in query["sql"]]
    assert (answer.status_code, answer.content, len(own)) == (304, b"", 1)


def test_a_poll_after_a_change_shows_the_day_again(browser: Client, aiko: Person, clock: MovableClock) -> None:
    tag = browser.get("/").headers["ETag"]
    record_audit(actor=aiko, verb="accounts.person_changed", subject=aiko, at=clock.now())
    answer = browser.get("/", headers={"HX-Request": "true", "If-None-Match": tag})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


def test_my_day_stays_below_its_query_budget(browser: Client) -> None:
    browser.get("/")  # the process has read whether this is the demo
    with CaptureQueriesContext(connection) as queries:
        browser.get("/")
    assert questions_of(queries) <= 15


def test_the_theme_is_set_on_the_server(browser: Client, aiko: Person) -> None:
    aiko.theme = "dark"
    aiko.keys_enabled = False
    aiko.save()
    assert '<html lang="en" data-theme="dark" data-keys="off">' in browser.get("/").content.decode()


def test_a_part_of_a_page_after_the_sessions_end_is_401_and_no_sign_in_page(client: Client) -> None:
    answer = client.get("/palette", {"q": "orders"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"Sign in again.")


def test_a_visitor_is_sent_to_the_sign_in_page(client: Client) -> None:
    assert client.get("/").status_code == 302


def blocks_of(person: Person, at: datetime) -> dict[str, Any]:
    day = day_of(person, at)
    return {panel.key: panel.model for panel in [*day.main, *day.aside]}


def test_whoever_is_in_no_team_is_asked_which_first(world: World, clock: MovableClock) -> None:
    clock.set(MONDAY)
    newcomer = make_person("newcomer")
    assert [row.url for row in blocks_of(newcomer, MONDAY)["which_team"].rows] == ["/me/team/"]
    assert "which_team" not in blocks_of(world.bob, MONDAY)


def test_a_lead_sees_who_is_away_this_week_and_never_why(world: World, clock: MovableClock) -> None:
    clock.set(MONDAY)
    erin = make_person("erin", team=world.data_platform)
    calm = blocks_of(world.alice, MONDAY)["team_week"]
    assert (list(calm.rows), calm.empty.title) == ([], "Everybody is here this week")
    days = Away(first_on=MONDAY.date() + timedelta(days=2), last_on=MONDAY.date() + timedelta(days=3), kind="training")
    enter_absence(actor=erin, person=erin, away=days, at=MONDAY)
    [row] = blocks_of(world.alice, MONDAY)["team_week"].rows
    assert (row.title, row.url) == ("Erin Example", "/people/erin")
    assert [str(getattr(fact, "text", fact)) for fact in row.facts] == [
        "from", "Wed 25 Nov 00:00", "until", "Fri 27 Nov 00:00",
    ]  # fmt: skip
    assert "team_week" not in blocks_of(world.bob, MONDAY)


def test_an_admin_sees_what_the_doctor_found_and_an_auditor_what_was_tried(world: World, clock: MovableClock) -> None:
    clock.set(MONDAY)
    admin, auditor = make_admin(), make_auditor()
    Setting.objects.update_or_create(
        key="checks.noted",
        defaults={"value": {"mail": ["bad", MONDAY.isoformat()], "backup": ["ok", MONDAY.isoformat()]}},
    )
    record_audit(actor=None, verb="accounts.sign_in_failed", subject=world.bob, at=MONDAY)
    record_audit(actor=None, verb="accounts.sign_in_failed", subject=world.bob, compartment="PRV-ABC123", at=MONDAY)
    found, told = blocks_of(admin, MONDAY), blocks_of(auditor, MONDAY)
    assert [(row.title, row.dot, row.url) for row in found["system"].rows] == [("Mail", "bad", "/admin-setup/")]
    assert found["system"].headline == "1 check of the house is red"
    assert [row.title for row in told["auditor"].rows] == [
        "Nothing is sealed yet", "1 wrong password in 24 h", "no downloads in 24 h",
        "no changes of admins and auditors in 24 h", "no new tokens in 24 h",
    ]  # fmt: skip
    assert told["auditor"].rows[1].url == "/changes/?verb=accounts.sign_in_failed"
    assert ("auditor" in found, "system" in told) == (False, False)
