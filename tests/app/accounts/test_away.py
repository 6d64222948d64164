"""Being away: what only one person may do, who steps in, other days, a calendar that says it, coming back."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from portal.accounts.models import Absence, AbsenceFeed, Deputy
from portal.accounts.policies import may
from portal.accounts.services.absence_feeds import (
    connect_absence_feed,
    disconnect_absence_feed,
    read_absence_feed,
)
from portal.accounts.services.absences import Away, cancel_absence, check_absence, enter_absence, move_absence
from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from portal.site.queries.away import while_away

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def days(clock: MovableClock, first: int, last: int, **rest: Any) -> Away:
    today = clock.now().date()
    return Away(today + timedelta(days=first), today + timedelta(days=last), **rest)


def test_a_lead_alone_is_told_what_nobody_else_may_do(alice: Person, clock: MovableClock) -> None:
    found = [
        clash.sentence for clash in check_absence(actor=alice, person=alice, away=days(clock, 1, 3), at=clock.now())
    ]
    assert found == ["Only you may approve, lock the plan and excuse clocks for Data Platform."]


def test_whoever_is_named_acts_meanwhile_and_no_longer(world: World, clock: MovableClock) -> None:
    alice, bob = world.alice, world.bob
    row = enter_absence(actor=alice, person=alice, away=days(clock, 0, 2), deputy=bob, at=clock.now())
    decision = may(bob, "approve", world.data_platform, clock.now())
    assert (decision.allowed, decision.on_behalf_of) == (True, alice.pk)
    assert check_absence(actor=alice, person=alice, away=days(clock, 1, 2), at=clock.now()) == []
    at = clock.now()
    cancel_absence(actor=alice, absence=row, at=at)
    assert Deputy.objects.get().ended_at == at
    assert not may(bob, "approve", world.data_platform, clock.now()).allowed


def test_a_deputy_who_cannot_be_one_leaves_nothing_behind(alice: Person, clock: MovableClock) -> None:
    with pytest.raises(DomainError, match="another person"):
        enter_absence(actor=alice, person=alice, away=days(clock, 1, 2), deputy=alice, at=clock.now())
    assert (Absence.objects.count(), Deputy.objects.count()) == (0, 0)


def test_an_absence_moves_and_a_cancelled_one_does_not(bob: Person, clock: MovableClock) -> None:
    row = enter_absence(actor=bob, person=bob, away=days(clock, 1, 2), at=clock.now())
    wanted = days(clock, 5, 6)
    moved = move_absence(actor=bob, absence=row, first_on=wanted.first_on, last_on=wanted.last_on, at=clock.now())
    assert (moved.first_on, moved.last_on, moved.version) == (wanted.first_on, wanted.last_on, 2)
    cancel_absence(actor=bob, absence=row, at=clock.now())
    with pytest.raises(Conflict, match="cancelled"):
        move_absence(actor=bob, absence=row, first_on=wanted.first_on, last_on=wanted.last_on, at=clock.now())


def test_the_api_moves_an_absence_and_names_a_deputy(bob: Person, clock: MovableClock) -> None:
    api, today = APIClient(), clock.now().date()
    api.force_login(bob)
    made = api.post("/api/v1/absences/", {"first_on": today, "last_on": today, "deputy": "alice"}, format="json")
    assert (made.status_code, Deputy.objects.get().deputy.handle) == (201, "alice")
    later = today + timedelta(days=9)
    path = f"/api/v1/absences/{made.json()['id']}/"
    moved = api.patch(path, {"first_on": later, "last_on": later}, format="json", HTTP_IF_MATCH='"1"')
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    assert Absence.objects.get().first_on == later
    assert api.patch(path, {"first_on": later, "last_on": today}, format="json").json()["field"] == "last_on"


def test_the_page_shows_the_price_first_and_saves_what_was_seen(
    client: Client, alice: Person, clock: MovableClock
) -> None:
    client.force_login(alice)
    first = (clock.now().date() + timedelta(days=3)).isoformat()
    form = {"first_on": first, "last_on": first, "kind": "away", "note": "", "briefing": "", "deputy": "bob"}
    page = client.post("/me/away/", form)
    assert "Only you may approve" in page.content.decode()
    assert Absence.objects.count() == 0
    seen = page.context["form"]["seen"].value()
    assert client.post("/me/away/", form | {"seen": seen}).status_code == 303
    assert Deputy.objects.get().deputy.handle == "bob"
    assert "Bob Example until" in client.get("/me/away/").content.decode()
    client.post(f"/me/deputy/{Deputy.objects.get().pk}/end")
    assert "Nobody at the moment" in client.get("/me/away/").content.decode()


def test_a_lead_enters_it_for_a_colleague_and_others_do_not(client: Client, world: World, clock: MovableClock) -> None:
    first = clock.now().date().isoformat()
    form = {"first_on": first, "last_on": first, "kind": "sick", "note": "", "briefing": "", "deputy": ""}
    client.force_login(world.bob)
    assert client.post("/people/alice/away", form).status_code == 403
    assert Absence.objects.count() == 0
    client.force_login(world.alice)
    assert client.post("/people/alice/away", form | {"seen": "x"}).status_code == 422


def test_the_briefing_is_for_those_who_cover(client: Client, world: World, clock: MovableClock) -> None:
    alice = world.alice
    away = days(clock, 0, 2, briefing="The key is under the mat.")
    enter_absence(actor=alice, person=alice, away=away, deputy=world.bob, at=clock.now())
    shown = {}
    for person in (world.alice, world.bob, world.carol):
        client.force_login(person)
        shown[person.handle] = "under the mat" in client.get("/people/alice").content.decode()
    assert shown == {"alice": True, "bob": True, "carol": False}


class Served:
    """A far calendar, as its server would give it."""

    def __init__(self) -> None:
        self.body, self.status, self.seen = b"", 200, [""]
        far = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                far.seen.append(self.headers.get("If-None-Match", ""))
                is_known = far.status == 200 and far.seen[-1] == '"1"'
                self.send_response(304 if is_known else far.status)
                self.send_header("ETag", '"1"')
                self.end_headers()
                self.wfile.write(b"" if is_known else far.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
                del format, args

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/away.ics"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, *events: tuple[str, date, date]) -> None:
        rows = "".join(
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\n"
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}\r\nEND:VEVENT\r\n"
            for uid, first, last in events
        )
        self.body = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{rows}END:VCALENDAR\r\n".encode()


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    served = Served()
    allowed = [f"127.0.0.1:{served.server.server_port}=127.0.0.0/8"]
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=allowed))
    yield served
    served.server.shutdown()
    served.server.server_close()


def live(person: Person) -> list[tuple[str, str | None, date | None]]:
    rows = Absence.objects.filter(person=person, cancelled_at=None).order_by("during")
    return list(rows.values_list("source", "external_id", "first_on"))


def test_a_calendar_brings_moves_and_removes_its_own_absences_only(
    far: Served, bob: Person, clock: MovableClock
) -> None:
    today = clock.now().date()
    days_on = [today + timedelta(days=n) for n in range(30)]
    enter_absence(actor=bob, person=bob, away=days(clock, 1, 1), at=clock.now())
    far.says(("a", days_on[3], days_on[4]), ("b", days_on[10], days_on[11]))
    feed = connect_absence_feed(actor=bob, url=far.url, at=clock.now())
    assert read_absence_feed(feed=feed, at=clock.now())
    hand = ("hand", None, days_on[1])
    assert live(bob) == [hand, ("ical", "a", days_on[3]), ("ical", "b", days_on[10])]
    far.says(("b", days_on[12], days_on[12]))
    at = clock.now()
    assert read_absence_feed(feed=feed, at=at)
    assert live(bob) == [hand, ("ical", "b", days_on[12])]
    feed.refresh_from_db()
    assert (feed.read_at, feed.error, feed.etag) == (at, "", '"1"')
    assert read_absence_feed(feed=feed, at=clock.now())
    assert far.seen[-1] == '"1"'
    disconnect_absence_feed(actor=bob, at=clock.now())
    assert (live(bob), AbsenceFeed.objects.count()) == ([hand], 0)


def test_a_broken_calendar_leaves_the_old_rows_and_says_so(
    client: Client, far: Served, bob: Person, clock: MovableClock
) -> None:
    today = clock.now().date()
    far.says(("a", today, today))
    client.force_login(bob)
    assert client.post("/me/away/feed", {"url": far.url}).status_code == 303
    before = live(bob)
    far.status = 500
    feed = AbsenceFeed.objects.get()
    assert not read_absence_feed(feed=feed, at=clock.now())
    assert live(bob) == before == [("ical", "a", today)]
    page = client.get("/me/away/").content.decode()
    assert "The address answers 500." in page
    assert far.url not in page


def test_an_address_inside_the_house_is_refused(client: Client, bob: Person) -> None:
    client.force_login(bob)
    assert client.post("/me/away/feed", {"url": "https://127.0.0.1/x.ics"}).status_code == 422
    assert AbsenceFeed.objects.count() == 0


def test_who_comes_back_reads_who_stepped_in(world: World, clock: MovableClock) -> None:
    alice = world.alice
    enter_absence(actor=alice, person=alice, away=days(clock, 0, 2), deputy=world.bob, at=clock.now())
    assert while_away(alice, alice, clock.now()) is None
    clock.advance(days=4)
    back = while_away(alice, alice, clock.now())
    assert back is not None
    assert [row.title for row in back.rows] == ["Bob Example acted for you"]
    clock.advance(days=6)
    assert while_away(alice, alice, clock.now()) is None
    assert AuditEntry.objects.filter(verb="accounts.deputy_named").count() == 1
