"""Markdown of people as clean HTML: no raw HTML is read, and what comes out is sanitised again (spec requests 7)."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image").enable("table")
_TAGS = {
    "p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class CleanHtml(str):
    """HTML that nh3 has cleaned; templates print it as it stands."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def clean_html(text: str) -> CleanHtml:
    """The text as a few safe tags; links leave without a referrer and headings become plain lines."""
    return CleanHtml(nh3.clean(_READER.render(text), tags=_TAGS, attributes={"a": {"href"}},
                               url_schemes={"http", "https", "mailto"}))  # fmt: skip
