"""The API of people and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from portal.accounts.models import Absence, ApiToken, Person
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core.clock import now

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


def door(person: Person, *scopes: str) -> APIClient:
    """A program of the person with these scopes."""
    _, secret = issue_token(actor=person, person=person, wish=NewToken("test", scopes), at=now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_people_are_found_by_number_and_handle(world: World) -> None:
    api = door(world.bob, "people:read")
    assert api.get("/api/v1/people/alice").json()["id"] == world.alice.pk
    assert api.get(f"/api/v1/people/{world.alice.pk}/").json()["handle"] == "alice"
    team = api.get("/api/v1/people?team=data-platform").json()["results"]
    assert [row["handle"] for row in team] == ["alice"]


def test_no_answer_holds_an_address(world: World) -> None:
    api = door(world.bob, "people:read", "absences:read")
    for path in ("people", "people/alice", "teams", "memberships", "grants", "absences"):
        response = api.get(f"/api/v1/{path}")
        assert (response.status_code, b"@example.com" in response.content) == (200, False)


def test_a_token_needs_the_scope_and_its_person_the_right(world: World) -> None:
    given = {"handle": "eve", "name": "Eve", "email": "eve@example.com"}
    assert code(door(world.bob, "people:read").post("/api/v1/people", given)) == (403, "core.missing_scope")
    assert code(door(world.bob, "people:write").post("/api/v1/people", given)) == (403, "accounts.not_allowed")
    assert not Person.objects.filter(handle="eve").exists()


def test_the_lead_places_somebody_by_api(world: World, admin: Person) -> None:
    given = {"handle": "eve", "name": "Eve", "email": "eve@example.com"}
    assert door(admin, "people:write").post("/api/v1/people", given).status_code == 201
    place = {"person": "eve", "team": "data-platform", "discipline": "AE"}
    made = door(world.alice, "people:write").post("/api/v1/memberships", place)
    assert (made.status_code, made.json()["team"], made.json()["until"]) == (201, "data-platform", None)
    again = door(world.alice, "people:write").post("/api/v1/memberships", place | {"is_main": False})
    assert again.status_code in (409, 422)


def test_a_grant_is_given_listed_and_ended(world: World) -> None:
    api = door(world.alice, "people:write", "people:read")
    given = {"person": "bob", "team": "data-platform", "name": "triage", "since": "2020-01-01", "reason": "helps"}
    made = api.post("/api/v1/grants", given)
    assert (made.status_code, code(api.post("/api/v1/grants", given))) == (201, (409, "accounts.grant_overlap"))
    assert api.post(f"/api/v1/grants/{made.json()['id']}/end").status_code == 204
    assert api.get("/api/v1/grants").json()["results"] == []


def test_colleagues_see_days_and_never_why(world: World) -> None:
    today = now().date()
    away = Away(today, today, "sick", note="the flu")
    enter_absence(actor=world.bob, person=world.bob, away=away, at=now())
    shown = door(world.carol, "absences:read").get("/api/v1/absences").json()["results"]
    assert (len(shown), sorted(shown[0])) == (1, ["ends_at", "id", "person", "starts_at", "version"])


def test_an_absence_is_cancelled_by_delete(world: World) -> None:
    api = door(world.bob, "absences:write", "absences:read")
    day = now().date().isoformat()
    made = api.post("/api/v1/absences", {"first_on": day, "last_on": day})
    again = api.post("/api/v1/absences", {"first_on": day, "last_on": day})
    assert (made.status_code, code(again)) == (201, (409, "accounts.absence_overlap"))
    assert api.delete(f"/api/v1/absences/{made.json()['id']}").status_code == 204
    assert Absence.objects.get().cancelled_at is not None


def test_a_token_makes_shows_once_and_revokes_tokens(world: World) -> None:
    api = door(world.bob, "tokens:write", "people:read")
    made = api.post("/api/v1/tokens", {"name": "child", "scopes": ["people:read"], "days": 5})
    assert (made.status_code, made.json()["secret"][:4]) == (201, "hwt_")
    listed = api.get("/api/v1/tokens").json()["results"]
    assert [("secret" in row) for row in listed] == [False, False]
    assert code(api.post("/api/v1/tokens", {"name": "x", "scopes": ["audit:read"], "days": 5})) == (
        422,
        "accounts.token_scope",
    )
    assert api.post(f"/api/v1/tokens/{made.json()['id']}/revoke").status_code == 200
    assert ApiToken.objects.get(name="child").revoked_at is not None
    assert api.get("/api/v1/tokens/nonsense").status_code == 404


def test_names_are_resolved_in_bulk(world: World) -> None:
    names = ["alice", "bob@example.com", "data_platform", "airflow", "who"]
    found = door(world.bob, "people:read").post("/api/v1/identities/resolve", {"names": names}).json()["results"]
    assert found == {
        "alice": {"type": "person", "id": "alice"},
        "bob@example.com": {"type": "person", "id": "bob"},
        "data_platform": {"type": "team", "id": "data-platform"},
        "airflow": None,
        "who": None,
    }


def test_unknown_things_are_not_followed(world: World) -> None:
    api = door(world.bob, "me:write")
    assert api.put("/api/v1/follows/no.such/1").status_code == 404
    assert api.delete("/api/v1/follows/no.such/1").status_code == 204
