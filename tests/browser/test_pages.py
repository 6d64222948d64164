"""Every page that exists, light on a desktop and dark on a phone: axe, policy, console, overflow, the rules of L11."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from portal.accounts.models import Person
from portal.core.web.shell import url_of
from tests.contract import template_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "home", "more", "search", "changes", "styleguide", "requests_list", "requests_new", "triage", "assets_list",
    "imports_list", "teams_list", "me", "inbox", "status", "api_docs",
]  # fmt: skip
MOST_REQUESTS = 6


@pytest.fixture
def aiko(transactional_db: None) -> Person:
    joined = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    return Person.objects.create(handle="aiko", name="Aiko Tan", zone="Europe/Berlin", joined_at=joined, is_admin=True)


@pytest.mark.parametrize("size", ["desktop light", "phone dark"])
def test_no_page_has_a_fault(visit: Callable[..., Visit], aiko: Person, axe: str, size: str) -> None:
    faults: dict[str, list[str]] = {}
    for name in PAGES:
        path = url_of(name)
        if path is None:
            continue
        seen = visit(aiko, size)
        seen.open(path)
        found = [*seen.all_faults(axe), *template_rules.rendered(seen.page.content())]
        found += [f"{len(seen.requests)} requests"] if len(seen.requests) > MOST_REQUESTS else []
        if found:
            faults[name] = found
    assert faults == {}


def test_axe_is_at_hand(axe: str) -> None:
    if not axe:
        pytest.skip("axe-playwright-python is not installed: accessibility is not judged")
    assert axe.startswith("/*! axe v")
