"""How long a suggestion takes in a real Chromium: from the page's question to the drawn list (spec faq 12).

Fifteen thousand published answers, two granian workers as `make up` runs them, one person who types.
"""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.test import Client
from playwright.sync_api import sync_playwright

from bench.installation import ROOT, vacuum
from bench.lines import Line
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.people import create_person
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.clock import now
from requests_queue.domain.answering import EntryState
from requests_queue.models import FaqAnswer, FaqEntry, FaqPhrase
from requests_queue.services.phrases import write_phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from portal.accounts.models import Person

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
RANDOM_VECTORS = (
    "UPDATE requests_queue_faqphrase AS phrase SET embedding ="
    " (SELECT l2_normalize(array_agg(random() - 0.5)::vector)::halfvec"
    "  FROM generate_series(1, 384) WHERE phrase.id > 0)"
)
ROUNDS = 60
WARM = 6
# The pause of 300 ms after the last key is wanted and not counted: the clock runs from the question to the drawn list.
WATCH = """
window.__asked = 0; window.__took = null;
const isOurs = event => event.detail.pathInfo?.requestPath?.startsWith('/requests/suggest');
document.addEventListener('htmx:beforeRequest', event => {
  if (isOurs(event)) { window.__asked = performance.now(); window.__took = null; }
});
document.addEventListener('htmx:afterSettle', event => {
  if (event.target.id === 'suggest') {
    requestAnimationFrame(() => { window.__took = performance.now() - window.__asked; });
  }
});
"""


def measure(size: int, sentence: Callable[[random.Random], str]) -> Iterator[Line]:
    """One line, or none where there is no Chromium; it says so."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        print("no Chromium on PATH: the line in the browser is left out", file=sys.stderr)
        return
    draw = random.Random(size)
    key = session(fill(size, draw, sentence))
    with served() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": base}])
        page = context.new_page()
        page.goto(f"{base}/requests/new", wait_until="load")
        page.evaluate(WATCH)
        took = [ask(page, sentence(draw)) for _ in range(ROUNDS + WARM)][WARM:]
        browser.close()
    worst = sorted(took)[int(len(took) * 0.95)]
    yield Line("h", f"in Chromium p95 at {size:,} wordings", worst, "ms", ROUNDS, goal_at_most=150)


def ask(page: Page, text: str) -> float:
    """Milliseconds until the list for this title is drawn."""
    page.evaluate("window.__took = null")
    page.locator("#id_title").fill(text)
    while (took := page.evaluate("window.__took")) is None:  # the page's policy forbids Playwright's own waiting
        page.wait_for_timeout(20)
    return float(took)


def fill(size: int, draw: random.Random, sentence: Callable[[random.Random], str]) -> Person:
    """Published answers of one team that everybody may read; returns somebody who asks."""
    at = now()
    team = create_team(actor=None, slug="bench-answers", profile=TeamProfile(name="Bench Answers"), at=at)
    asker = create_person(
        actor=None, handle="bench-asker", name="Ada Lind", email="ada@bench.test", zone="UTC", password="", at=at
    )
    add_member(actor=None, team=team, person=asker, place=Place(since=date(2020, 1, 1)), at=at)
    entries = FaqEntry.objects.bulk_create(
        FaqEntry(slug=f"bench-{n}", team=team, owner=asker, created_at=at, updated_at=at) for n in range(size)
    )
    FaqAnswer.objects.bulk_create(FaqAnswer(entry=entry, n=1, body="As it is.", created_at=at) for entry in entries)
    newest = FaqAnswer.objects.filter(entry=OuterRef("pk")).values("pk")[:1]
    FaqEntry.objects.filter(team=team).update(current=Subquery(newest), state=EntryState.PUBLISHED.value)
    for start in range(0, size, 1000):
        write_phrases(
            [
                FaqPhrase(entry=entry, text=f"{sentence(draw)} {entry.pk}", is_canonical=True, is_public=True)
                for entry in entries[start : start + 1000]
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute(RANDOM_VECTORS)
    vacuum()
    return asker


@contextmanager
def served() -> Iterator[str]:
    """The portal behind granian with two workers, as `make up` starts it; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "4", "portal.wsgi:application",
    ]  # fmt: skip
    web = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait(30)


def session(person: Person) -> str:
    """The key of a signed-in session."""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    message = "The portal did not start within a minute."
    raise RuntimeError(message)
