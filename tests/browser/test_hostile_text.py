"""What a stranger writes runs in no page: a real browser reads them, with the policy of the portal and without it.

The portal answers in this process: the browser's network is the test client, so that nothing has to be committed. Pages
stand side by side in frames of one page; `frame-ancestors` alone is taken away for that.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.staticfiles import finders

from portal.core.models import RateBucket
from portal.site.queries.api_schema import scopes
from tests.contract.cast import make_cast
from tests.contract.content import fill
from tests.contract.doors import body_of, doors, share
from tests.contract.furniture import furnish
from tests.contract.stations import furnish_running
from tests.contract.test_permission_matrix import A_WORKING_DAY
from tests.security.test_hostile_text import MARK, PAYLOADS, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.test import Client
    from playwright.sync_api import Browser, Dialog, Route

    from tests.conftest import MovableClock
    from tests.contract.cast import Cast
    from tests.contract.doors import Door

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
HOUSE = "http://headwater.test"
# What the reader of `tests/security` knows, and what needs a browser: its own events, its own requests, Markdown.
TEXTS = (
    *(text for text in PAYLOADS if text.isprintable() and len(text) < 100),
    f"<details open ontoggle={MARK}()>", f"<input autofocus onfocus={MARK}()>", f"<body onload={MARK}()>",
    f"<svg><animate onbegin={MARK}() attributeName=x dur=1s>", f"<video><source onerror={MARK}()>",
    f"<img srcset=//{MARK}/i.png>", f"<style>@import '//{MARK}/s.css'</style>", f"<embed src=//{MARK}>",
    f"<script src=//{MARK}/s.js></script>", f"</script><script>{MARK}()</script>", f"'-{MARK}()-'", f"`${{{MARK}()}}`",
    f"<iframe srcdoc='<script>parent.{MARK}()</script>'>", f"<svg><use href=//{MARK}/u.svg#x>", f"<x style=x:{MARK}()>",
    f"![x](//{MARK}/m.png)", f"[x](javascript:{MARK}())", f"[x](data:text/html,<script>{MARK}()</script>)",
    f"<javascript:{MARK}()>", f'![x](https://{MARK}/n.png "x" onerror="{MARK}()")',
)  # fmt: skip
WHOLE = "\n".join(TEXTS)
TAKEN = frozenset({201, 202, 204, 302, 303})
LONG = frozenset({"body", "description", "detail", "evidence", "limits", "pitfalls", "purpose", "text"})
# Doors by the fields in which they keep what is typed: `tests/contract/bodies.toml` says the rest of their bodies.
LEAD = """
me name|me_deputy reason|teams_give_grant reason|people_tokens name
assets_new name description grain pitfalls relation repo file_path|domains_new name|domains_edit name
assets_nominate note|boundaries_accept reason|talks_close note|patterns_cell label remedy
handoffs_offer reason|handoffs_check reason|backfills_new reason|backfills_step note|backfills_pause text
backfills_reference text|oncall_note text|incidents_new title detail|upstream_new title evidence
silences_list asset title reason|maintenance_list reason|request-list title body decision_served
requests_message text|requests_split parts|requests_join text|budget_capacity reason|plan_cluster_act name
plan_upkeep reason|requests_excuse reason|faq_new body parameters limits question aliases tags
faq_version body parameters limits|faq_edit question tags|incident-help text|incident-kind phrase|incident-note text
incident-tell text|incident-resolve note|ticket-answer text|ticket-move cause|precheck-results detail
request-answer text|request-appeal text|request-defer text|request-message body
faq-report text|quarter-plan-candidates title why|quarter-plan-items title reason|plan-line-edit title
plan-line-needs what|plan-candidate-delay why|asset-aliases key|asset-experiment decision|asset-trigger job
asset-unowned reason|announcement-list text|crossing-talk note|rota-notes text
"""
ADMIN = """
settings name|people_program name purpose|sla_policy_new name|delivery-requeue reason
engine-pause reason|person-detail name
"""
PAGES = """
requests_list home oncall_rota incidents_detail load backfills_detail me plan_quarter plan_lock assets_manage
teams_detail assets_alias changes inbox budget requests_message_edit faq_edit oncall_changes reviews_detail lineage
boundaries_crossing domains_edit triage conflicts_list plan_line assets_edit runbooks_detail agreements_detail
requests_new oncall_now upstream_list upstream_detail announcements_detail faq_detail backfills_list incidents_list
talks_detail agreements_list faq_version faq_list domains_detail assets_list runbooks_list teams_grants imports_detail
imports_list patterns_detail precheck_page maintenance_page failure_rules sla people_list people_detail me_tokens
people_tokens teams_list me_notifications silence_page exempt_kinds search status team_health handoffs_detail
requests_detail assets_detail plan_growth
"""
WATCH = f"""
window.__ran = [];
window.{MARK} = () => {{ __ran.push('called'); }};
document.addEventListener('securitypolicyviolation', e => __ran.push(e.violatedDirective + ' ' + e.blockedURI));
"""
LOOK = """
mark => [...document.querySelectorAll('iframe')].map(frame => {
  const {contentWindow: page, contentDocument: root, dataset} = frame;
  if (!root) return [dataset.name, ['left the house'], ''];
  const found = [...page.__ran];
  const own = url => !url || new URL(url, page.location).host === page.location.host;
  for (const node of root.querySelectorAll('*')) {
    const tag = node.localName;
    if (/^(iframe|object|embed|base|style|video|animate|template|math)$/.test(tag)) found.push(tag);
    if (/^(script|link|img|source)$/.test(tag) && !own(node.src || node.href)) found.push(tag + ' from elsewhere');
    if (tag === 'script' && !node.src && !/json/.test(node.type)) found.push('inline script');
    if (tag === 'meta' && node.httpEquiv) found.push('meta ' + node.httpEquiv);
    if (tag === 'form' && !own(node.action)) found.push('form to ' + node.action);
    if (node.id.includes(mark)) found.push('id');
    for (const {name, value} of node.attributes) {
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc' || name.includes(mark)) found.push(name);
      if (/^(data-)?hx-/.test(name) && !/vals|headers/.test(name) && value.includes(mark)) found.push(name + value);
      if (/^(href|action|formaction|src)$/.test(name) && /^\\s*(javascript|data):/i.test(value)) found.push(value);
    }
  }
  for (const name of Object.getOwnPropertyNames(page)) if (name !== mark && name.includes(mark)) found.push('global');
  const typed = [...root.querySelectorAll('input, textarea')].map(node => node.value).join(' ');
  const titles = [...root.querySelectorAll('[title], [aria-label]')].map(node => node.title + node.ariaLabel).join(' ');
  return [dataset.name, found, `${root.title} ${root.body.textContent} ${typed} ${titles}`];
})
"""


@dataclass
class House:
    """The portal as the browser's whole network, and what else was asked for."""

    answers: dict[str, tuple[int, dict[str, str], bytes]]
    has_policy: bool = True
    strays: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != HOUSE or MARK in url.path:
            self.strays.append(route.request.url)
            route.abort()
        elif url.path.startswith("/static/"):
            found = str(finders.find(url.path.removeprefix("/static/")))
            route.fulfill(path=found, content_type=guess_type(found)[0])
        else:
            status, headers, body = self.answers.get(url.path, (204, {}, b""))
            route.fulfill(status=status, headers=self._framed(headers), body=body)

    def refuse(self, dialog: Dialog) -> None:
        self.strays.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _framed(self, headers: Mapping[str, str]) -> dict[str, str]:
        kept = {name.lower(): value for name, value in headers.items() if name.lower() != "x-frame-options"}
        policy = kept.pop("content-security-policy", "")
        if self.has_policy and policy:
            assert "script-src 'self'" in policy
            kept["content-security-policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return kept

    def frames(self) -> bytes:
        """One page that shows them all."""
        tags = "".join(f'<iframe data-name="{path}" src="{path}"></iframe>' for path in self.answers)
        return f"<!doctype html><title>All</title>{tags}".encode()


def listed(text: str) -> list[tuple[str, list[str]]]:
    return [(words.split()[0], words.split()[1:]) for words in re.split(r"[|\n]", text.strip())]


def sow(cast: Cast, role: str, wanted: Iterable[tuple[str, list[str]]], known: Mapping[str, Door]) -> set[str]:
    """Send each door what is hostile in each field named, the shorter the more it refuses; who took it."""
    client, short, took = cast.client(role), together(TEXTS), set()
    client.raise_request_exception = False
    for place, (name, names) in enumerate(wanted):
        for long in (WHOLE, *short[place % len(short) :][:3]):
            RateBucket.objects.all().delete()
            parts = {each: long if each in LONG else short[(place + n) % len(short)] for n, each in enumerate(names)}
            answer = _sent(client, cast, known[name], parts)
            assert answer.status_code < 500, (name, answer.status_code)
            if answer.status_code in TAKEN or (known[name].is_api and answer.status_code == 200):
                took.add(name)
                break
            if not LONG & set(names):
                place += 1  # noqa: PLW2901 (the next text)
    return took


def _sent(client: Client, cast: Cast, door: Door, hostile: dict[str, str]) -> Any:
    body, kind = cast.body(door)
    if door.is_api:
        return client.generic(door.method, cast.url(door), json.dumps(json.loads(body) | hostile), kind)
    return client.post(cast.url(door), dict(parse_qsl(body.decode())) | hostile)


def drawn(cast: Cast, known: Mapping[str, Door]) -> dict[str, tuple[int, dict[str, str], bytes]]:
    """Each page as the lead's browser gets it."""
    client = cast.client("lead")
    found = {}
    for name in share(PAGES.split(), 0, 2):
        answer = client.get(cast.url(known[name]), {"q": TEXTS[0]} if name == "search" else {}, follow=True)
        assert answer.status_code == 200, (name, answer.status_code)
        found[f"/{name}"] = (answer.status_code, dict(answer.headers), body_of(answer))
    return found


def seen(chromium: Browser, house: House, *, has_policy: bool) -> tuple[dict[str, list[str]], str]:
    """What happened on each page beside showing text, and all their text."""
    house.has_policy = has_policy
    page = chromium.new_context().new_page()
    page.add_init_script(WATCH)
    page.on("dialog", house.refuse)
    page.route("**/*", lambda route: shown(route, house))
    page.goto(f"{HOUSE}/all", wait_until="load")
    looked = page.evaluate(LOOK, MARK)
    page.context.close()
    return {name: found for name, found, _ in looked if found}, "\n".join(text for *_, text in looked)


def shown(route: Route, house: House) -> None:
    if route.request.url == f"{HOUSE}/all":
        route.fulfill(body=house.frames(), content_type="text/html; charset=utf-8")
    else:
        house.answer(route)


def test_the_watch_sees_what_runs(chromium: Browser) -> None:
    """Without it the test below could not fail: each text stands in a page as HTML, and most of them do something."""
    house = House({f"/{n}": (200, {}, f"<!doctype html><p>{text}</p>".encode()) for n, text in enumerate(TEXTS)})
    found, _ = seen(chromium, house, has_policy=False)
    assert (len(found), bool(house.strays)) == (33, True)


def test_nothing_that_was_typed_runs_on_any_page(chromium: Browser, db: None, clock: MovableClock) -> None:
    clock.set(A_WORKING_DAY)
    cast = make_cast(sorted(scopes()), at=A_WORKING_DAY)
    furnish_running(cast)
    fill(cast, [1], at=A_WORKING_DAY, text=WHOLE)
    furnish(cast, at=A_WORKING_DAY)
    known = {door.name: door for door in doors() if door.method != "GET"}
    wanted = [*listed(LEAD), *listed(ADMIN)]
    took = sow(cast, "lead", listed(LEAD), known) | sow(cast, "admin", listed(ADMIN), known)
    house = House(drawn(cast, {door.name: door for door in doors() if door.method == "GET"}))
    for has_policy in (True, False):
        found, text = seen(chromium, house, has_policy=has_policy)
        assert (found, house.strays) == ({}, [])
        assert [each for each in TEXTS if each not in text] == []
    assert {name for name, _ in wanted} - took == set()
