"""Every page that exists, light on a desktop and dark on a phone: axe, policy, console, overflow, the rules of L11."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core import clock
from portal.core.web.shell import url_of
from tests.app.ownership.manifests import applied, shop
from tests.contract import template_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.accounts.models import Person
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "home", "more", "search", "changes", "styleguide", "requests_list", "requests_new", "triage", "assets_list",
    "lineage_start", "imports_list", "teams_list", "me", "inbox", "status", "api_docs",
]  # fmt: skip
DEEPER = ["/assets/fct_orders", "/lineage/fct_orders", "/search?q=orders", "/changes/?days=0"]
SIGNED_OUT = ["/auth/login/", "/auth/password/reset/"]
SIZES = ["desktop light", "phone dark"]
MOST_REQUESTS = 6


@pytest.fixture
def viewer(alice: Person) -> Person:
    """A lead in a house that knows a few assets."""
    applied(shop(), at=clock.now())
    return alice


def _faults(seen: Visit, paths: list[str], axe: str) -> dict[str, list[str]]:
    """What is wrong on each page, opened one after the other in one browser."""
    faults: dict[str, list[str]] = {}
    for path in paths:
        seen.faults.clear()
        seen.requests.clear()
        seen.open(path)
        found = [*seen.all_faults(axe), *template_rules.rendered(seen.page.content())]
        found += [f"{len(seen.requests)} requests"] if len(seen.requests) > MOST_REQUESTS else []
        faults |= {path: found} if found else {}
    return faults


@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_fault(visit: Callable[..., Visit], viewer: Person, axe: str, size: str) -> None:
    paths = [path for path in map(url_of, PAGES) if path is not None]
    assert _faults(visit(viewer, size), [*paths, *DEEPER], axe) == {}


@pytest.mark.parametrize("size", SIZES)
def test_signed_out_pages_have_no_fault(visit: Callable[..., Visit], axe: str, size: str) -> None:
    assert _faults(visit(None, size), SIGNED_OUT, axe) == {}


def test_axe_is_at_hand(axe: str) -> None:
    if not axe:
        pytest.skip("axe-playwright-python is not installed: accessibility is not judged")
    assert axe.startswith("/*! axe v")
