"""Guessed owners by keys alone: forty answers fit into five minutes, and the last one is taken back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ownership.models import Ownership
from portal.core import clock
from tests.app.ownership.importing import applied_file
from tests.app.ownership.manifests import applied, manifest, node
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
FORTY, FIVE_MINUTES = 40, 300


def accepted() -> int:
    return Ownership.objects.filter(state="accepted").count()


def test_forty_owners_are_confirmed_by_key_within_five_minutes(visit: Callable[..., Visit]) -> None:
    at = clock.now()
    lead = make_person("alice", team=make_team("core-data", discipline="DE"), discipline="DE", role="lead")
    nodes = [node(f"model.shop.m{n:02}", original_file_path=f"models/m{n:02}.sql") for n in range(FORTY)]
    applied(manifest(*nodes), at)
    applied_file("codeowners", "/models/ alice@example.com\n", at)
    page = visit(lead).open("/proposals/")
    started = time.monotonic()
    for n in range(FORTY):
        page.get_by_role("heading", name=f"m{n:02}").wait_for()
        page.wait_for_load_state("domcontentloaded")  # the script that reads keys has run
        page.keyboard.press("y")
    page.get_by_text("All settled", exact=True).wait_for()
    assert (accepted(), time.monotonic() - started < FIVE_MINUTES) == (FORTY, True)
    page.keyboard.press("z")
    page.get_by_role("heading", name="m39").wait_for()
    assert accepted() == FORTY - 1
