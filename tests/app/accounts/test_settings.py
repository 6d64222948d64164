"""What leads and admins settle: the house, a team, rights, places, programs and their tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import ApiToken, FallbackRecipient, Grant, Membership, Organization, Person
from portal.accounts.queries.people import fallback_names
from portal.accounts.services.people import create_service_person
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core.clock import now
from portal.core.models import AuditEntry
from tests.app.accounts.test_api import code, door
from tests.world import PASSWORD, make_person, make_team

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def browser(handle: str) -> Client:
    client = Client()
    client.post("/auth/login/", {"login": f"{handle}@example.com", "password": PASSWORD})
    return client


def house(**changed: Any) -> dict[str, Any]:
    row = Organization.objects.get(pk=1)
    given = {"name": row.name, "calendar": row.calendar_id, "urgency_tokens": 3, "head_of_data": "", "fallback": "root"}
    return given | changed


def program(world: World, handle: str = "loader") -> Person:
    return create_service_person(
        actor=None, handle=handle, name="Loader", owner_team=world.data_platform, purpose="loads", at=now()
    )


def test_an_admin_keeps_the_house_and_takes_it_back(world: World, admin: Person) -> None:
    page = browser("root")
    assert page.post("/settings/", house()).status_code == 303
    given = house(name="Example Ltd", urgency_tokens=5, head_of_data="@alice", fallback="root\nalice")
    assert page.post("/settings/", given).status_code == 303
    row = Organization.objects.get(pk=1)
    assert (row.name, row.urgency_tokens, row.head_of_data) == ("Example Ltd", 5, world.alice)
    assert fallback_names() == ["root", "alice"]
    for verb in ("accounts.organization_changed", "accounts.fallback_changed"):
        entry = AuditEntry.objects.filter(verb=verb).latest("pk")
        assert page.post(f"/changes/{entry.pk}/undo").status_code == 303
    assert (Organization.objects.get(pk=1).urgency_tokens, fallback_names()) == (3, ["root"])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"fallback": ""}, b"This field is required"),
        ({"fallback": "nobody"}, b"Nobody here is called nobody"),
        ({"fallback": "endpoint:none"}, b"no live endpoint"),
        ({"head_of_data": "nobody"}, b"Nobody is called nobody"),
        ({"urgency_tokens": 21}, b"less than or equal to 20"),
        ({"name": "a\u202eb"}, b"cannot be shown safely"),
    ],
)
def test_a_wrong_setting_names_its_field_and_changes_nothing(
    world: World, admin: Person, wrong: dict[str, Any], says: bytes
) -> None:
    before = (Organization.objects.values().get(pk=1), FallbackRecipient.objects.count())
    answer = browser("root").post("/settings/", house() | wrong)
    assert (answer.status_code, says in answer.content) == (422, True)
    assert (Organization.objects.values().get(pk=1), FallbackRecipient.objects.count()) == before


def test_nobody_but_an_admin_sees_the_settings(world: World) -> None:
    page = browser("alice")
    assert (page.get("/settings/").status_code, page.post("/settings/", house()).status_code) == (403, 403)


def test_the_house_by_api(world: World, admin: Person) -> None:
    assert door(world.bob, "people:read").get("/api/v1/organization").json()["urgency_tokens"] == 3
    refused = door(world.bob, "people:write").patch("/api/v1/organization", {"urgency_tokens": 9})
    assert code(refused) == (403, "accounts.not_allowed")
    api = door(admin, "people:write")
    changed = api.patch("/api/v1/organization", {"head_of_data": "bob", "fallback": ["bob"]}, format="json")
    assert (changed.status_code, changed.json()["head_of_data"], changed.json()["fallback"]) == (200, "bob", ["bob"])
    assert code(api.patch("/api/v1/organization", {"fallback": []}, format="json"))[0] == 422


def test_a_lead_keeps_the_settings_of_the_team(world: World) -> None:
    page = browser("alice")
    calendar = world.data_platform.calendar_id
    given = {"name": "Data Platform", "discipline": "DE", "model": "embedded", "host_team": "checkout", "parent": "",
             "zone": "Europe/Berlin", "calendar": calendar}  # fmt: skip
    assert page.get("/teams/data-platform/settings").status_code == 200
    assert page.post("/teams/data-platform/settings", given).status_code == 303
    world.data_platform.refresh_from_db()
    assert (world.data_platform.host_team, world.data_platform.zone) == (world.checkout, "Europe/Berlin")
    central = page.post("/teams/data-platform/settings", given | {"model": "centralized"})
    assert (central.status_code, b"Only an embedded team has a host" in central.content) == (422, True)
    assert browser("bob").post("/teams/data-platform/settings", given).status_code == 403


def test_team_facts_by_api_name_other_teams_by_slug(world: World) -> None:
    api = door(world.alice, "people:write")
    url = "/api/v1/teams/data-platform/"
    changed = api.patch(url, {"model": "embedded", "host_team": "checkout", "parent": "analytics"}, format="json")
    assert (changed.json()["host_team"], changed.json()["parent"]) == ("checkout", "analytics")
    assert api.patch(url, {"parent": "no-such"}, format="json").status_code == 404
    assert code(api.patch(url, {"parent": "data-platform"}, format="json"))[0] == 422


def test_a_right_is_given_shown_downloaded_and_taken_back(world: World) -> None:
    page = browser("alice")
    today = now().date()
    given = {"handle": "bob", "name": "triage", "since": today, "until": today + timedelta(days=6), "reason": "=helps"}
    assert page.post("/teams/data-platform/grants/new", given).status_code == 303
    row = Grant.objects.get()
    assert row.during.upper == today + timedelta(days=7)
    assert b"Decide what comes in" in page.get("/teams/data-platform/grants").content
    told = b"".join(page.get("/teams/data-platform/grants.csv?person=bob")).decode()
    assert told.splitlines()[1].startswith(f"{row.pk},bob,triage,data-platform,")
    assert "'=helps" in told
    assert browser("bob").post(f"/grants/{row.pk}/end").status_code == 403
    assert page.post(f"/grants/{row.pk}/end").status_code == 303
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_a_lead_cannot_give_exemptions(world: World) -> None:
    given = {"handle": "bob", "name": "exempt", "since": now().date(), "reason": "helps"}
    assert browser("alice").post("/teams/data-platform/grants/new", given).status_code == 403
    assert not Grant.objects.exists()


def test_a_place_is_changed_and_the_last_lead_stays(world: World) -> None:
    page = browser("alice")
    eve = make_person("eve", team=world.data_platform)
    row = Membership.objects.get(person=eve, team=world.data_platform)
    url, given = f"/memberships/{row.pk}", {"role": "lead", "discipline": "AE", "fte_percent": 60, "is_main": "on"}
    assert page.post(url, given).status_code == 303
    row.refresh_from_db()
    assert (row.role, row.discipline, row.fte_percent) == ("lead", "AE", 60)
    page.post(url, given | {"role": "member"})
    mine = Membership.objects.get(person=world.alice, team=world.data_platform)
    refused = page.post(f"/memberships/{mine.pk}", given | {"role": "member", "fte_percent": 100})
    assert (refused.status_code, b"last lead" in refused.content) == (422, True)
    assert door(world.bob, "people:write").patch(f"/api/v1/memberships/{row.pk}", {"role": "lead"}).status_code == 403
    changed = door(world.alice, "people:write").patch(f"/api/v1/memberships/{row.pk}", {"fte_percent": 80})
    assert changed.json()["fte_percent"] == 80


def test_a_team_is_archived_by_admins_alone_and_its_programs_lose_their_tokens(world: World, admin: Person) -> None:
    robot = program(world)
    issue_token(actor=None, person=robot, wish=NewToken("x", ["people:read"]), at=now())
    assert browser("alice").post("/teams/data-platform/archive", {"reason": "merged"}).status_code == 403
    assert ApiToken.objects.get().revoked_at is None
    assert browser("root").post("/teams/data-platform/archive", {"reason": "merged"}).status_code == 303
    assert ApiToken.objects.get().revoked_at is not None


def test_an_admin_makes_a_program_and_its_lead_its_tokens(world: World, admin: Person) -> None:
    given = {"handle": "loader", "name": "Loader", "owner_team": "data-platform", "purpose": "loads the orders"}
    assert browser("alice").post("/admin-setup/program", given).status_code == 403
    made = browser("root").post("/admin-setup/program", given)
    assert (made.status_code, made["Location"]) == (303, "/people/loader/tokens")
    page = browser("alice")
    wish = {"name": "nightly", "scopes": ["people:read"], "days": "90", "networks": ""}
    shown = page.post("/people/loader/tokens", wish)
    assert (shown.status_code, b"hwt_" in shown.content) == (201, True)
    token = ApiToken.objects.get(person__handle="loader")
    assert b"nightly" in page.get("/people/loader/tokens").content
    assert browser("bob").get("/people/loader/tokens").status_code == 403
    assert browser("bob").post(f"/people/loader/tokens/{token.pk}/revoke").status_code == 404
    assert page.post(f"/people/loader/tokens/{token.pk}/revoke").status_code == 303
    token.refresh_from_db()
    assert token.revoked_by == world.alice


def test_an_admin_ends_anybodys_token_and_makes_none_for_a_person(world: World, admin: Person) -> None:
    token, _ = issue_token(actor=world.bob, person=world.bob, wish=NewToken("x", ["people:read"]), at=now())
    page = browser("root")
    wish = {"name": "mine now", "scopes": ["people:read"], "days": "90", "networks": ""}
    assert page.post("/people/bob/tokens", wish).status_code == 403
    assert page.post(f"/people/bob/tokens/{token.pk}/revoke").status_code == 303
    assert ApiToken.objects.get().revoked_by == admin


def test_programs_and_their_tokens_by_api(world: World, admin: Person) -> None:
    given = {"kind": "service", "handle": "loader", "name": "Loader", "owner_team": "data-platform", "purpose": "x"}
    made = door(admin, "people:write").post("/api/v1/people", given)
    assert (made.status_code, made.json()["owner_team"], made.json()["kind"]) == (201, "data-platform", "service")
    lead = door(world.alice, "tokens:write", "people:read")
    wish = {"person": "loader", "name": "nightly", "scopes": ["people:read"], "days": 30}
    token = lead.post("/api/v1/tokens", wish, format="json").json()
    assert token["person"] == "loader"
    assert [row["person"] for row in lead.get("/api/v1/tokens?person=loader").json()["results"]] == ["loader"]
    assert {row["person"] for row in lead.get("/api/v1/tokens").json()["results"]} == {"alice"}
    beyond = lead.post("/api/v1/tokens", wish | {"scopes": ["audit:read"]}, format="json")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "accounts.token_scope")
    longer = lead.post("/api/v1/tokens", wish | {"days": 200}, format="json")
    assert longer.json()["code"] == "accounts.token_scope"
    outsider = door(world.bob, "tokens:write")
    assert outsider.post(f"/api/v1/tokens/{token['id']}/revoke").status_code == 404
    assert code(outsider.post("/api/v1/tokens", wish, format="json"))[0] == 403
    assert lead.post(f"/api/v1/tokens/{token['id']}/revoke").status_code == 200


def test_people_and_teams_come_as_csv_without_addresses(world: World) -> None:
    make_team("archive")
    page = browser("bob")
    people = b"".join(page.get("/people.csv?team=data-platform")).decode()
    assert people.splitlines()[1] == "alice,Alice Example,person,active,data-platform,DE,lead,100,UTC"
    assert (len(people.splitlines()), "@example.com" in people) == (2, False)
    teams = b"".join(page.get("/teams.csv?discipline=DA")).decode()
    assert teams.splitlines()[1].startswith("analytics,Analytics,DA,centralized")


def test_people_are_filtered_by_craft_and_day_and_a_wrong_filter_is_said(world: World) -> None:
    page = browser("bob")
    found = page.get("/people/?discipline=DE").content
    assert (b"Alice Example" in found, b"Carol Example" in found) == (True, False)
    assert page.get("/people/?discipline=XX").status_code == 400
    before = door(world.bob, "people:read").get("/api/v1/people?discipline=DE&at=2019-01-01").json()["results"]
    assert before == []
