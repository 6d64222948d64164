from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.engine.models import Delivery, Notice
from portal.engine.services.wording import acknowledge_url

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_three_in_berlin(clock: MovableClock) -> None:
    clock.set(NOW)


@pytest.fixture
def notice(aiko: Person) -> Notice:
    return Notice.objects.create(
        recipient=aiko, kind="fct_orders is late", dedup_key="one", subject_type="test.thing", subject_id=7,
        severity="page", created_at=NOW, is_acknowledgeable=True,
    )  # fmt: skip


@pytest.fixture
def link(notice: Notice) -> str:
    delivery = Delivery.objects.create(notice=notice, channel="email", destination_ref="x", address="a@b.c", run_at=NOW)
    return "/a/" + acknowledge_url(delivery.pk).rsplit("/", 1)[1]


def test_opening_the_link_shows_the_button_and_confirms_nothing(client: Client, notice: Notice, link: str) -> None:
    page = client.get(link).content.decode()
    notice.refresh_from_db()
    assert "fct_orders is late" in page
    assert "m on it" in page
    assert notice.state == "open"


def test_the_button_acknowledges_without_sign_in(client: Client, notice: Notice, link: str) -> None:
    page = client.post(link).content.decode()
    notice.refresh_from_db()
    assert "Acknowledged. Nobody else is called." in page
    assert (notice.state, notice.acknowledged_via) == ("acknowledged", "link")


def test_a_second_tap_says_when_it_happened_in_the_persons_zone(client: Client, link: str, clock: MovableClock) -> None:
    client.post(link)
    clock.advance(minutes=9)
    page = client.post(link).content.decode()
    assert "Acknowledged today 03:08 by Aiko Tan. Nobody else is called." in page
    assert "m on it" not in page


def test_a_link_is_dead_after_a_day(client: Client, link: str, clock: MovableClock) -> None:
    clock.set(NOW + timedelta(hours=24, seconds=1))
    assert client.get(link).status_code == 404


def test_an_altered_link_looks_like_one_that_never_was(client: Client, link: str, notice: Notice) -> None:
    assert client.post(link[:-2] + "xx").status_code == 404
    notice.refresh_from_db()
    assert notice.state == "open"


def test_the_button_needs_the_mark_of_its_page(link: str, notice: Notice) -> None:
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    notice.refresh_from_db()
    assert notice.state == "open"
