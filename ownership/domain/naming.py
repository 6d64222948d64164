"""Names as the register keeps them: slugs, relations, clean text (spec import_formats 2)."""

from __future__ import annotations

import re
import unicodedata

from portal.core.limits import NAME_BYTES

SLUG_CHARACTERS = 200
GRAIN_CHARACTERS, PITFALLS_CHARACTERS = 500, 5000
RESERVED_SLUGS = frozenset({"new", "export.csv"})
_NOT_SLUG = re.compile(r"[^a-z0-9._-]+")
_PLAIN = re.compile(r'(?:\w+|"\w+")(?:\.(?:\w+|"\w+"))*')
_PART = re.compile(r'"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([^.]+)')
FULL_RELATION_PARTS = 2


def clean(text: str) -> str:
    """Text the database can hold: no NUL, no lone surrogate, composed form."""
    if text.isascii():
        return text.replace("\x00", "")
    plain = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", plain)


def cut_bytes(text: str, limit: int = NAME_BYTES) -> str:
    """At most `limit` bytes of UTF-8, never half a character."""
    if len(text) * 4 <= limit:  # no character takes more
        return text
    data = text.encode()
    return text if len(data) <= limit else data[:limit].decode("utf-8", "ignore")


def slug_of(name: str) -> str:
    """The address of an asset: `[a-z0-9._-]`, at most 200 characters, never a reserved word."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NOT_SLUG.sub("-", plain).strip("-._")[:SLUG_CHARACTERS].rstrip("-._")
    if not slug:
        return "asset"
    return f"{slug}-asset" if slug in RESERVED_SLUGS else slug


def numbered(slug: str, n: int) -> str:
    """The n-th try for a slug that is taken: `orders-2`."""
    tail = f"-{n}"
    return slug[: SLUG_CHARACTERS - len(tail)] + tail if n > 1 else slug


def normal_relation(text: str, *, is_case_sensitive: bool = False) -> str:
    """`"dbt"."Main"."t"` as `dbt.main.t`: quotes dropped, case folded unless quoted names keep theirs."""
    if not is_case_sensitive and _PLAIN.fullmatch(text):
        return text.replace('"', "").casefold()
    parts = []
    for match in _PART.finditer(text.strip()):
        quoted, ticked, bracketed, bare = match.groups()
        given = next((part for part in (quoted, ticked, bracketed) if part is not None), None)
        if given is None:
            parts.append(bare.strip().casefold())
        else:
            parts.append(given.replace('""', '"') if is_case_sensitive else given.casefold())
    return ".".join(part for part in parts if part)


def is_full_relation(relation: str) -> bool:
    """Whether it names a table beyond doubt: at least schema and table."""
    return relation.count(".") >= FULL_RELATION_PARTS - 1
