"""Markdown pages with front matter: title, owner, documents, review_on (spec additions, "documents")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes
from ownership.domain.states import EdgeKind
from ownership.importers.facts import OWNERS, SLUG, AssetFact, EdgeFact, pointer
from ownership.importers.rules import place
from ownership.importers.wording import is_usable_key, listed, owner_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.yaml_records import documents
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "markdown"
FRONT = re.compile(r"\A---\s*\n.*?\n---\s*(?:\n|\Z)", re.DOTALL)
HEADING = re.compile(r"(?m)^#\s+(.+)$")
MOST_HEAD = 64


class MarkdownImporter:
    """One file is one document; what it documents is named by slug."""

    code = SYSTEM
    label = "Markdown page"
    snapshot = False
    precedence = 70

    def sniff(self, head: bytes, filename: str) -> float:
        is_page = filename.casefold().endswith((".md", ".markdown"))
        if head.startswith(b"---") and (is_page or b"\ntitle:" in head):
            return 0.7
        return 0.5 if is_page else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        text = _text_of(stream)
        front = _front(stream, text, issues)
        heading = HEADING.search(text)
        title = _text(front.get("title")) or (heading[1].strip() if heading else "")
        if not title:
            raise Unusable(
                "ownership.markdown_title", "The page has neither a title in its front matter nor a heading.", line=1
            )
        path = _text(front.get("path")) or str(options.get("repo_prefix") or "")
        key = _text(front.get("id")) or path or title
        return Reading(Scope("pages", complete=False), _facts(key, title, path, front, text, options, issues))


def _text_of(stream: TextStream) -> str:
    stream.rewind()
    parts = []
    while block := stream.read():
        parts.append(block)
        if len(parts) > MOST_HEAD:
            break
    return b"".join(parts).decode("utf-8", "replace").replace("\x00", "").replace("\r\n", "\n")


def _front(stream: TextStream, text: str, issues: Issues) -> dict[str, Any]:
    if not FRONT.match(text):
        return {}
    first = next(documents(stream), None)
    if first is None or first.fault or not isinstance(first.value, dict):
        words = first.fault if first else ""
        issues.error("core.yaml_syntax", words or "The front matter is no mapping.", line=first.line if first else 1)
        return {}
    return first.value


def _facts(
    key: str, title: str, path: str, front: dict[str, Any], text: str, options: dict[str, Any], issues: Issues
) -> Iterator[Any]:
    if not is_usable_key(key, issues):
        return
    tags = [tag for tag in listed(front.get("tags")) if isinstance(tag, str)]
    placement = place(
        kinds.DOCUMENT.code, told={}, rules=options.get("rules", ()), fields={"name": title, "path": path}, tags=tags
    )
    body = FRONT.sub("", text).strip()
    yield AssetFact(
        key=key,
        kind=placement.kind,
        name=cut_bytes(clean(title)),
        system=SYSTEM,
        repo=str(options.get("repo") or ""),
        file_path=clean(path)[:1000],
        tier=placement.tier,
        domain=_text(front.get("domain"))[:120],
        description=(_text(front.get("description")) or clean(body))[: min(DESCRIPTION_CHARACTERS, 2000)],
        attrs={SYSTEM: {name: value for name in ("review_on", "url") if (value := _text(front.get(name))[:300])}},
        says={OWNERS: None},
    )
    yield from owner_claims(
        key, front.get("owner", front.get("owners")), system=SYSTEM, issues=issues, place="front matter"
    )
    for slug in _slugs(front.get("documents")):
        if slug != key:
            yield pointer(slug, SLUG)
            yield EdgeFact(slug, key, EdgeKind.REFERENCE.value)


def _slugs(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(clean(item).strip() for item in given if isinstance(item, str) and item.strip()))[:50]


def _text(value: Any) -> str:
    return clean(value).strip() if isinstance(value, str) else ""
