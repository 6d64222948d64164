"""Text of a stranger is shown as text, on every page that shows it (spec security 14)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from django import forms

from portal.core import clock
from portal.core.models import RateBucket
from tests.contract.cast import MATRIX, Cast, make_cast
from tests.contract.content import fill
from tests.contract.doors import Door, body_of, doors, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

pytestmark = pytest.mark.django_db
MARK = "x41x"
PAYLOADS = (
    f"<script>{MARK}()</script>", f'"><img src={MARK} onerror={MARK}()>', f"'><svg onload={MARK}()>",
    f'" onmouseover="{MARK}()" x="', f"javascript:{MARK}()", f"<a href='javascript:{MARK}()'>x</a>",
    f"<svg><script>{MARK}</script></svg>", f"<math><mtext><style></style><img src=1 onerror={MARK}()>",
    f'<b id="{MARK}">x</b>',
    f'<form action="//{MARK}"><input name=q>', f'<div hx-get="/{MARK}" hx-trigger="load">x</div>',
    f'<div data-hx-post="/{MARK}">x</div>', f'<button hx-on:click="{MARK}()">x</button>', "{{7*7}}" + MARK,
    "{% load x %}" + MARK, "{0.__class__}" + MARK, "${7*7}" + MARK, "#{7*7}" + MARK, f"<style>*{{x:{MARK}}}</style>",
    f"<base href='//{MARK}/'>", f"<meta http-equiv=refresh content='0;url=//{MARK}'>", f"<iframe src=//{MARK}>",
    f"<!--{MARK}", f"--><script>{MARK}()</script>", f"</title><script>{MARK}()</script>",
    f"</textarea><script>{MARK}()</script>", f"<template><p>{MARK}</template>", f"<object data={MARK}>",
    f"<link rel=stylesheet href=//{MARK}>", f"&lt;script&gt;{MARK}&lt;/script&gt;", f"=1+{MARK}", f"@SUM({MARK})",
    f"\u202e{MARK}", f"\u200b{MARK}", f"﷽{MARK}", f"\x00{MARK}", f"🦄{MARK}",
    f"%0d%0aSet-Cookie:{MARK}", f"\r\nX-{MARK}: 1", f"`{MARK}`", MARK * 262_144,
)  # fmt: skip
ROOM = 120  # what the shortest titles hold
SHOWN = {"data-href", "value", "title", "aria-label", "content", "data-copy", "placeholder", "href", "alt", "action"}

LEADS = {"href", "action", "data-href"}


class Page(HTMLParser):
    """Collects where the mark became more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag:
            self.faults.append(tag)
        for name, value in attrs:
            inside = (value or "").startswith(("/", "?", "#")) and not (value or "").startswith("//")
            if MARK in name or (MARK in (value or "") and (name not in SHOWN or (name in LEADS and not inside))):
                self.faults.append(f"<{tag} {name}={(value or '')[:60]!r}>")

    def handle_data(self, data: str) -> None:
        if MARK in data and self.cdata_elem is not None and self.cdata_elem != "textarea":
            self.faults.append(f"<{self.cdata_elem}>{data[:60]}")


def faults(body: bytes) -> list[str]:
    page = Page()
    page.feed(body.decode())
    page.close()
    return page.faults


def faults_of(response: Any) -> list[str]:
    """A page is read as a browser would; what is no page says so, and no browser guesses otherwise."""
    if response.get("Content-Type", "").startswith("text/html"):
        return faults(body_of(response))
    return [] if response["X-Content-Type-Options"] == "nosniff" else ["may be read as a page"]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


def together(payloads: Iterable[str]) -> list[str]:
    """Several payloads in one text of at most `ROOM` characters; what counts at the beginning of a text begins one."""
    texts: list[str] = []
    for payload in payloads:
        begins = payload.startswith(("javascript:", "=", "@", "<!--", "\x00", "\r"))
        if not texts or begins or texts[-1].startswith("\x00") or len(texts[-1]) + len(payload) > ROOM:
            texts.append(payload)
        else:
            texts[-1] += payload
    return texts


def text_fields(door: Door) -> Iterator[str]:
    form = getattr(getattr(door.view, "view_class", None), "form_class", None)
    for name, field in getattr(form, "base_fields", {}).items():
        if isinstance(field, forms.CharField):
            yield name


def test_payloads_stand_together_whole() -> None:
    texts = together(PAYLOADS)
    assert len(texts) == 14
    assert "".join(texts) == "".join(PAYLOADS)


def test_the_reader_of_pages_sees_what_a_browser_would_run() -> None:
    assert [payload for payload in PAYLOADS[:13] if not faults(f"<p>{payload}</p>".encode())] == list(PAYLOADS[3:5])
    assert faults(f"<p>&lt;script&gt;{MARK}()</p><input value='{MARK}'>".encode()) == []


def test_every_text_field_of_every_form_takes_or_refuses_what_is_hostile(cast: Cast) -> None:
    client = cast.client("lead")
    client.raise_request_exception = False
    wrong: list[Any] = []
    for place, door in enumerate(doors()):
        names = list(text_fields(door)) if door.method == "POST" else []
        for payload in share(together(PAYLOADS), place, 3) if names else ():
            RateBucket.objects.all().delete()
            response = client.post(cast.url(door), dict.fromkeys(names, payload))
            if response.status_code >= 500 or faults_of(response):
                wrong.append((door.name, payload[:40], response.status_code, faults_of(response)))
    assert wrong == []


def test_what_is_stored_is_shown_as_text_on_every_page(cast: Cast) -> None:
    """The pages of each object as soon as it is made, and every page when all are."""
    client = cast.client("lead")
    pages = [door for door in doors() if door.method == "GET" and not door.is_api]
    own = [door for door in pages if any(value[0] == "@" for value in MATRIX["names"].get(door.name, {}).values())]
    wrong: dict[str, list[str]] = {}
    for number, payload in enumerate(together(payload for payload in PAYLOADS[:33] if payload.isprintable())):
        fill(cast, [number], at=clock.now(), text=payload)
        wrong |= {f"{door.name} {payload}": found for door in own if (found := faults_of(client.get(cast.url(door))))}
    wrong |= {door.name: found for door in pages if (found := faults_of(client.get(cast.url(door))))}
    assert wrong == {}


def test_what_is_asked_for_is_shown_as_text(cast: Cast) -> None:
    client = cast.client("lead")
    wrong: dict[str, list[str]] = {}
    pages = [door for door in doors() if door.method == "GET" and not door.is_api]
    for place, door in enumerate(pages):
        for payload in share(together(PAYLOADS[:30]), place, 5):
            found = faults_of(client.get(cast.url(door), {"q": payload, "kind": payload, "next": payload}))
            if found:
                wrong[door.name] = found
    assert wrong == {}
