"""`@handle` and `@team` in a message (spec requests 7)."""

from __future__ import annotations

import re

MOST_MENTIONS = 20
# Not inside a word or an address; code is no mention.
MENTION = re.compile(r"(?<![\w@./])@([a-z0-9][a-z0-9._-]{0,58}[a-z0-9]|[a-z0-9])(?![\w@])", re.IGNORECASE)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def mentioned(body: str) -> list[str]:
    """The names that are called, folded, each once, in order; at most 20."""
    plain = CODE.sub(" ", body)
    found = dict.fromkeys(match.group(1).casefold() for match in MENTION.finditer(plain))
    return list(found)[:MOST_MENTIONS]
