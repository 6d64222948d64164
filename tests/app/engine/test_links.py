"""The acknowledge link: looking changes nothing, the button acknowledges once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.engine.models import Notice
from portal.engine.services.ticking import tick
from portal.engine.services.wording import acknowledge_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.engine.models import Deadline
    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(house: House, arm: Callable[..., Deadline]) -> Notice:
    arm()
    tick(component="engine")
    return Notice.objects.get(kind="house.page")


def _path(notice: Notice) -> str:
    return "/a/" + acknowledge_url(notice.deliveries.get(channel="phone").pk).rpartition("/")[2]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_changes_no_row(client: Client, page: Notice, method: str) -> None:
    response = getattr(client, method)(_path(page))
    page.refresh_from_db()
    assert (response.status_code, page.state, page.read_at) == (200, "open", None)
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "same-origin")


def test_the_page_has_the_title_and_one_button(client: Client, page: Notice) -> None:
    body = client.get(_path(page)).content.decode()
    assert "Thing step 0" in body
    assert body.count("<button") == 1


def test_the_button_acknowledges_as_the_recipient(client: Client, house: House, page: Notice) -> None:
    response = client.post(_path(page))
    page.refresh_from_db()
    assert (response.status_code, page.state, page.acknowledged_by, page.acknowledged_via) == (
        200, "acknowledged", house.alice, "link",
    )  # fmt: skip


def test_a_second_post_shows_who_and_when(client: Client, page: Notice) -> None:
    client.post(_path(page))
    first = Notice.objects.get(pk=page.pk).acknowledged_at
    body = client.post(_path(page)).content.decode()
    assert "by Engine-Alice. Nobody else is called." in body
    assert Notice.objects.get(pk=page.pk).acknowledged_at == first


def test_without_the_csrf_token_nothing_is_acknowledged(page: Notice) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(_path(page)).status_code == 403
    page.refresh_from_db()
    assert page.state == "open"


def test_unknown_altered_and_expired_links_answer_alike(client: Client, page: Notice, clock: MovableClock) -> None:
    path = _path(page)
    bodies = {client.get(bad).content for bad in ("/a/x", path[:-3] + "AAA", "/a/" + "A" * 43)}
    clock.advance(hours=24, seconds=5)
    late = client.get(path)
    bodies.add(late.content)
    assert (late.status_code, len(bodies)) == (404, 1)


def test_a_private_page_names_no_title_and_asks_for_sign_in(client: Client, page: Notice) -> None:
    Notice.objects.filter(pk=page.pk).update(is_private=True)
    body = client.get(_path(page)).content.decode()
    assert "Thing" not in body
    assert "Sign in" in body
    assert client.post(_path(page)).status_code == 404
    page.refresh_from_db()
    assert page.state == "open"


def test_the_twenty_first_try_at_once_is_refused(client: Client, page: Notice) -> None:
    codes = [client.get("/a/x").status_code for _ in range(40)]
    assert codes[:20] == [404] * 20
    assert 429 in codes[20:]
