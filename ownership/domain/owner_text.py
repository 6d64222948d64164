"""Owner texts as files hold them: one string, a list, a dict (spec import_formats 2.6)."""

from __future__ import annotations

from typing import Any

SEPARATORS = frozenset(",;")
PAIRS = {'"': '"', "<": ">", "(": ")"}
NEVER = frozenset({"airflow", "root", "admin", "unknown", "n/a", "-", "none", "null", "tbd", "todo"})


def split_owners(value: Any) -> list[str]:
    """The single owner texts of a value, in order, each once, trimmed; nothing for what is no owner text.

    A string is cut at `,` and `;` outside quotes, angle brackets and parentheses; a dict gives its `email` (a string
    or a list), else its `name`.
    """
    found: list[str] = []
    for text in _texts(value):
        found.extend(part for part in _cut(text) if part not in found)
    return found


def is_party(raw: str) -> bool:
    """Whether the text can name somebody at all: `airflow`, `root`, `unknown` and the like never do."""
    return raw.strip().casefold() not in NEVER


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _texts(value.get("email")) or _texts(value.get("name"))
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


def _cut(text: str) -> list[str]:
    parts, current, closing = [], "", ""
    for character in text:
        if closing:
            closing = "" if character == closing else closing
        elif character in SEPARATORS:
            parts.append(current)
            current = ""
            continue
        else:
            closing = PAIRS.get(character, "")
        current += character
    return [part.strip() for part in [*parts, current] if part.strip()]
