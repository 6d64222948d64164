"""The keys on the page of a plan: [ and ] move the focused line across a cut, V gives it a point."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.core import clock
from portal.core.domain.quarter import quarter_of
from requests_queue.models import PlanVote, QuarterPlan
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.plan_opening import draft_plan, open_plan
from tests.contract import template_rules
from tests.world import make_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Visit
    from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL, LARGE = "A small thing", "More than the quarter holds"


@pytest.fixture
def path(world: World) -> str:
    """A plan whose second line does not fit, open for input whatever the day; Bob's team depends on it."""
    at = clock.now()
    quarter = quarter_of(at.date()).following()
    file_request(actor=world.bob, filing=Filing("question", "Why did revenue fall?", world.data_platform), at=at)
    plan = draft_plan(actor=world.alice, team=world.data_platform, quarter=quarter, at=at)
    QuarterPlan.objects.update(opens_at=at, input_closes_at=at + timedelta(days=1), lock_due_at=at + timedelta(days=2))
    open_plan(actor=world.alice, plan=plan, at=at)
    for title, minutes in ((SMALL, 480), (LARGE, 90_000)):
        add_candidate(actor=world.bob, team=world.data_platform, wish=Wish(title, "", minutes), at=at)
    return f"/plan/data-platform/{quarter.label}"


def order(page: Page) -> list[str]:
    """The lines as they stand on the page, with the rank before each."""
    rows = page.locator("li:has(> .rank)")
    return [f"{row.locator('.rank').inner_text()} {row.locator('.title').inner_text()}" for row in rows.all()]


def test_brackets_move_the_focused_line_across_the_cut(visit: Callable[..., Visit], world: World, path: str) -> None:
    page = visit(world.alice).open(path)
    assert order(page) == [f"1 {SMALL}", f"2 {LARGE}"]
    page.get_by_role("link", name=LARGE).focus()
    page.keyboard.press("[")
    page.locator("li:has(> .rank)").first.get_by_role("link", name=LARGE).wait_for()
    assert order(page) == [f"1 {LARGE}", f"2 {SMALL}"]
    page.get_by_role("link", name=LARGE).focus()
    page.keyboard.press("]")
    page.locator("li:has(> .rank)").first.get_by_role("link", name=SMALL).wait_for()
    assert order(page) == [f"1 {SMALL}", f"2 {LARGE}"]


def test_v_gives_the_focused_line_a_point_of_the_voters_team(
    visit: Callable[..., Visit], world: World, path: str
) -> None:
    voter = make_person("elif", team=world.analytics, role="lead")
    page = visit(voter).open(path)
    page.get_by_role("link", name=LARGE).focus()
    page.keyboard.press("v")
    page.locator("button[aria-pressed=true]").wait_for()
    assert list(PlanVote.objects.values_list("candidate__title", "team__slug", "points")) == [(LARGE, "analytics", 1)]


@pytest.mark.parametrize("size", ["desktop light", "phone dark"])
def test_no_page_of_planning_has_a_fault(
    visit: Callable[..., Visit], world: World, path: str, axe: str, size: str
) -> None:
    faults: dict[str, list[str]] = {}
    seen = visit(world.alice, size)
    for place in (
        path,
        f"{path}/lock",
        f"{path}/voters",
        f"{path}/what-if",
        "/budget/data-platform/",
        "/reports/quarter",
    ):
        seen.open(place)
        found = [*seen.all_faults(axe), *template_rules.rendered(seen.page.content())]
        faults |= {place: found} if found else {}
    assert faults == {}
