"""GitHub-flavoured Markdown from plain values: every cell escaped, no HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def cell(value: object) -> str:
    """A value as text of one line that means itself."""
    text = " ".join(str(value).split())
    return SPECIAL.sub(r"\\\1", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; without rows the word "none" under its head."""
    lines = [f"| {' | '.join(cell(name) for name in head)} |", f"|{'---|' * len(head)}"]
    body = [f"| {' | '.join(_bold(value) for value in row)} |" for row in rows]
    return "\n".join([*lines, *(body or [f"| none {'| ' * (len(head) - 1)}|"])])


class Strong(str):
    """Text that stands in bold."""

    __slots__ = ()


def _bold(value: object) -> str:
    return f"**{cell(value)}**" if isinstance(value, Strong) else cell(value)


def section(title: str, *parts: str) -> str:
    """A heading of the second level with its paragraphs and tables."""
    return "\n\n".join([f"## {title}", *(part for part in parts if part)])
