"""Events out: the feed skips nothing, endpoints get what they asked for, nothing private leaves (spec site 8)."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Max

from portal.accounts.services.endpoints import NewEndpoint, create_endpoint, rotate_endpoint_secret
from portal.core import clock
from portal.core.domain.signatures import verify
from portal.core.models import AuditEntry, Setting
from portal.core.provisioning import seed_all
from portal.engine.models import Delivery, Notice
from portal.engine.services.delivering import deliver
from portal.site.queries.events import feed
from portal.site.services.events_out import run_events_out
from requests_queue.services.privacy import make_private
from tests.app.accounts.test_api import door
from tests.app.requests_queue.desk import filed
from tests.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from portal.accounts.models import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """A far end on loopback that takes every message and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answer = b"204 No Content"
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._server.accept()
                with peer, peer.makefile("rb") as stream:
                    stream.readline()
                    lines = iter(lambda: stream.readline().decode().strip(), "")
                    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                    self.taken.append((headers, stream.read(int(headers.get("content-length", 0)))))
                    peer.sendall(b"HTTP/1.1 " + self.answer + b"\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    made = Receiver()
    entry = f"127.0.0.1:{made.port}=127.0.0.0/8"
    settings.ENV = dataclasses.replace(django_settings.ENV, egress_allow=[entry])
    yield made
    made.close()


@pytest.fixture
def world(receiver: Receiver) -> World:
    seed_all()
    made = make_world()
    settle()
    run_events_out({}, None)  # from here on
    return made


def subscribed(world: World, receiver: Receiver, *topics: str) -> tuple[Endpoint, str]:
    wish = NewEndpoint("hook", "webhook", f"http://127.0.0.1:{receiver.port}/events", topics)
    row, secret = create_endpoint(actor=world.alice, team=world.data_platform, wish=wish, at=clock.now())
    settle()
    run_events_out({}, None)
    return row, secret


def settle() -> None:
    """Wait until no transaction of the whole server is older than what was written; other tests have theirs."""
    newest = AuditEntry.objects.aggregate(newest=Max("transaction_number"))["newest"]
    with connection.cursor() as cursor:
        for _ in range(2400):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > newest:
                return
            sleep(0.05)


def send() -> None:
    settle()
    run_events_out({}, None)
    deliver(delivery_ids=[str(pk) for pk in Delivery.objects.filter(state="queued").values_list("pk", flat=True)])


def test_an_endpoint_gets_the_events_it_asked_for_signed_and_once(world: World, receiver: Receiver) -> None:
    row, secret = subscribed(world, receiver, "requests.*")
    request = filed(world, at=clock.now(), title="A title that stays inside")
    send()
    send()
    ((headers, body),) = receiver.taken
    event = json.loads(body)
    assert (event["topic"], event["subject"]["id"], event["actor"]) == (
        "requests.request_filed",
        str(request.pk),
        "bob",
    )
    assert b"stays inside" not in body
    stamp, given = headers["webhook-timestamp"], headers["webhook-signature"]
    assert verify([secret], headers["webhook-id"], stamp, given, body, int(stamp))
    newer = rotate_endpoint_secret(actor=world.alice, endpoint=row, at=clock.now())
    told = door(world.alice, "endpoints:write").post(
        f"/api/v1/endpoints/{row.pk}/redeliver",
        {"after": (clock.now() - timedelta(hours=1)).isoformat(), "until": clock.now().isoformat()},
    )
    assert (told.status_code, told.json()) == (202, {"events": 1})
    send()
    headers, again = receiver.taken[1]
    assert json.loads(again)["id"] == event["id"]
    for known in (secret, newer):
        stamp = headers["webhook-timestamp"]
        assert verify([known], headers["webhook-id"], stamp, headers["webhook-signature"], again, int(stamp))


def test_nothing_private_leaves_and_what_became_private_is_not_told_again(world: World, receiver: Receiver) -> None:
    subscribed(world, receiver, "requests.*")
    request = filed(world, at=clock.now())
    why = "personal data of customers"
    make_private(actor=world.bob, request=request, people=[world.alice], reason=why, at=clock.now())
    send()
    assert receiver.taken == []
    assert feed(after="", topics=["requests.*"], limit=500, at=clock.now()).events == []


def test_a_far_end_inside_the_house_is_refused_when_it_is_saved(world: World) -> None:
    api = door(world.alice, "endpoints:write")
    for address in ("https://169.254.169.254/latest", "https://[::1]/", "http://10.0.0.1/", "https://2130706433/"):
        wish: dict[str, Any] = {
            "slug": "inner",
            "team": "data-platform",
            "kind": "webhook",
            "address": address,
            "topics": [],
        }
        refused = api.post("/api/v1/endpoints", wish)
        assert (refused.status_code, refused.json()["code"]) == (422, "core.egress_refused")


def test_a_row_that_commits_late_is_not_skipped(world: World) -> None:
    """An older transaction still runs: the feed waits for it instead of passing it by."""
    settle()
    before = feed(after="", topics=[], limit=500, at=clock.now())
    own = connection.settings_dict
    late = psycopg2.connect(
        host=own["HOST"], port=own["PORT"], user=own["USER"], password=own["PASSWORD"], dbname=own["NAME"]
    )
    with late.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditentry (at, via, verb, object_type, object_id, object_label, compartment, before,"
            " after, reason, request_id) VALUES (now(), 'test', 'ownership.asset_created', 'ownership.asset', '7', '',"
            " '', '{}', '{}', '', '')"
        )
        filed(world, at=clock.now())
        meanwhile = feed(after=before.cursor, topics=[], limit=500, at=clock.now())
        assert meanwhile.events == []
    late.commit()
    late.close()
    settle()
    after = feed(after=meanwhile.cursor, topics=[], limit=500, at=clock.now())
    assert [event["topic"] for event in after.events] == ["ownership.asset_created", "requests.request_filed"]


def test_pages_of_the_feed_make_the_whole_of_it(world: World) -> None:
    for number in range(5):
        filed(world, at=clock.now(), title=f"Number {number}")
    settle()
    api: Any = door(world.bob, "events:read")
    whole = api.get("/api/v1/events/", {"limit": "500"}).json()["results"]
    parts, cursor = [], ""
    while True:
        answer = api.get("/api/v1/events/", {"limit": "2", "after": cursor}).json()
        parts += answer["results"]
        cursor = answer["cursor"]
        if answer["next"] is None:
            break
    assert parts == whole
    assert len([event for event in whole if event["topic"] == "requests.request_filed"]) == 5
    assert api.get("/api/v1/events/", {"after": "x"}).json()["code"] == "core.bad_cursor"
    assert api.get("/api/v1/events/", {"topic": "no.such"}).json()["code"] == "core.bad_filter"
    assert api.get("/api/v1/events/", {"limit": "0"}).json()["code"] == "core.bad_page_size"


def test_a_cursor_older_than_thirty_days_is_gone(world: World) -> None:
    entry = AuditEntry.objects.earliest("pk")  # of 2020, when the teams were made
    answer = door(world.bob, "events:read").get("/api/v1/events/", {"after": f"1.{entry.pk}"})
    assert (answer.status_code, answer.json()["code"]) == (410, "site.events_gone")


def test_without_a_subscriber_nothing_is_kept_for_later(world: World, receiver: Receiver) -> None:
    filed(world, at=clock.now())
    settle()
    run_events_out({}, None)
    subscribed(world, receiver, "requests.*")
    send()
    assert (receiver.taken, Notice.objects.filter(kind="site.event").count()) == ([], 0)
    assert Setting.objects.get(key="events.cursor").value[1] > 0


def test_a_far_end_that_is_down_over_a_weekend_still_gets_its_event(world: World, receiver: Receiver) -> None:
    """Each event has ten tries over three days (spec engine 8), and the same id in each."""
    subscribed(world, receiver, "requests.*")
    filed(world, at=clock.now(), title="Refunds by week")
    settle()
    run_events_out({}, None)
    receiver.answer = b"503 Service Unavailable"
    row = Delivery.objects.get(channel="webhook")
    for tries in range(1, 10):
        deliver(delivery_ids=[row.pk])
        row.refresh_from_db()
        assert (row.state, row.attempts, len(receiver.taken)) == ("queued", tries, tries)
        Delivery.objects.filter(pk=row.pk).update(run_at=clock.now())
    assert row.expires_at is not None
    assert row.claimed_at is not None
    assert timedelta(days=4, hours=23) < row.expires_at - row.claimed_at < timedelta(days=5)
    receiver.answer = b"204 No Content"
    deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, {headers["webhook-id"] for headers, _ in receiver.taken}) == ("sent", {str(row.pk)})
