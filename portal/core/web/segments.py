"""Compare an address with the patterns of its first segment, not with all of the portal's five hundred."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import ResolverMatch

LITERAL = re.compile(r"\^?([\w-]*)(?:/|\$|\Z)")
ANY = None


class Segments(URLResolver):
    """Many patterns under one prefix. Only resolving is quicker; their order counts, and they are reversed as ever."""

    def __init__(self, prefix: str, patterns: Sequence[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern(prefix), list(patterns))

    @cached_property
    def _parts(self) -> dict[str | None, URLResolver]:
        """For each first segment, and for any other, a resolver of the patterns that may match."""
        heads = [(_head(pattern), pattern) for pattern in self.url_patterns]
        return {
            segment: URLResolver(self.pattern, [pattern for head, pattern in heads if head in {segment, ANY}])
            for segment in {ANY, *(head for head, _ in heads)}
        }

    def resolve(self, path: str) -> ResolverMatch:
        segment = path.removeprefix(str(self.pattern)).partition("/")[0]
        return self._parts.get(segment, self._parts[ANY]).resolve(path)


def _head(pattern: URLPattern | URLResolver) -> str | None:
    """The first segment, if it has no variable and nothing to choose."""
    found = LITERAL.match(str(pattern.pattern))
    return found[1] if found else ANY
