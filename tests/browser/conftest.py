"""A real Chromium from PATH against the live server; without one these tests are skipped, and say so."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
    from pytest_django.live_server_helper import LiveServer

    from portal.accounts.models import Person

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--lang=en-GB",
]
SIZES: dict[str, dict[str, Any]] = {
    "desktop light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone dark": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "is_mobile": True,
        "has_touch": True,
    },
}
# Runs before any script of the page.
OBSERVE = """
window.__csp = [];
document.addEventListener('securitypolicyviolation', e => __csp.push(e.violatedDirective + ' ' + e.blockedURI));
"""
AXE = """() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
  rule => rule.id + ': ' + rule.nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ')))"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility engine as text; empty without the package that carries it."""
    try:
        return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        return ""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome on PATH: the browser leg is skipped")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Visit:
    """One open page, and what went wrong on it."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def all_faults(self, axe: str) -> list[str]:
        """Console errors, policy violations, sideways overflow, foreign requests, accessibility."""
        found = [*self.faults, *self.page.evaluate("() => window.__csp")]
        found += [f"foreign {url}" for url in self.requests if not url.startswith(self.base)]
        overflow = self.page.evaluate(OVERFLOW)
        found += [f"overflow {overflow} px"] if overflow > 0 else []
        if axe:
            self.page.evaluate(axe)
            found += self.page.evaluate(AXE)
        return found


Open = "Callable[..., Visit]"


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Visit]]:
    """`visit(person, "phone dark")`: a fresh context, signed in as the person if one is given."""
    contexts: list[BrowserContext] = []

    def start(person: Person | None = None, size: str = "desktop light", *, scripts: bool = True) -> Visit:
        context = chromium.new_context(**SIZES[size], java_script_enabled=scripts)
        contexts.append(context)
        context.add_init_script(OBSERVE)
        if person is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": _session(person), "url": live_server.url}]
            )
        seen = Visit(context.new_page(), live_server.url)
        seen.page.on("console", lambda message: _note(seen, message))
        seen.page.on("pageerror", lambda error: seen.faults.append(f"script {error}"))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        return seen

    yield start
    for context in contexts:
        context.close()
    _wait_for_quiet()


def _wait_for_quiet() -> None:
    """What a page asked for when it was closed may still be answered; emptying the tables beside it is a deadlock."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(f"{busy} AND pid <> pg_backend_pid()")
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.02)


def _note(seen: Visit, message: ConsoleMessage) -> None:
    if message.type == "error":
        seen.faults.append(f"console {message.text}")


def _session(person: Person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
