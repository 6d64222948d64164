"""From an empty house to a team at work, by hand: at most 30 actions and five minutes."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from oncall.models import Rota
from ownership.models import Asset
from portal.accounts.models import Person, Team
from portal.accounts.services.arriving import offer_setup
from portal.core import clock
from portal.engine.models import Delivery, Notice
from requests_queue.models import PolicyMatch
from tests.app.ownership.manifests import shop
from tests.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_ACTIONS, MOST_SECONDS = 30, 300


class Hands:
    """Types, picks and presses, and counts it."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 1  # the link that was opened

    def type(self, field: str, text: str) -> None:
        self.page.fill(f"#id_{field}", text)
        self.actions += 1

    def press(self) -> None:
        with self.page.expect_navigation():
            self.page.click("main button.primary")
        self.actions += 1

    def attach(self, field: str, path: Path) -> None:
        self.page.set_input_files(f"#id_{field}", path)
        self.actions += 1


@pytest.mark.parametrize("size", ["desktop light", "phone dark"])
def test_a_new_team_works_in_five_minutes(
    visit: Callable[..., Visit], axe: str, tmp_path: Path, size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(shop(owner="ana@example.com")))
    seen = visit(None, size)
    began = time.monotonic()
    hands = Hands(seen.open(f"/welcome/{offer_setup(at=clock.now())}"))
    _arrive(hands)
    faults = _found(hands, seen, axe, path)
    hands.page.wait_for_url(seen.base + "/")
    took = time.monotonic() - began
    with capsys.disabled():
        sys.stdout.write(f"\nwelcome, {size}: {hands.actions} actions, {took:.1f} s\n")
    assert {place: found for place, found in faults.items() if found} == {}
    assert (hands.actions <= MOST_ACTIONS, took < MOST_SECONDS) == (True, True)
    assert _house() == {
        "team": "Data Platform", "led_by": ["ana"], "assets": True, "rota": ["ana"], "promise": ["question"],
        "page": ["ana"], "arrived": 1,
    }  # fmt: skip


def _arrive(hands: Hands) -> None:
    """The first account, by the link that was printed, and its first sign-in."""
    facts = {"name": "Ana Ruiz", "email": "ana@example.com", "handle": "ana", "password": PASSWORD}
    for field, text in facts.items():
        hands.type(field, text)
    hands.press()
    hands.type("login", "ana@example.com")
    hands.type("password", PASSWORD)
    hands.press()


def _found(hands: Hands, seen: Visit, axe: str, manifest: Path) -> dict[str, list[str]]:
    """The five steps, most of them as they are offered; returns what was wrong on each page."""
    faults: dict[str, list[str]] = {}
    hands.type("name", "Data Platform")
    hands.press()
    hands.attach("file", manifest)
    for _ in ("read", "take in", "rota", "promises", "test page"):
        faults[hands.page.url.removeprefix(seen.base)] = seen.all_faults(axe)
        hands.press()
    return faults


def _house() -> dict[str, Any]:
    """What stands afterwards, read from each room."""
    team = Team.objects.get(is_system=False)
    rota = Rota.objects.get(team=team)
    return {
        "team": team.name,
        "led_by": list(Person.objects.filter(memberships__team=team).values_list("handle", flat=True)),
        "assets": Asset.objects.filter(slug="fct_orders").exists(),
        "rota": sorted(set(rota.planned_shifts.values_list("person__handle", flat=True))),
        "promise": list(PolicyMatch.objects.filter(team=team).values_list("kind", flat=True)),
        "arrived": Delivery.objects.filter(
            notice__kind="engine.test", channel="inbox", delivered_at__isnull=False
        ).count(),
        "page": list(Notice.objects.filter(kind="engine.test").values_list("recipient__handle", flat=True)),
    }
