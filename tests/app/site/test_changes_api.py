"""The list of changes as programs follow it, and acts that are taken back, alone and in groups."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.accounts.models import Grant, Membership
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.grants import give_grant, name_deputy, revoke_grant
from portal.accounts.services.memberships import change_membership, end_membership
from portal.accounts.services.people import update_profile
from portal.accounts.services.teams import update_team
from portal.core.models import AuditEntry
from portal.core.registries import verb_registry
from portal.core.services.audit import record_audit
from portal.core.services.undo import undo_change

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LIST = "/api/v1/changes/"


@pytest.fixture
def api(alice: Person) -> APIClient:
    client = APIClient()
    client.force_login(alice)
    return client


def newest() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def moved(person: Person, zone: str, at: Any, group: UUID | None = None) -> AuditEntry:
    """A change of zone, as a service that works in groups would write it."""
    before = person.zone
    person.zone = zone
    person.save(update_fields=["zone"])
    return record_audit(actor=person, verb="accounts.profile_changed", subject=person, before={"zone": before},
                        after={"zone": zone}, group=group, at=at)  # fmt: skip


def test_a_program_follows_changes_by_number(api: APIClient, alice: Person, clock: MovableClock) -> None:
    first = moved(alice, "Europe/Madrid", clock.now())
    second = moved(alice, "Europe/Berlin", clock.now())
    body = api.get(LIST, {"after": first.pk}).json()
    assert [row["id"] for row in body["results"]] == [second.pk]
    row = body["results"][0]
    assert (row["sentence"], row["actor"]) == ("Alice Example changed the profile of Alice Example", "alice")
    assert row["changed"] == [{"name": "zone", "before": "Europe/Madrid", "after": "Europe/Berlin"}]
    assert (row["is_undoable"], row["no_undo"]) == (True, "")


def test_a_profile_goes_back_to_what_it_was(api: APIClient, alice: Person, clock: MovableClock) -> None:
    update_profile(actor=alice, person=alice, changes={"zone": "Europe/Madrid", "night_from": "21:00"}, at=clock.now())
    entry = newest()
    answer = api.post(f"{LIST}{entry.pk}/undo/")
    alice.refresh_from_db()
    assert (answer.status_code, answer.json()["undoes"]) == (201, entry.pk)
    assert (alice.zone, str(alice.night_from)) == ("UTC", "22:00:00")
    assert api.post(f"{LIST}{entry.pk}/undo/").json()["code"] == "core.undone_already"


def test_what_was_changed_again_is_not_taken_back(api: APIClient, alice: Person, clock: MovableClock) -> None:
    first = moved(alice, "Europe/Madrid", clock.now())
    moved(alice, "Europe/Berlin", clock.now())
    rows = AuditEntry.objects.count()
    answer = api.post(f"{LIST}{first.pk}/undo/")
    assert (answer.status_code, answer.json()["code"]) == (409, "core.undo_superseded")
    alice.refresh_from_db()
    assert (alice.zone, AuditEntry.objects.count()) == ("Europe/Berlin", rows)


def test_a_group_goes_whole_or_not_at_all(api: APIClient, world: World, admin: Person, clock: MovableClock) -> None:
    group = uuid4()
    api.force_login(admin)
    people = [world.alice, world.bob, world.carol]
    for person in people:
        moved(person, "Europe/Madrid", clock.now(), group)
    moved(world.bob, "Europe/Berlin", clock.now())
    answer = api.post(f"{LIST}groups/{group}/undo/", {}, format="json")
    assert (answer.status_code, answer.json()["code"], answer.json()["others"]) == (409, "core.undo_blocked", 2)
    assert [_zone(person) for person in people] == ["Europe/Madrid", "Europe/Berlin", "Europe/Madrid"]
    assert api.post(f"{LIST}groups/{group}/undo/", {"partly": True}, format="json").json() == {"undone": 2}
    assert [_zone(person) for person in people] == ["UTC", "Europe/Berlin", "UTC"]


def test_the_page_of_a_group_offers_the_others_and_a_stranger_finds_no_group(
    api: APIClient, world: World, alice: Person, clock: MovableClock
) -> None:
    group, stranger = uuid4(), Client()
    stranger.force_login(world.dave)
    moved(alice, "Europe/Madrid", clock.now(), group)
    assert "done in one go" in api.get("/changes/").content.decode()
    assert "Undo all of it" in api.get(f"/changes/?group={group}").content.decode()
    assert stranger.post(f"/changes/groups/{group}/undo").status_code == 404
    assert _zone(alice) == "Europe/Madrid"
    assert api.post(f"/changes/groups/{group}/undo")["Location"] == f"/changes/?group={group}"
    assert _zone(alice) == "UTC"


def test_what_a_lead_does_to_a_team_has_an_inverse(world: World, clock: MovableClock) -> None:
    alice, team, at = world.alice, world.data_platform, clock.now()
    update_team(actor=alice, team=team, changes={"name": "Platform", "discipline": "AE"}, at=at)
    undo_change(actor=alice, entry=newest(), at=at)
    team.refresh_from_db()
    assert (team.name, team.discipline) == ("Data Platform", "DE")

    row = Membership.objects.get(person=alice, team=team)
    change_membership(actor=alice, membership=row, changes={"discipline": "AE"}, at=at)
    undo_change(actor=alice, entry=newest(), at=at)
    row.refresh_from_db()
    assert row.discipline == "DE"


def test_rights_deputies_and_absences_end_when_taken_back(world: World, clock: MovableClock) -> None:
    alice, at = world.alice, clock.now()
    today = at.date()
    grant = give_grant(actor=alice, person=world.bob, team=world.data_platform, name="triage", reason="helps",
                       days=(today, None), at=at)  # fmt: skip
    undo_change(actor=alice, entry=_of("accounts.grant_given"), at=at)
    grant.refresh_from_db()
    assert grant.revoked_at == at
    deputy = name_deputy(actor=alice, person=alice, deputy=world.bob, period=(at, at + timedelta(days=2)), at=at)
    undo_change(actor=alice, entry=_of("accounts.deputy_named"), at=at)
    deputy.refresh_from_db()
    assert deputy.ended_at == at
    absence = enter_absence(actor=alice, person=alice, away=Away(today, today), at=at)
    undo_change(actor=alice, entry=_of("accounts.absence_entered"), at=at)
    absence.refresh_from_db()
    assert absence.cancelled_at == at


def test_a_right_that_was_taken_back_is_given_again(world: World, clock: MovableClock) -> None:
    alice, at = world.alice, clock.now()
    grant = give_grant(actor=alice, person=world.bob, team=world.data_platform, name="triage", reason="helps",
                       days=(at.date(), None), at=at)  # fmt: skip
    revoke_grant(actor=alice, grant=grant, at=at)
    undo_change(actor=alice, entry=_of("accounts.grant_revoked"), at=at)
    assert Grant.objects.filter(person=world.bob, revoked_at=None).get().reason == "helps"


def test_a_place_that_ended_is_taken_again_and_a_new_one_ends(world: World, clock: MovableClock) -> None:
    bob, at = world.bob, clock.now()
    row = Membership.objects.get(person=bob, team=world.analytics)
    end_membership(actor=None, membership=row, on=at.date(), at=at)
    undo_change(actor=None, entry=_of("accounts.membership_ended"), at=at)
    again = Membership.objects.get(person=bob, during__contains=at.date())
    assert (again.team, again.discipline, again.is_main) == (world.analytics, "DA", True)
    undo_change(actor=None, entry=_of("accounts.member_added"), at=at + timedelta(days=2))
    again.refresh_from_db()
    assert again.during.upper == (at + timedelta(days=2)).date()


@pytest.mark.parametrize("room", ["accounts", "site"])
def test_every_act_has_an_inverse_or_says_why_not(room: str) -> None:
    entries = [entry for verb, entry in verb_registry.items() if verb.startswith(f"{room}.")]
    assert [entry.verb for entry in entries if not (entry.undo or entry.why_no_undo)] == []


def _zone(person: Person) -> str:
    person.refresh_from_db()
    return person.zone


def _of(verb: str) -> AuditEntry:
    return AuditEntry.objects.filter(verb=verb).latest("pk")
