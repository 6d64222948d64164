"""What a team gives in a quarter and to whom, on the page of its shape and for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from requests_queue.models import DataRequest
from requests_queue.queries.asking import Asking, Given, given_by
from tests.app.requests_queue.desk import filed
from tests.app.requests_queue.planning import FEBRUARY, line, locked, opened

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(world: World, clock: MovableClock) -> None:
    """Analytics has a line of the plan; of its requests two took 2 and 4 days, one waits, one is private."""
    clock.set(FEBRUARY)
    plan = opened(world)
    line(world, "One table of orders")
    locked(world, plan)
    for days in (2, 4):
        made = filed(world, at=FEBRUARY - timedelta(days=days + 1))
        DataRequest.objects.filter(pk=made.pk).update(resolved_at=made.filed_at + timedelta(days=days))
    filed(world, at=FEBRUARY)


def test_people_days_waits_and_shares_are_told_by_asking_team(world: World, asked: None) -> None:
    assert given_by(world.data_platform, FEBRUARY) == Given(64.0, (Asking("Analytics", 2, 3.0, 1.0),))


def test_a_private_request_stands_in_no_figure(world: World, asked: None) -> None:
    slow = DataRequest.objects.filter(resolved_at__isnull=False).order_by("filed_at").first()
    assert slow is not None
    DataRequest.objects.filter(pk=slow.pk).update(is_private=True, series="PRV", number="PRV-ABC123")
    assert given_by(world.data_platform, FEBRUARY).askers == (Asking("Analytics", 1, 2.0, 1.0),)
    assert given_by(world.checkout, FEBRUARY) == Given(None, ())


def test_the_page_of_the_shape_and_the_api_say_it(world: World, asked: None) -> None:
    browser = Client()
    browser.force_login(world.alice)
    page = browser.get("/teams/data-platform/shape").content.decode()
    assert "64 people-days this quarter" in page
    assert "3.0 days" in page
    program = APIClient()
    program.force_authenticate(world.alice)
    assert program.get("/api/v1/teams/data-platform/asking").json() == {
        "people_days": 64.0,
        "askers": [{"team": "Analytics", "resolved": 2, "median_days": 3.0, "plan_share": 1.0}],
    }
