"""The words of a message: a fixed sentence per notice kind with `{name}` filled in. No template language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Message:
    """What a channel sends: headers and body as bytes, the same for the same notice and delivery."""

    address: str
    title: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Words:
    """A notice in words, with its links; private ones say no more than a number."""

    title: str
    text: str
    url: str
    acknowledge_url: str


def fill(sentence: str, context: Mapping[str, Any]) -> str:
    """`{name}` replaced from the context in one pass: braces inside values stay literal, unknown names stay empty."""
    return PLACE.sub(lambda match: plain(str(context.get(match.group(1), ""))), sentence)


def plain(text: str) -> str:
    """Text without control characters and bidi overrides."""
    return FORBIDDEN.sub("", text)


def header(text: str) -> str:
    """One line for a header; line breaks become spaces, so that nothing can be injected."""
    return " ".join(plain(text).split())[:250]
