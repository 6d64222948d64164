"""A passkey, from being made to opening the door, with a key that Chromium itself plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator

from tests.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from portal.accounts.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in_a_key(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def test_a_passkey_made_once_opens_the_door_without_a_password(
    visit: Callable[..., Any], bob: Person, axe: str
) -> None:
    seen = visit()
    page: Page = seen.open("/auth/login/")
    plug_in_a_key(page)
    page.fill("#id_login", "bob@example.com")
    page.fill("#id_password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(seen.base + "/")
    seen.open("/auth/2fa/webauthn/add/")
    page.fill("#id_name", "My laptop")
    page.check("#id_passwordless")
    assert seen.all_faults(axe) == []
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/2fa/recovery-codes/**")
    assert Authenticator.objects.filter(user=bob, type="webauthn").count() == 1
    page.context.clear_cookies()
    seen.open("/auth/login/")
    assert seen.all_faults(axe) == []
    page.click("#passkey_login")
    page.wait_for_url(seen.base + "/")
    assert "Bob" in page.content()
    assert seen.all_faults(axe) == []
