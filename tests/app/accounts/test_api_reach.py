"""The API of endpoints, ways, rules, deputies and the check of an absence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from portal.accounts.models import Absence, ContactMethod, Deputy, Endpoint, NotificationRule
from portal.accounts.services.contact import trust_contact_method
from portal.accounts.services.grants import name_deputy
from portal.core import egress
from portal.core.clock import now
from portal.core.models import AuditEntry, IdempotencyKey
from portal.engine.models import Delivery, Notice
from tests.app.accounts.test_api import code, door
from tests.world import PASSWORD, make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db
HOOK = {"slug": "hook", "team": "data-platform", "kind": "webhook", "address": "https://hooks.example.com/x"}
METHODS, RULES = "/api/v1/me/contact-methods", "/api/v1/me/notification-rules"


@pytest.fixture(autouse=True)
def public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"inner.example.com": ["93.184.215.14", "10.1.2.3"]}
    monkeypatch.setattr(egress, "system_resolve", lambda host, _: names.get(host, ["93.184.215.14"]))


def browser(person: Person, *, has_stepped_up: bool = True) -> Client:
    client = Client()
    client.force_login(person)
    if has_stepped_up:
        client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def test_an_endpoint_is_made_changed_rotated_and_deleted(world: World) -> None:
    api = door(world.alice, "endpoints:read", "endpoints:write")
    made = api.post("/api/v1/endpoints", HOOK)
    assert (made.status_code, made.json()["secret"][:6], made.json()["version"]) == (201, "whsec_", 1)
    path = made["Location"]
    changed = api.patch(path, {"address": "https://hooks.example.com/y"}, HTTP_IF_MATCH='"1"')
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert api.patch(path, {"is_active": False}, HTTP_IF_MATCH='"1"').status_code == 412
    rotated = api.post(f"{path}rotate")
    assert (rotated.status_code, rotated.json()["secret"] != made.json()["secret"]) == (200, True)
    assert b"example.com" not in api.get(path).content + api.get("/api/v1/endpoints").content
    assert (api.delete(path).status_code, Endpoint.objects.count(), api.get(path).status_code) == (204, 0, 404)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("https://127.0.0.1/x", "127.0.0.1 is not on the public internet."),
        ("https://[::1]/x", "::1 is not on the public internet."),
        ("https://10.2.3.4/x", "10.2.3.4 is not on the public internet."),
        ("https://169.254.169.254/latest", "169.254.169.254 is not on the public internet."),
        ("https://[::ffff:10.0.0.1]/x", "is not on the public internet."),
        ("https://inner.example.com/x", "inner.example.com is not on the public internet."),
        ("https://2130706433/x", "This host name is not valid."),
        ("http://hooks.example.com/x", "Only https:// addresses are called."),
        ("https://hooks.example.com:22/x", "Only the ports 443 and 8443 are called."),
        ("https://me:pw@hooks.example.com/x", "A URL with a user name or password is refused."),
    ],
)
def test_an_endpoint_that_may_not_be_called_is_not_kept(world: World, address: str, rule: str) -> None:
    refused = door(world.alice, "endpoints:write").post("/api/v1/endpoints", HOOK | {"address": address})
    assert code(refused) == (422, "core.egress_refused")
    assert (refused.json()["field"], rule in refused.json()["detail"]) == ("address", True)
    assert Endpoint.objects.count() == 0


def test_an_endpoint_does_not_move_to_a_refused_address(world: World) -> None:
    api = door(world.alice, "endpoints:read", "endpoints:write")
    path = api.post("/api/v1/endpoints", HOOK)["Location"]
    assert code(api.patch(path, {"address": "https://127.0.0.1/"})) == (422, "core.egress_refused")
    assert Endpoint.objects.get().address == HOOK["address"]


def test_endpoints_are_for_the_lead_alone(world: World) -> None:
    member = make_person("eve", team=world.data_platform)
    path = door(world.alice, "endpoints:write").post("/api/v1/endpoints", HOOK)["Location"]
    api = door(member, "endpoints:read", "endpoints:write")
    assert code(api.post("/api/v1/endpoints", HOOK | {"slug": "two"})) == (403, "accounts.not_allowed")
    assert (api.get("/api/v1/endpoints").json()["results"], api.get(path).status_code) == ([], 404)
    assert (api.delete(path).status_code, Endpoint.objects.count()) == (404, 1)


def test_a_test_message_goes_to_the_endpoint(world: World) -> None:
    api = door(world.alice, "endpoints:write")
    made = api.post("/api/v1/endpoints", HOOK)
    sent = api.post(f"{made['Location']}test")
    assert (sent.status_code, Notice.objects.get().pk) == (202, Notice.objects.get(pk=sent.json()["notice"]).pk)
    assert [row.destination_ref for row in Delivery.objects.all()] == [f"endpoint:{made.json()['id']}"]


@pytest.mark.parametrize("path", ["endpoints", "tokens"])
def test_an_answer_with_a_secret_is_never_kept_for_a_replay(world: World, path: str) -> None:
    api = door(world.alice, "endpoints:write", "tokens:write")
    wish = HOOK if path == "endpoints" else {"name": "child", "scopes": ["tokens:write"], "days": 5}
    assert api.post(f"/api/v1/{path}", wish, HTTP_IDEMPOTENCY_KEY="one").status_code == 201
    assert IdempotencyKey.objects.count() == 0


def test_ways_and_rules_need_a_fresh_password_and_no_token(world: World) -> None:
    token, stale = door(world.bob, "me:read", "me:write"), browser(world.bob, has_stepped_up=False)
    for path in (METHODS, RULES):
        assert code(token.get(path)) == (403, "core.session_only")
        assert code(stale.get(path)) == (403, "accounts.step_up")
    given = {"channel": "email", "address": "bob@home.example"}
    assert code(stale.post(METHODS, given, "application/json")) == (403, "accounts.step_up")
    assert ContactMethod.objects.filter(person=world.bob, address__isnull=False).exclude(state="verified").count() == 0


def test_a_way_is_added_shown_without_its_address_and_removed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.accounts.services.contact.new_code", lambda: "123456")
    client = browser(world.bob)
    made = client.post(METHODS, {"channel": "email", "address": "bob@home.example"}, "application/json")
    assert (made.status_code, made.json()["state"]) == (201, "unverified")
    path = made["Location"]
    assert code(client.post(f"{path}verify", {"code": "000000"}, "application/json")) == (422, "accounts.wrong_code")
    right = client.post(f"{path}verify", {"code": "123456"}, "application/json")
    assert (right.status_code, right.json()["state"]) == (200, "verified")
    assert b"home.example" not in client.get(METHODS).content + made.content
    assert (client.delete(path).status_code, client.get(path).status_code) == (204, 404)


def test_a_way_to_a_private_address_is_refused_with_its_field(world: World) -> None:
    given = {"channel": "webhook", "address": "https://192.168.0.1/"}
    refused = browser(world.bob).post(METHODS, given, "application/json")
    assert (code(refused), refused.json()["field"]) == ((422, "core.egress_refused"), "address")


def test_rules_are_replaced_as_a_whole_or_not_at_all(world: World) -> None:
    client = browser(world.bob)
    client.post(METHODS, {"channel": "email", "address": "bob@home.example"}, "application/json")
    row = trust_contact_method(actor=None, method=ContactMethod.objects.get(person=world.bob), at=now())
    rule = {"severity": "page", "method_id": row.pk, "delay_seconds": 60}
    put = client.put(RULES, {"rules": [rule]}, "application/json")
    assert (put.status_code, put.json()["rules"][0]["delay_seconds"], put.json()) == (200, 60, client.get(RULES).json())
    quiet = rule | {"window": "working_hours"}
    assert code(client.put(RULES, {"rules": [rule, quiet]}, "application/json")) == (422, "accounts.bad_rule")
    assert NotificationRule.objects.count() == 1


def test_a_deputy_is_named_once_listed_without_reason_and_ended(world: World) -> None:
    api = door(world.alice, "people:read", "people:write")
    given = {"deputy": "bob", "since": now().isoformat(), "until": (now() + timedelta(days=3)).isoformat()}
    made = api.post("/api/v1/deputies", given | {"reason": "surgery"})
    assert (made.status_code, code(api.post("/api/v1/deputies", given))) == (201, (409, "accounts.two_deputies"))
    listed = door(world.carol, "people:read").get("/api/v1/deputies")
    assert (listed.json()["results"][0]["deputy"], b"surgery" in listed.content) == ("bob", False)
    assert api.post("/api/v1/deputies", given | {"person": "carol"}).status_code == 403
    assert (api.post(f"{made['Location']}end").status_code, Deputy.objects.get().ended_at is None) == (204, False)


def test_the_database_refuses_a_second_deputy(world: World) -> None:
    period = (now(), now() + timedelta(days=3))
    name_deputy(actor=None, person=world.alice, deputy=world.bob, period=period, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy(person=world.alice, deputy=world.carol, during=DateTimeTZRange(*period)).save()


def test_a_deputy_acts_with_both_names_and_the_deputys_deputy_gets_403(world: World) -> None:
    eve, period = make_person("eve", team=world.data_platform), (now(), now() + timedelta(days=3))
    name_deputy(actor=None, person=world.alice, deputy=world.bob, period=period, at=now())
    name_deputy(actor=None, person=world.bob, deputy=world.carol, period=period, at=now())
    day = now().date().isoformat()
    given = {"person": eve.handle, "first_on": day, "last_on": day}
    for path in ("absences", "absences/check"):
        assert code(door(world.carol, "absences:write").post(f"/api/v1/{path}", given)) == (403, "accounts.not_allowed")
    assert Absence.objects.count() == 0
    assert door(world.bob, "absences:write").post("/api/v1/absences", given).status_code == 201
    entry = AuditEntry.objects.get(verb="accounts.absence_entered")
    assert (entry.actor_id, entry.on_behalf_of_id) == (world.bob.pk, world.alice.pk)
