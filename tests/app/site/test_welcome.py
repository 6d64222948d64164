"""The first five minutes, step by step: who may, what is refused, and that each can be skipped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.models import Rota, TeamDuty
from ownership.models import Domain
from portal.accounts.models import Invitation, Team
from portal.site.queries.checklist import young_team
from requests_queue.models import PolicyMatch
from tests.world import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
START = {"name": "Growth Data", "pattern": "classic", "discipline": "AE", "model": "centralized", "zone": "UTC",
         "emails": "eve@example.com\n"}  # fmt: skip


@pytest.fixture
def root(client: Client, admin: Person) -> Client:
    client.post("/auth/login/", {"login": admin.email, "password": PASSWORD})
    return client


def test_a_team_starts_with_its_lead_pattern_and_invitations(root: Client, admin: Person) -> None:
    answer = root.post("/welcome/team/", START)
    team = Team.objects.get(slug="growth-data")
    assert (answer.status_code, answer["Location"]) == (303, "/welcome/growth-data/assets/")
    assert list(team.memberships.values_list("person__handle", "role", "discipline")) == [(admin.handle, "lead", "AE")]
    assert Domain.objects.get(name="Growth Data").patterns.get().pattern.slug == "classic"
    assert list(Invitation.objects.values_list("email", "team__slug")) == [("eve@example.com", "growth-data")]


def test_a_bad_address_leaves_nothing_behind(root: Client) -> None:
    answer = root.post("/welcome/team/", START | {"emails": "nonsense"})
    assert (answer.status_code, b"Line 1" in answer.content) == (422, True)
    assert (Team.objects.filter(slug="growth-data").count(), Domain.objects.count()) == (0, 0)


def test_a_taken_name_is_said_with_what_was_typed_kept(root: Client, world: World) -> None:
    answer = root.post("/welcome/team/", START | {"name": "Checkout"})
    assert (answer.status_code, b"has this name already" in answer.content) == (422, True)
    assert b"eve@example.com" in answer.content


def test_only_an_admin_starts_a_team_and_only_its_lead_goes_on(client: Client, world: World) -> None:
    client.post("/auth/login/", {"login": "bob@example.com", "password": PASSWORD})
    pages = ["/welcome/team/", "/welcome/data-platform/assets/", "/welcome/data-platform/test/"]
    assert [client.get(page).status_code for page in pages] == [403, 403, 403]


def test_a_lead_promises_for_their_own_team_and_takes_it_back(client: Client, world: World) -> None:
    client.post("/auth/login/", {"login": "alice@example.com", "password": PASSWORD})
    promise = {"reply_hours": 3, "answer_hours": 12, "quiet_until": "06:30"}
    assert client.post("/welcome/data-platform/promises/", promise).status_code == 303
    assert PolicyMatch.objects.get(team=world.data_platform).policy.name == "Questions to Data Platform"
    assert client.post("/welcome/checkout/promises/", promise).status_code == 403
    assert client.post("/welcome/data-platform/promises/undo").status_code == 303
    assert not PolicyMatch.objects.filter(team=world.data_platform).exists()


def test_each_step_is_skipped_by_a_link_and_found_again(root: Client) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    team = "/welcome/growth-data"
    for step, following in [("assets", "oncall"), ("oncall", "promises"), ("promises", "test")]:
        page = root.get(f"{team}/{step}/")
        assert (page.status_code, page.context["skip"]) == (200, f"{team}/{following}/")
    assert root.get("/welcome/next/")["Location"] == f"{team}/assets/"


def test_a_rota_is_made_of_people_who_exist(root: Client, admin: Person) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    asked = {"members": f"{admin.handle}, nobody-here", "questions": "same"}
    answer = root.post("/welcome/growth-data/oncall/", asked)
    assert (answer.status_code, b"no person nobody-here" in answer.content, Rota.objects.count()) == (422, True, 0)
    root.post("/welcome/growth-data/oncall/", {"members": admin.handle, "questions": "none"})
    assert Rota.objects.get().name == "Growth Data pipelines"
    assert TeamDuty.objects.get(team__slug="growth-data").questions_duty == "none"


def test_a_promise_is_a_policy_of_the_team_for_questions(root: Client) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    given = {"reply_hours": 3, "answer_hours": 12, "quiet_until": "06:30"}
    assert root.post("/welcome/growth-data/promises/", given).status_code == 303
    match = PolicyMatch.objects.get(team__slug="growth-data")
    newest = match.policy.versions.get()
    assert (match.kind, match.rank < 10) == ("question", True)
    assert newest.targets["first_response"] == {"normal": 3 * 3600, "urgent": 2700}
    assert newest.targets["resolution"] == {"normal": 12 * 3600, "urgent": 3 * 3600}
    assert str(TeamDuty.objects.get(team__slug="growth-data").default_until) == "06:30:00"


def test_an_admin_of_an_empty_house_is_led_to_the_first_team(client: Client, admin: Person) -> None:
    client.force_login(admin)
    assert client.get("/welcome/")["Location"] == "/welcome/next/"
    assert client.get("/welcome/next/")["Location"] == "/welcome/team/"
    pages = [client.get(url).content.decode() for url in ("/", "/teams/", "/lineage/")]
    assert ["/welcome/team/" in pages[0], "/teams/new" in pages[1], "No assets yet" in pages[2]] == [True] * 3
    assert client.get("/budget/", follow=True).redirect_chain == [("/teams/", 302)]


def test_when_all_is_done_it_leads_to_my_day(root: Client) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    root.post("/welcome/growth-data/test/", {})
    assert root.get("/welcome/growth-data/test/").context["skip"] == "/"


def test_a_second_tab_gets_409_and_makes_nothing_twice(root: Client, admin: Person) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    again = root.post("/welcome/team/", START | {"emails": ""})
    assert (again.status_code, b"done already" in again.content) == (409, True)
    assert b'href="/welcome/growth-data/assets/"' in again.content
    rota = {"members": admin.handle, "questions": "none"}
    promise = {"reply_hours": 3, "answer_hours": 12, "quiet_until": "06:30"}
    for step, given in (("oncall", rota), ("promises", promise)):
        answers = [root.post(f"/welcome/growth-data/{step}/", given).status_code for _ in range(2)]
        assert answers == [303, 409]
    assert (Team.objects.filter(slug__startswith="growth").count(), Rota.objects.count()) == (1, 1)
    assert PolicyMatch.objects.filter(team__slug="growth-data").count() == 1


def test_each_step_is_taken_back_and_can_be_done_again(root: Client, admin: Person) -> None:
    root.post("/welcome/team/", START)
    root.post("/welcome/growth-data/oncall/", {"members": admin.handle, "questions": "none"})
    root.post("/welcome/growth-data/promises/", {"reply_hours": 3, "answer_hours": 12, "quiet_until": "06:30"})
    page = root.get("/welcome/growth-data/test/").content
    assert page.count(b'/undo"') == 3
    assert root.post("/welcome/growth-data/promises/undo")["Location"] == "/welcome/growth-data/promises/"
    assert root.post("/welcome/growth-data/oncall/undo").status_code == 303
    assert not PolicyMatch.objects.filter(team__slug="growth-data").exists()
    assert Rota.objects.get().is_archived
    assert root.post("/welcome/growth-data/oncall/undo").status_code == 409
    assert root.post("/welcome/growth-data/team/undo")["Location"] == "/welcome/team/"
    assert Team.objects.get(slug="growth-data").archived_at is not None
    assert Invitation.objects.count() == 1  # the mail has left the house


def test_who_leads_nothing_here_takes_nothing_back(root: Client, client: Client, world: World) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    root.logout()
    client.post("/auth/login/", {"login": "bob@example.com", "password": PASSWORD})
    assert client.post("/welcome/growth-data/team/undo").status_code == 403
    assert Team.objects.get(slug="growth-data").archived_at is None


def test_a_young_team_sees_what_is_left_until_all_is_done(root: Client, admin: Person) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    page = root.get("/").content
    assert (b"The first days of Growth Data" in page, b"0 of 8 done" in page) == (True, True)
    root.post("/welcome/growth-data/oncall/", {"members": admin.handle, "questions": "none"})
    page = root.get("/").content
    assert (b"1 of 8 done" in page, b"Say who answers" in page) == (True, False)


def test_the_checklist_goes_with_its_thirty_days_and_shows_to_leads_alone(
    root: Client, world: World, clock: MovableClock
) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    assert young_team(world.bob, clock.now()) is None
    lead = Team.objects.get(slug="growth-data").memberships.get().person
    assert young_team(lead, clock.now()) is not None
    assert young_team(lead, clock.now() + timedelta(days=31)) is None
