"""Newcomers who say where they belong, and farewells that can be watched and gone on with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.models import ContactMethod, Deactivation, DeactivationStep, Membership, Person, TeamProposal
from portal.accounts.services import leaving
from portal.accounts.services.anonymizing import NAME, anonymize_person
from portal.accounts.services.leaving import continue_leaving, deactivate_person, reactivate_person
from portal.accounts.services.people import create_person
from portal.accounts.services.placing import ask_for_team, decide_proposal
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from tests.world import make_person

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(world: World) -> Person:
    del world
    return make_person("eve")


def test_a_newcomer_asks_once_and_the_lead_takes_them_in(world: World, newcomer: Person, clock: MovableClock) -> None:
    row = ask_for_team(actor=newcomer, team=world.data_platform, discipline="AE", at=clock.now())
    assert ask_for_team(actor=newcomer, team=world.data_platform, at=clock.now()) == row
    assert Notice.objects.filter(kind="accounts.place_me", recipient=world.alice).count() == 1
    with pytest.raises(NotAllowed):
        decide_proposal(actor=world.bob, proposal=row, is_accepted=True, at=clock.now())
    place = decide_proposal(actor=world.alice, proposal=row, is_accepted=True, at=clock.now())
    assert place is not None
    assert (place.team, place.discipline, place.is_main) == (world.data_platform, "AE", True)
    with pytest.raises(Conflict):
        decide_proposal(actor=world.alice, proposal=row, is_accepted=False, at=clock.now())


def test_a_lead_who_says_no_leaves_the_newcomer_where_they_are(
    client: Client, world: World, newcomer: Person, clock: MovableClock
) -> None:
    row = ask_for_team(actor=newcomer, team=world.data_platform, at=clock.now())
    client.force_login(world.alice)
    assert "says: I am in Data Platform" in client.get("/").content.decode()
    assert client.post(f"/teams/proposals/{row.pk}/decline").status_code == 303
    row.refresh_from_db()
    assert (row.state, Membership.objects.filter(person=newcomer, team=world.data_platform).count()) == ("declined", 0)
    assert "says: I am in" not in client.get("/").content.decode()


def test_the_api_asks_lists_and_decides(world: World, newcomer: Person) -> None:
    api = APIClient()
    api.force_login(newcomer)
    assert api.post("/api/v1/team-proposals/", {"team": "data-platform"}, format="json").status_code == 201
    assert api.get("/api/v1/team-proposals/").json()["results"] == []
    api.force_login(world.alice)
    (row,) = api.get("/api/v1/team-proposals/").json()["results"]
    assert (row["person"], row["team"]) == ("eve", "data-platform")
    assert api.post(f"/api/v1/team-proposals/{row['id']}/decide/", {"accept": True}, format="json").status_code == 204
    assert TeamProposal.objects.get().state == "accepted"


def test_a_farewell_ends_in_the_request_and_shows_each_room(client: Client, world: World, admin: Person) -> None:
    api = APIClient()
    api.force_login(admin)
    before = api.get("/api/v1/people/bob/leaving/").json()
    assert (before["state"], {step["state"] for step in before["steps"]}) == ("active", {"todo"})
    answer = api.post("/api/v1/people/bob/deactivate/", {"reason": "moves on"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (202, "inactive")
    assert {step["state"] for step in answer.json()["steps"]} == {"done"}
    client.force_login(admin)
    assert "Bob Example has left" in client.get("/people/bob/leaving").content.decode()
    assert Deactivation.objects.get().finished_at is not None


def test_without_time_the_rest_waits_and_is_gone_on_with(world: World, admin: Person, clock: MovableClock) -> None:
    gone = deactivate_person(actor=admin, person=world.bob, reason="left", at=clock.now())
    gone = continue_leaving(person=gone, stop_at=time.monotonic() - 1, at=clock.now())
    assert (gone.state, DeactivationStep.objects.filter(state="done").count()) == ("leaving", 0)
    gone = continue_leaving(person=gone, stop_at=time.monotonic() + 60, at=clock.now())
    assert (gone.state, DeactivationStep.objects.exclude(state="done").count()) == ("inactive", 0)


def test_a_room_that_fails_says_why_and_only_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, world: World, admin: Person, clock: MovableClock
) -> None:
    ran: list[str] = []
    problems = [Conflict("oncall.uncovered", "Somebody must take the night first.")]

    def first(person: Person, at: Any) -> None:
        ran.append("first")

    def second(person: Person, at: Any) -> None:
        ran.append("second")
        if problems:
            raise problems.pop()

    steps = [LeavingStep(key, 1, lambda *_: [], run) for key, run in (("a", first), ("b", second))]
    monkeypatch.setattr(leaving, "contributions", lambda _: [lambda step=step: step for step in steps])
    gone = deactivate_person(actor=admin, person=world.bob, reason="left", at=clock.now())
    gone = continue_leaving(person=gone, stop_at=time.monotonic() + 60, at=clock.now())
    row = DeactivationStep.objects.get(key="b")
    assert (gone.state, row.state, row.error) == ("leaving", "failed", "Somebody must take the night first.")
    gone = continue_leaving(person=gone, stop_at=time.monotonic() + 60, at=clock.now())
    assert (gone.state, ran) == ("inactive", ["first", "second", "second"])


def test_a_leaver_is_made_nameless_and_the_handle_stays_used(world: World, admin: Person, clock: MovableClock) -> None:
    bob = world.bob
    ContactMethod.objects.create(person=bob, channel="sms", address="+34600111222", address_hash="x", label="Bob's")
    with pytest.raises(Conflict, match="Close it first"):
        anonymize_person(actor=admin, person=bob, reason="asked", at=clock.now())
    deactivate_person(actor=admin, person=bob, reason="left", at=clock.now())
    bob = continue_leaving(person=bob, stop_at=time.monotonic() + 60, at=clock.now())
    audits = AuditEntry.objects.filter(actor=bob).count()
    gone = anonymize_person(actor=admin, person=bob, reason="asked", at=clock.now())
    assert (gone.name, gone.handle, gone.email) == (NAME, f"left-{bob.pk}", None)
    assert (ContactMethod.objects.get().address, AuditEntry.objects.filter(actor=bob).count()) == ("", audits)
    with pytest.raises(Conflict, match="once was"):
        create_person(actor=admin, handle="bob", name="Bob", email="other@example.com", at=clock.now())
    back = reactivate_person(actor=admin, person=gone, at=clock.now())
    assert back.name == NAME
