"""Every template, the style sheet and the script keep the rules; each rule is shown to bite."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contract import template_rules as rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "portal" / "static" / "portal"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLE = (STATIC / "portal.css").read_text()
SCALE = (STATIC / "scale.css").read_text()
SCRIPT = (STATIC / "portal.js").read_text()
RULES = [
    rules.inline_code,
    rules.banned_attributes,
    rules.foreign_addresses,
    rules.posts,
    rules.gets,
    rules.unescaped,
    rules.dates,
    rules.words,
    rules.size,
    rules.labels,
]
LINK = '<a href="/">x</a>'
SEVEN_TABS = f'<title>A</title><h1>A</h1><nav class="tabs" aria-current="page">{LINK * 7}</nav>'
FAILING = [
    (rules.inline_code, '<p style="color: red">x</p>'),
    (rules.inline_code, "<style>p{}</style>"),
    (rules.inline_code, "<script>go()</script>"),
    (rules.inline_code, '<script src="/x.js"></script>'),
    (rules.banned_attributes, '<a href="#" onclick="go()">x</a>'),
    (rules.banned_attributes, '<a href="#" hx-on:click="go()">x</a>'),
    (rules.banned_attributes, '<input hx-trigger="keyup[ctrlKey]">'),
    (rules.banned_attributes, '<a hx-delete="/x">x</a>'),
    (rules.banned_attributes, '<a href="javascript:go()">x</a>'),
    (rules.foreign_addresses, '<link rel="stylesheet" href="https://cdn.example/x.css">'),
    (rules.foreign_addresses, ".x { background: url(x.png); }"),
    (rules.foreign_addresses, '@import "x.css";'),
    (rules.posts, '<button hx-post="/x">x</button>'),
    (rules.posts, '<form method="post" action="/x" hx-post="/x">{% csrf_token %}</form>'),
    (rules.posts, '<form method="post" action="/x"></form>'),
    (rules.gets, '<div hx-get="/x"></div>'),
    (rules.gets, '<a href="/y" hx-get="/x">x</a>'),
    (rules.unescaped, "{{ text|safe }}"),
    (rules.unescaped, "{% autoescape off %}"),
    (rules.icons, '{% icon "no-such-icon" %}'),
    (rules.icons, "<svg></svg>"),
    (rules.icons, '<button>{% icon "x" %}</button>'),
    (rules.dates, '{{ request.due_at|date:"H:i" }}'),
    (rules.dates, "{{ then|timesince }}"),
    (rules.style_values, ".x { color: red !important; }"),
    (rules.style_values, "#main { color: red; }"),
    (rules.style_values, ".x { font-size: 9px; }"),
    (rules.style_values, "@layer utilities {\n  .x { color: #abc; }\n}"),
    (rules.words, "<p>Set the priority</p>"),
    (rules.words, "<p>An error occurred</p>"),
    (rules.words, '{% translate "Invalid value" %}'),
    (rules.words, "<p>Loading...</p>"),
    (rules.size, "\n" * 121),
    (rules.labels, '<input name="q">'),
    (rules.labels, "<table><tr><td>1</td></tr></table>"),
    (rules.labels, '<div role="img"></div>'),
    (rules.script, "eval(text)"),
    (rules.script, "box.innerHTML = text"),
    (rules.script, "localStorage.x = 1"),
    (rules.rendered, '<title>A</title><h1>A</h1><a data-key="c"></a><a data-key="c"></a>'),
    (rules.rendered, "<title>A</title>"),
    (rules.rendered, "<title> · Headwater</title><h1>A</h1>"),
    (rules.rendered, "<title>A</title><nav></nav><h1>A</h1>"),
    (rules.rendered, '<title>A</title><main><h1>A</h1><a class="btn primary"></a><a class="btn primary"></a></main>'),
    (rules.rendered, SEVEN_TABS),
]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def _may_draw(name: str) -> bool:
    return name.startswith("components/") or "svg" in name


@pytest.mark.parametrize(("rule", "sample"), FAILING)
def test_each_rule_refuses_its_failing_sample(rule: Callable[[str], Iterator[str]], sample: str) -> None:
    assert list(rule(sample)) != []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_keeps_every_rule(path: Path) -> None:
    source = path.read_text()
    faults = [fault for rule in RULES for fault in rule(source)]
    faults += rules.icons(source, may_draw=_may_draw(_name(path)))
    unknown = rules.used_classes(source) - rules.defined_classes(STYLE) - rules.defined_classes(SCALE)
    faults += [f"L8 class {name!r} is not defined" for name in sorted(unknown)]
    assert faults == []


def test_the_style_sheet_keeps_its_rules() -> None:
    assert [*rules.style_values(STYLE), *rules.foreign_addresses(STYLE), *rules.foreign_addresses(SCALE)] == []


def test_every_class_of_the_style_sheet_is_used() -> None:
    places = [*TEMPLATES, STATIC / "portal.js", *ROOT.glob("portal/**/*.py"), *ROOT.glob("requests_queue/**/*.py")]
    places += [*ROOT.glob("ownership/**/*.py"), *ROOT.glob("oncall/**/*.py")]
    text = " ".join(path.read_text() for path in places)
    words = set(re.findall(r"[a-z][\w-]*", text))
    unused = rules.defined_classes(STYLE) - words - {"htmx-request"}  # htmx adds it
    filled_in = tuple(re.findall(r"[\s\"]([a-z]+-)\{\{", text))  # "hue-{{ face.hue }}"
    assert {name for name in unused if not name.startswith(filled_in)} == set()


def test_the_script_keeps_its_rules() -> None:
    for script in STATIC.glob("*.js"):
        assert list(rules.script(script.read_text())) == [], script


SIZES = [(STYLE, 10_000), (SCALE, 3_000), (SCRIPT, 3_072)]


@pytest.mark.parametrize(("text", "limit"), SIZES, ids=["css", "scale", "js"])
def test_style_and_script_stay_small(text: str, limit: int) -> None:
    assert len(gzip.compress(text.encode(), mtime=0)) < limit
