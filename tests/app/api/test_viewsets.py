"""What every view set promises, shown on a tiny one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from portal.core.models import IdempotencyKey, Setting

if TYPE_CHECKING:
    from portal.accounts.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.app.api.shelf")]

THING = {"key": "thing.x", "value": 1}


@pytest.fixture
def api(bob: Person) -> APIClient:
    client = APIClient()
    client.force_authenticate(bob)
    return client


@pytest.fixture
def things() -> list[str]:
    keys = [f"thing.{letter}" for letter in "abcde"]
    Setting.objects.bulk_create(Setting(key=key, value=1) for key in keys)
    return keys


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_list_is_walked_by_next_in_both_slash_forms(api: APIClient, things: list[str]) -> None:
    for url in ("/api/v1/things", "/api/v1/things/"):
        seen, following = [], f"{url}?page_size=2"
        while following:
            page = api.get(following).json()
            seen += [row["key"] for row in page["results"]]
            following = page["next"]
        assert seen == things


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cursor=made-up", "core.bad_cursor"),
        ("page_size=201", "core.limit_page_size"),
        ("page=1000000000000000000", "core.unknown_parameter"),
        ("version=many", "core.bad_filter"),
        ("verzion=1", "core.unknown_parameter"),
    ],
)
def test_a_wrong_question_is_400_with_its_code(api: APIClient, query: str, expected: str) -> None:
    response = api.get(f"/api/v1/things?{query}")
    assert code(response) == (400, expected)
    assert response["Content-Type"] == "application/problem+json"


def test_the_filter_of_the_room_is_used(api: APIClient, things: list[str]) -> None:
    Setting.objects.filter(key="thing.b").update(version=7)
    assert [row["key"] for row in api.get("/api/v1/things?version=7").json()["results"]] == ["thing.b"]


def test_what_the_caller_has_is_not_sent_again(api: APIClient, things: list[str]) -> None:
    for url in ("/api/v1/things", "/api/v1/things/thing.a"):
        first = api.get(url)
        again = api.get(url, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_thing_is_404_and_a_name_of_another_room_too(api: APIClient) -> None:
    Setting.objects.create(key="secret", value=1)
    for key in ("secret", "nothing", "a;b", "..", "%2f", "%F0%9F%92%A9"):
        assert code(api.get(f"/api/v1/things/{key}")) == (404, "core.not_found")


def test_a_write_with_an_old_version_is_412_and_changes_nothing(api: APIClient, things: list[str]) -> None:
    seen = api.get("/api/v1/things/thing.a")["ETag"]
    assert api.patch("/api/v1/things/thing.a", {"value": 2}, headers={"If-Match": seen}).status_code == 200
    refused = api.patch("/api/v1/things/thing.a", {"value": 3}, headers={"If-Match": seen})
    assert code(refused) == (412, "core.stale")
    assert Setting.objects.get(key="thing.a").value == 2


def test_a_post_with_a_key_is_done_once_and_answered_twice(api: APIClient) -> None:
    first, second = (api.post("/api/v1/things", THING, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.json(), first["Location"]) == (
        second.status_code,
        second.json(),
        second["Location"],
    )
    assert (first.has_header("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (False, "true")
    assert Setting.objects.filter(key="thing.x").count() == 1


def test_a_key_with_another_body_is_409(api: APIClient) -> None:
    api.post("/api/v1/things", THING, headers={"Idempotency-Key": "k1"})
    response = api.post("/api/v1/things/", THING | {"value": 2}, headers={"Idempotency-Key": "k1"})
    assert code(response) == (409, "core.key_reused")


def test_a_refused_post_leaves_its_key_free(api: APIClient, things: list[str]) -> None:
    refused = api.post("/api/v1/things", THING | {"key": "thing.a"}, headers={"Idempotency-Key": "k1"})
    assert (code(refused), IdempotencyKey.objects.count()) == ((409, "core.taken"), 0)


def test_a_verb_with_a_key_answers_like_one_without(api: APIClient, things: list[str]) -> None:
    url = "/api/v1/things/thing.a/seal/"
    answers = [api.post(url, headers={"Idempotency-Key": "k1"}) for _ in range(2)] + [api.post(url)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 3


@pytest.mark.parametrize("key", ["", "a b", "x" * 101, "é"])
def test_a_key_that_is_none_is_400(api: APIClient, key: str) -> None:
    response = api.post("/api/v1/things", THING, headers={"Idempotency-Key": key})
    assert code(response) == (400, "core.bad_idempotency_key")


def test_wrong_fields_are_422_and_wrong_json_is_400(api: APIClient) -> None:
    wrong = api.post("/api/v1/things", {"value": "many"})
    assert (code(wrong), [error["field"] for error in wrong.json()["errors"]]) == (
        (422, "core.invalid"),
        ["key", "value"],
    )
    assert code(api.post("/api/v1/things", b"{", content_type="application/json")) == (400, "core.unparsable")
    assert code(api.post("/api/v1/things", b"a=1", content_type="text/plain")) == (415, "core.unsupported_media_type")
    assert code(api.delete("/api/v1/things")) == (405, "core.method_not_allowed")


def test_nobody_is_401(db: None) -> None:
    assert code(APIClient().get("/api/v1/things")) == (401, "core.not_authenticated")


def test_a_token_acts_within_its_scopes(bob: Person, things: list[str]) -> None:
    client = APIClient()
    token: Any = SimpleNamespace(pk=1, scopes=["things:read", "things:seal"])
    client.force_authenticate(bob, token)
    assert client.get("/api/v1/things").status_code == 200
    assert client.post("/api/v1/things/thing.a/seal/").status_code == 204
    assert code(client.post("/api/v1/things", THING)) == (403, "core.missing_scope")


def test_a_session_post_without_its_csrf_token_is_403(bob: Person) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(bob)
    assert code(client.post("/api/v1/things", THING)) == (403, "core.csrf")
    assert not Setting.objects.filter(key="thing.x").exists()


def test_the_61st_write_in_a_minute_waits(api: APIClient) -> None:
    for _ in range(60):
        assert api.post("/api/v1/things", {}).status_code == 422
    response = api.post("/api/v1/things", {})
    assert (code(response), response["Retry-After"]) == ((429, "core.too_many"), "1")
