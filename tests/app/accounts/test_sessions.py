"""How long a sign-in lasts, what ends it, and what a stranger cannot do to it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from portal.accounts.domain.breached import fingerprint
from portal.accounts.models import Person
from portal.core.models import AuditEntry
from tests.world import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoCaptureOnCommitCallbacks

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LOGIN = "/auth/login/"
ELSE = "another long and boring sentence"


def signed_in(handle: str = "bob", password: str = PASSWORD, address: str = "127.0.0.1") -> Client:
    browser = Client(REMOTE_ADDR=address)
    browser.post(LOGIN, {"login": f"{handle}@example.com", "password": password})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/more/").status_code == 200


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def test_a_session_rests_twelve_hours_after_the_last_act(world: World, clock: MovableClock) -> None:
    browser = signed_in()
    clock.advance(hours=11, minutes=59)
    assert is_in(browser)
    clock.advance(hours=11, minutes=59)
    assert is_in(browser)
    clock.advance(hours=12)
    assert not is_in(browser)


def test_a_page_that_polls_keeps_nobody_signed_in(world: World, clock: MovableClock) -> None:
    browser = signed_in()
    tag = browser.get("/")["ETag"]
    poll = {"HX-Request": "true", "If-None-Match": tag}
    for _ in range(2):
        clock.advance(hours=6, minutes=1)
        browser.get("/", headers=poll)
    assert not is_in(browser)


def test_seven_days_are_the_end_however_busy_somebody_is(world: World, clock: MovableClock) -> None:
    browser = signed_in()
    for _ in range(16):
        clock.advance(hours=10)
        assert is_in(browser)
    clock.advance(hours=8)
    assert not is_in(browser)
    browser.post(LOGIN, {"login": "bob@example.com", "password": PASSWORD})
    assert is_in(browser)


def test_a_cookie_of_an_ended_session_opens_nothing(world: World) -> None:
    browser = signed_in()
    stolen = Client()
    stolen.cookies["sessionid"] = browser.cookies["sessionid"].value
    browser.post("/auth/logout/")
    assert not is_in(stolen)


def test_a_new_password_ends_the_others_and_not_this_one(world: World) -> None:
    here, there = signed_in(), signed_in()
    changed = {"oldpassword": PASSWORD, "password1": ELSE, "password2": ELSE}
    assert here.post("/auth/password/change/", changed).status_code == 302
    assert (is_in(here), is_in(there), UserSession.objects.filter(user=world.bob).count()) == (True, False, 1)


def test_another_second_factor_ends_the_others(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    here, there = signed_in(), signed_in()
    assert here.get("/auth/2fa/totp/activate/").status_code == 200
    now = next(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(here.session["mfa.totp.secret"], now))
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post("/auth/2fa/totp/activate/", {"code": code}).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    reasons = AuditEntry.objects.filter(verb="accounts.door_changed").values_list("reason", flat=True)
    assert "totp activated" in list(reasons)


def test_another_address_ends_the_others(world: World) -> None:
    here, there = signed_in(), signed_in()
    EmailAddress.objects.create(user=world.bob, email="bob.new@example.com", verified=True)
    here.post("/auth/email/", {"email": "bob.new@example.com", "action_primary": ""})
    world.bob.refresh_from_db()
    assert (world.bob.email, is_in(here), is_in(there)) == ("bob.new@example.com", True, False)


def test_ending_one_session_leaves_the_rest(world: World) -> None:
    here, there, third = signed_in(), signed_in(), signed_in()
    row = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/me/sessions/{row.pk}/end").status_code == 303
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, True)
    assert here.post("/me/sessions/end").status_code == 303
    assert (is_in(here), is_in(third)) == (True, False)


def test_somebody_elses_session_is_not_there(world: World) -> None:
    alice, bob = signed_in("alice"), signed_in()
    row = UserSession.objects.get(session_key=alice.session.session_key)
    assert bob.post(f"/me/sessions/{row.pk}/end").status_code == 404
    assert is_in(alice)


def test_a_stranger_behind_another_address_locks_nobody_out(world: World) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for number in range(60):
        stranger.post(LOGIN, {"login": "bob@example.com", "password": f"guess {number}"})
    assert is_in(signed_in(address="203.0.113.10"))


def test_a_stranger_cannot_keep_somebody_from_a_new_password(world: World) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(30):
        stranger.post("/auth/password/reset/", {"email": "bob@example.com"})
    assert is_in(signed_in(address="203.0.113.10"))


def test_a_forged_forwarded_address_gives_no_new_tries(world: World) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for number in range(6):
        tried = {"login": "bob@example.com", "password": PASSWORD if number == 5 else "wrong"}
        answer = stranger.post(LOGIN, tried, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert (b"try again in" in answer.content.lower(), "_auth_user_id" in stranger.session) == (True, False)


def test_a_leaked_password_is_refused_and_the_old_one_stays(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaked = tmp_path / "leaked.txt"
    leaked.write_text("\n".join(sorted([fingerprint(ELSE)[:12], fingerprint("x")[:12]])))
    monkeypatch.setattr(settings, "ENV", dataclasses.replace(settings.ENV, breached_passwords=str(leaked)))
    browser = signed_in()
    changed = {"oldpassword": PASSWORD, "password1": ELSE, "password2": ELSE}
    refused = browser.post("/auth/password/change/", changed)
    assert (refused.status_code, b"list of leaked ones" in refused.content) == (200, True)
    assert Person.objects.get(pk=world.bob.pk).check_password(PASSWORD)


def test_129_characters_are_too_many_and_128_are_not(world: World) -> None:
    browser = signed_in()
    for length, is_taken in ((129, False), (128, True)):
        new = ("long and boring " * 9)[: length - 1] + "x"
        browser.post("/auth/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert Person.objects.get(pk=world.bob.pk).check_password(new) is is_taken
