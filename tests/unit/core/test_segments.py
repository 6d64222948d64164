"""An address finds the same view as among all patterns, by looking at fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, include, path, re_path
from django.urls.resolvers import RoutePattern

from portal.core.web.segments import Segments

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def view(_request: HttpRequest, **_named: str) -> HttpResponse:
    raise AssertionError


PATTERNS: list[URLPattern | URLResolver] = [
    path("", view, name="home"),
    path("assets/new/", view, name="new_asset"),
    path("assets/<str:ref>/", view, name="asset"),
    path("<str:word>/first/", view, name="any_word"),
    path("assets/<str:ref>/first/", view, name="hidden"),
    path("people/", include([path("", view, name="people"), path("<str:handle>/", view, name="person")])),
    path("robots.txt", view, name="robots"),
    re_path(r"^teams/?$", view, name="teams"),
    re_path(r"^teams/(?P<slug>[a-z]+)/?$", view, name="team"),
    re_path(r"^colou?rs/$", view, name="colours"),
]
ADDRESSES = [
    "", "assets/", "assets/new/", "assets/x/", "assets/x/first/", "x/first/", "people/", "people/noor/", "people/a/b/",
    "robots.txt", "robotsxtxt", "teams", "teams/", "teams/data", "teams/data/", "teamsters/", "colors/", "colours/",
    "color/", "nothing/", "assets",
]  # fmt: skip


def found(resolver: URLResolver, address: str) -> tuple[str | None, dict[str, str], str] | None:
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.url_name, match.kwargs, match.route


@pytest.mark.parametrize("prefix", ["", "api/v1/"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_found_as_among_all_patterns(prefix: str, address: str) -> None:
    plain = URLResolver(RoutePattern(prefix), PATTERNS)
    assert found(Segments(prefix, PATTERNS), prefix + address) == found(plain, prefix + address)


def test_a_pattern_that_begins_with_a_variable_keeps_its_place() -> None:
    patterns = [path("<str:word>/", view, name="word"), path("assets/", view, name="assets"), *PATTERNS]
    assert found(Segments("", patterns), "assets/") == ("word", {"word": "assets"}, "<str:word>/")


def test_an_address_without_the_prefix_is_not_there() -> None:
    assert found(Segments("api/v1/", PATTERNS), "teams/") is None


def test_only_patterns_that_may_match_are_tried() -> None:
    with pytest.raises(Resolver404) as none:
        Segments("", PATTERNS).resolve("people/a/b/")
    tried = {str(pattern.pattern) for [pattern, *_] in none.value.args[0]["tried"]}
    assert tried == {"people/", "<str:word>/first/", "robots.txt", "^colou?rs/$"}
