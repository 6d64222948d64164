"""A list with its filters is kept under a name, for oneself or for one's teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.accounts.queries.saved_views import views_of
from portal.accounts.services.saved_views import MOST_VIEWS, save_view
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.models import AuditEntry, SavedView
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("page", ["assets", "gaps", "risks", "requests"])
def test_a_kept_view_is_the_address_of_the_list_and_stands_above_it(world: World, page: str) -> None:
    bob = browser(world.bob)
    kept = "q=orders" if page in {"assets", "requests"} else "tier=1"
    sent = {"page": page, "name": "Mine", "query": f"{kept}&cursor=x", "is_pinned": "on"}
    assert bob.post("/me/views/", sent)["Location"] == f"/{page}/?{kept}"
    assert [(view.page, view.query, view.is_pinned) for view in SavedView.objects.all()] == [(page, kept, True)]
    shown = bob.get(f"/{page}/").content.decode()
    assert f'<a href="?{kept}">Mine</a>' in shown
    assert f'<a href="?{kept}" aria-current="page">Mine</a>' in bob.get(f"/{page}/?{kept}").content.decode()
    assert f'href="/{page}/?{kept}">Mine</a>' in bob.get("/me/views/").content.decode()


def test_the_same_name_again_takes_the_new_address(world: World) -> None:
    for query in ("tier=1", "tier=2"):
        save_view(actor=world.bob, page="assets", name="Tier", query=query, at=clock.now())
    assert views_of(world.bob, "assets") == [("Tier", "tier=2")]


def test_colleagues_of_a_team_see_what_is_shared_and_nobody_else_does(world: World) -> None:
    save_view(actor=world.alice, page="assets", name="Ours", query="tier=1", is_shared=True, at=clock.now())
    save_view(actor=world.alice, page="assets", name="Own", query="tier=2", at=clock.now())
    erin = make_person("erin", team=world.data_platform)
    assert views_of(erin, "assets") == [("Ours", "tier=1")]
    assert views_of(world.dave, "assets") == []


def test_a_list_nobody_knows_and_the_fifty_first_view_are_refused_and_nothing_is_kept(world: World) -> None:
    at = clock.now()
    with pytest.raises(DomainError, match="One of these lists"):
        save_view(actor=world.bob, page="nowhere", name="Mine", query="", at=at)
    for n in range(MOST_VIEWS):
        save_view(actor=world.bob, page="assets", name=f"View {n}", query="tier=1", at=at)
    answer = browser(world.bob).post("/me/views/", {"page": "assets", "name": "One more", "query": "tier=2"})
    assert answer.status_code == 422
    assert "At most 50 kept views of a list." in answer.content.decode()
    assert SavedView.objects.count() == MOST_VIEWS


def test_only_the_owner_forgets_a_view(world: World) -> None:
    view = save_view(actor=world.bob, page="gaps", name="Mine", query="tier=1", is_shared=True, at=clock.now())
    assert browser(world.alice).post(f"/me/views/{view.pk}/forget").status_code == 404
    assert SavedView.objects.count() == 1
    assert browser(world.bob).post(f"/me/views/{view.pk}/forget")["Location"] == "/me/views/"
    assert SavedView.objects.count() == 0
    assert AuditEntry.objects.filter(verb="accounts.view_forgotten").count() == 1


def test_the_api_keeps_lists_and_forgets_views(world: World) -> None:
    program = APIClient()
    program.force_authenticate(world.bob)
    body = {"page": "assets", "name": "Late and mine", "query": "?q=late&cursor=x"}
    made = program.post("/api/v1/me/views/", body, format="json")
    view = SavedView.objects.get()
    facts = {"page": "assets", "name": "Late and mine", "query": "q=late", "owner": "bob"}
    shown = {"id": view.pk, **facts, "is_shared": False, "is_pinned": False}
    assert (made.status_code, made.json()) == (201, shown)
    assert program.get("/api/v1/me/views/?page=assets").json()["results"] == [shown]
    assert program.get("/api/v1/me/views/?page=gaps").json()["results"] == []
    assert program.delete(f"/api/v1/me/views/{shown['id']}/").status_code == 204
    assert SavedView.objects.count() == 0
