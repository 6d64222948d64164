"""Policies and exempt kinds that an administrator adds, and the year of a calendar (spec sla 5, 9, requests 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.core.models import BusinessCalendar
from requests_queue.models import ExemptKind, PolicyMatch, SlaPolicy
from requests_queue.queries.promises import policy_version_for
from tests.app.requests_queue.desk import TUESDAY

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_new_policy_has_the_promises_of_another_and_applies_to_nothing(world: World, admin: Person) -> None:
    like = SlaPolicy.objects.get(name="Data issues")
    rules = PolicyMatch.objects.count()
    root = browser(admin)
    answer = root.post("/sla/policies/new", {"name": "Night data", "like": str(like.pk)})
    made = SlaPolicy.objects.get(name="Night data")
    assert (answer.status_code, answer["Location"]) == (303, f"/sla/policies/{made.pk}")
    assert made.versions.get().targets == like.versions.latest("n").targets
    assert PolicyMatch.objects.count() == rules
    assert policy_version_for(kind="data_issue", team_id=world.data_platform.pk).policy == like
    again = root.post("/sla/policies/new", {"name": "Night data", "like": str(like.pk)})
    assert (again.status_code, "There is a policy called" in again.content.decode()) == (422, True)


def test_nobody_else_makes_policies_or_exempt_kinds(world: World) -> None:
    like = SlaPolicy.objects.get(name="Data issues")
    policies, kinds = SlaPolicy.objects.count(), ExemptKind.objects.count()
    alice = browser(world.alice)
    assert alice.post("/sla/policies/new", {"name": "Mine", "like": str(like.pk)}).status_code >= 400
    assert alice.post("/sla/exempt-kinds/", {"name": "Mine"}).status_code >= 400
    assert (SlaPolicy.objects.count(), ExemptKind.objects.count()) == (policies, kinds)
    assert "An administrator makes policies" in alice.get("/sla/policies/new").content.decode()


def test_an_exempt_kind_is_added_changed_and_no_longer_offered(world: World, admin: Person) -> None:
    root = browser(admin)
    added = {"name": "Board request", "is_private": "on", "confirmers": "@alice"}
    assert root.post("/sla/exempt-kinds/", added).status_code == 303
    kind = ExemptKind.objects.get(slug="board-request")
    assert (kind.is_private, list(kind.confirmers.all())) == (True, [world.alice])
    page = root.get("/sla/exempt-kinds/?edit=board-request").content.decode()
    assert 'value="@alice"' in page
    twice = root.post("/sla/exempt-kinds/", added)
    assert (twice.status_code, "is taken" in twice.content.decode()) == (422, True)
    root.post("/sla/exempt-kinds/", {"slug": "board-request", "name": "Board of directors", "is_archived": "on"})
    kind.refresh_from_db()
    assert (kind.name, kind.is_private, kind.is_archived, kind.confirmers.count()) == (
        "Board of directors", False, True, 0,
    )  # fmt: skip
    assert "Board of directors" not in browser(world.bob).get("/requests/new").content.decode()
    ghost = root.post("/sla/exempt-kinds/", {"slug": "ghost", "name": "Ghost"})
    assert (ghost.status_code, ExemptKind.objects.filter(slug="ghost").exists()) == (422, False)


def test_the_page_of_a_calendar_shows_its_year(world: World, admin: Person, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    calendar = BusinessCalendar.objects.order_by("pk")[0]
    root = browser(admin)
    form = {"zone": "UTC", "mon": "09:00-18:00", "exceptions": "2027-02-01 * Candlemas\n2027-03-01 09:00-12:00 Half"}
    assert root.post(f"/sla/calendars/{calendar.pk}", form | {"act": "publish"}).status_code == 303
    page = root.get(f"/sla/calendars/{calendar.pk}?year=2027").content.decode()
    assert "The year 2027" in page
    assert "1 Feb: Candlemas" in page
    assert '<span class="text-warn strong"> 1</span>' in page
    for year in ("0", "9999", "x", "²²²²"):
        assert "The year 2026" in root.get(f"/sla/calendars/{calendar.pk}?year={year}").content.decode()
