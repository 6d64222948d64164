"""The first five minutes, step by step: who may, what is refused, and that each can be skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oncall.models import Rota, TeamDuty
from ownership.models import Domain
from portal.accounts.models import Invitation, Team
from requests_queue.models import PolicyMatch
from tests.world import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
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


def test_when_all_is_done_it_leads_to_my_day(root: Client) -> None:
    root.post("/welcome/team/", START | {"emails": ""})
    root.post("/welcome/growth-data/test/", {})
    assert root.get("/welcome/growth-data/test/").context["skip"] == "/"
