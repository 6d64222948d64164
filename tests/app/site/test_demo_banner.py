"""Whoever looks at the demo is told so on every page; nobody else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core.models import Setting

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
WORDS = "This is the demo workspace: nothing leaves but local mail."


@pytest.mark.parametrize("page", ["/", "/assets/", "/requests/", "/requests/new", "/status/", "/teams/", "/inbox/"])
def test_a_page_of_the_demo_says_that_it_is_the_demo(browser: Client, page: str) -> None:
    Setting.objects.create(key="demo", value=True)
    assert browser.get(page).content.decode().count(WORDS) == 1


def test_the_sign_in_of_the_demo_says_so_too(client: Client) -> None:
    Setting.objects.create(key="demo", value=True)
    assert WORDS in client.get("/auth/login/").content.decode()


def test_a_real_workspace_has_no_such_banner(browser: Client) -> None:
    assert WORDS not in browser.get("/").content.decode()
