"""Doors whose right is a key: a link that confirms an address, and one's own authenticators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.world import PASSWORD

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def bobs(world: World) -> Client:
    """Bob, who gave his password a moment ago."""
    client = Client()
    client.post("/auth/login/", {"login": world.bob.email, "password": PASSWORD})
    return client


def authenticator(person: Person, kind: str) -> Authenticator:
    return Authenticator.objects.create(user=person, type=kind, data={"name": "Key", "secret": "x", "credential": {}})


def names() -> list[str]:
    return [row.data["name"] for row in Authenticator.objects.filter(type="webauthn")]


def test_the_link_of_a_mail_confirms_its_address_and_an_altered_one_nothing(bobs: Client, world: World) -> None:
    address = EmailAddress.objects.create(user=world.bob, email="bob@new.example", verified=False)
    key = EmailConfirmationHMAC(address).key
    bobs.post(f"/auth/confirm-email/{key[:-1]}x/")
    address.refresh_from_db()
    assert address.verified is False
    assert bobs.post(f"/auth/confirm-email/{key}/").status_code == 302
    address.refresh_from_db()
    assert address.verified is True


def test_one_takes_off_ones_own_app_after_a_fresh_proof(bobs: Client, world: World) -> None:
    page, stale = "/auth/2fa/totp/deactivate/", Client()
    stale.force_login(world.bob)
    authenticator(world.bob, "totp")
    assert "/auth/reauthenticate/" in stale.post(page).headers["Location"]
    assert Authenticator.objects.filter(user=world.bob).count() == 1
    assert bobs.post(page).status_code == 302
    assert Authenticator.objects.filter(user=world.bob).count() == 0


def test_nobody_takes_off_the_app_of_somebody_else(bobs: Client, world: World) -> None:
    authenticator(world.carol, "totp")
    bobs.post("/auth/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=world.carol).count() == 1


def test_one_renames_and_removes_ones_own_passkey_and_nobody_elses(bobs: Client, world: World) -> None:
    own, other = authenticator(world.bob, "webauthn"), authenticator(world.carol, "webauthn")
    for verb in ("edit", "remove"):
        answer = bobs.post(f"/auth/2fa/webauthn/keys/{other.pk}/{verb}/", {"name": "Mine now"})
        assert answer.status_code == 404
    assert names() == ["Key", "Key"]
    assert bobs.post(f"/auth/2fa/webauthn/keys/{own.pk}/edit/", {"name": "Blue key"}).status_code == 302
    assert sorted(names()) == ["Blue key", "Key"]
    assert bobs.post(f"/auth/2fa/webauthn/keys/{own.pk}/remove/").status_code == 302
    assert list(Authenticator.objects.all()) == [other]
