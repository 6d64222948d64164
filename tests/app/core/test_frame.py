"""What every page prints around its content."""

from __future__ import annotations

from portal.core.templatetags.portal import fixed, nav_items
from portal.core.web.shell import NavItem


def item(key: str, **facts: object) -> NavItem:
    given = {"label": "A & <b>", "url": "/a?b=1&c=2", "icon": "database", "shortcut": "", "count": None} | facts
    return NavItem(key, **given)  # type: ignore[arg-type] # the table above


def test_the_page_one_is_on_is_marked_and_a_count_is_shown() -> None:
    shown = nav_items([item("here", shortcut="g a", count=3), item("there", count=0)], "here")
    here, there, end = shown.split("</a>")
    assert here.startswith('<a class="nav" href="/a?b=1&amp;c=2" data-key="g a" aria-current="page"><svg')
    assert here.endswith('A &amp; &lt;b&gt;<span class="n">3</span>')
    assert there.startswith('<a class="nav" href="/a?b=1&amp;c=2"><svg')
    assert there.endswith("A &amp; &lt;b&gt;")
    assert end == ""


def test_what_is_seldom_wanted_is_folded_unless_one_is_there() -> None:
    items = [item("often"), item("seldom", is_minor=True)]
    often, rest = nav_items(items, "often").split("</a><details>")
    assert often.startswith('<a class="nav" href="/a?b=1&amp;c=2" aria-current="page">')
    assert rest.startswith('<summary class="nav">')
    assert "<details open>" in nav_items(items, "seldom")


def test_a_part_that_never_differs_is_printed_once() -> None:
    assert fixed("components/mark.html") is fixed("components/mark.html")
    assert '<span class="mark">' in fixed("components/mark.html")
