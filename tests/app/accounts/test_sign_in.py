"""The door of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session

from portal.accounts.models import Invitation, Person
from portal.accounts.services.arriving import Newcomer, accept_invitation, invite_people, offer_setup
from portal.accounts.services.leaving import deactivate_person, run_deactivation
from portal.accounts.services.people import create_service_person
from portal.core.clock import now
from portal.core.errors import Conflict, DomainError, NotAllowed, NotVisible
from tests.world import BEFORE, PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LOGIN = "/auth/login/"
RIGHT = {"login": "bob@example.com", "password": PASSWORD}
WRONG = RIGHT | {"password": "not the password at all"}
NEW = Newcomer("ana", "Ana Ruiz", "a long and boring sentence", email="ana@example.com", zone="Europe/Madrid")


def test_a_person_signs_in_with_mail_and_password(client: Client, bob: Person) -> None:
    response = client.post(LOGIN, RIGHT)
    assert (response.status_code, response["Location"]) == (302, "/")


def test_the_login_page_says_what_this_house_is(client: Client, db: None) -> None:
    response = client.get(LOGIN)
    assert response.status_code == 200
    assert b"who answers at 3 am" in response.content


def test_the_sixth_wrong_password_is_refused_even_if_right(client: Client, bob: Person) -> None:
    for _ in range(5):
        assert b"try again in" not in client.post(LOGIN, WRONG).content.lower()
    assert b"try again in" in client.post(LOGIN, RIGHT).content.lower()
    assert "_auth_user_id" not in client.session


def test_a_stranger_elsewhere_does_not_lock_the_person_out(client: Client, bob: Person) -> None:
    for _ in range(6):
        client.post(LOGIN, WRONG, REMOTE_ADDR="203.0.113.9")
    assert client.post(LOGIN, RIGHT, REMOTE_ADDR="203.0.113.10").status_code == 302


def test_right_passwords_are_not_counted(client: Client, bob: Person) -> None:
    for _ in range(7):
        assert client.post(LOGIN, RIGHT).status_code == 302
        client.post("/auth/logout/")


def test_nobody_signs_up_alone(client: Client, db: None) -> None:
    response = client.post("/auth/signup/", {"email": "eve@example.com", "password1": PASSWORD})
    assert b"By invitation" in response.content
    assert not Person.objects.filter(email="eve@example.com").exists()


def test_a_program_cannot_sign_in(client: Client, world: World) -> None:
    robot = create_service_person(
        actor=None, handle="loader", name="Loader", owner_team=world.checkout, purpose="loads", at=BEFORE
    )
    assert (robot.has_usable_password(), robot.email) == (False, None)
    assert client.post(LOGIN, {"login": "loader", "password": "!"}).status_code == 200


def test_a_leaver_is_out_at_once(client: Client, world: World, admin: Person) -> None:
    client.post(LOGIN, RIGHT)
    deactivate_person(actor=admin, person=world.bob, reason="left", at=now())
    assert (Session.objects.count(), client.get("/").status_code) == (0, 302)
    assert client.post(LOGIN, RIGHT).status_code in (200, 302)
    assert "_auth_user_id" not in client.session


def test_leaving_ends_inactive_and_twice_is_once(world: World, admin: Person) -> None:
    class Silent:
        def tell(self, **facts: object) -> None: ...

    for _ in range(2):
        deactivate_person(actor=admin, person=world.bob, reason="left", at=now())
        run_deactivation({"person_id": world.bob.pk}, Silent())
    world.bob.refresh_from_db()
    assert (world.bob.state, world.bob.deactivated_at is not None) == ("inactive", True)


def test_the_last_admin_stays(admin: Person) -> None:
    with pytest.raises(Conflict) as refusal:
        deactivate_person(actor=admin, person=admin, reason="left", at=now())
    assert refusal.value.code == "accounts.last_admin"


def test_the_setup_link_makes_the_first_admin_once(db: None) -> None:
    secret = offer_setup(at=now())
    ana = accept_invitation(secret=secret, newcomer=NEW, at=now())
    assert (ana.is_admin, ana.zone) == (True, "Europe/Madrid")
    with pytest.raises(NotVisible):
        accept_invitation(secret=secret, newcomer=NEW, at=now())
    with pytest.raises(Conflict):
        offer_setup(at=now())


def test_a_setup_link_ends_after_24_hours(clock: MovableClock) -> None:
    secret = offer_setup(at=now())
    clock.advance(hours=24)
    with pytest.raises(NotVisible):
        accept_invitation(secret=secret, newcomer=NEW, at=now())
    assert not Person.objects.filter(is_admin=True).exists()


def test_an_invitation_leads_into_the_team_and_ends_after_72_hours(world: World, clock: MovableClock) -> None:
    first, second = invite_people(
        actor=world.alice, emails=["ana@example.com", "Eve@Example.com"], team=world.data_platform, at=now()
    )
    ana = accept_invitation(secret=first.secret, newcomer=NEW, at=now())
    assert [row.team.slug for row in ana.memberships.all()] == ["data-platform"]
    clock.advance(hours=72)
    with pytest.raises(NotVisible):
        accept_invitation(secret=second.secret, newcomer=NEW, at=now())


def test_a_known_address_gets_no_invitation_and_no_other_answer(world: World) -> None:
    assert invite_people(actor=world.alice, emails=["bob@example.com"], team=world.data_platform, at=now()) == []


def test_a_bad_line_is_named_and_nobody_is_invited(world: World) -> None:
    with pytest.raises(DomainError) as refusal:
        invite_people(actor=world.alice, emails=["a@example.com", "nonsense"], team=world.data_platform, at=now())
    assert (refusal.value.extra["line"], Invitation.objects.count()) == (2, 0)


def test_only_the_lead_invites_into_a_team(world: World) -> None:
    with pytest.raises(NotAllowed):
        invite_people(actor=world.bob, emails=["a@example.com"], team=world.data_platform, at=now())


def test_a_weak_password_is_refused_with_its_field(db: None) -> None:
    weak = Newcomer("ana", "Ana Ruiz", "too short", email="ana@example.com")
    with pytest.raises(DomainError) as refusal:
        accept_invitation(secret=offer_setup(at=now()), newcomer=weak, at=now())
    assert (refusal.value.code, refusal.value.field, Person.objects.count()) == (
        "accounts.weak_password",
        "password",
        0,
    )
