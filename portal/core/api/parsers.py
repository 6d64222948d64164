"""JSON as strict as the database: what two readers could understand differently is refused, with its place."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rest_framework.parsers import BaseParser

from portal.core.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

MAX_BYTES = 1_048_576
MAX_DEPTH = 32
MAX_KEYS = 10_000
MAX_DIGITS = 19
INT64 = range(-(2**63), 2**63)
# One pass over the text: strings are skipped, brackets counted.
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
# What PostgreSQL cannot hold, or no UTF-8 text may contain.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Text in which such characters may stand escaped.
SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)


class StrictJSONParser(BaseParser):
    """Limits of spec security 10: 1 MiB, depth 32, 10,000 keys, 64-bit integers; a view may set `max_json_bytes`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        del media_type
        view = (parser_context or {}).get("view")
        limit = getattr(view, "max_json_bytes", MAX_BYTES)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge("core.limit_body", f"The body is larger than {limit:,} bytes.", limit=limit)
        return parse_json(body)


def parse_json(
    body: bytes, *, max_keys: int | None = MAX_KEYS, max_depth: int = MAX_DEPTH, is_exact: bool = True
) -> Any:
    """The value of a JSON text; raises `BadRequest` with the place of the first fault.

    With `is_exact` off, what other programs write is taken as it is: keys twice (the last counts), long numbers, and
    characters the database cannot hold, which are dropped.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unparsable("The body is not UTF-8", f"byte {error.start}") from None
    _check_depth(text, max_depth)
    reader = _Reader(max_keys)
    if not is_exact:
        return _lenient(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.object,
            parse_constant=reader.constant,
            parse_int=reader.integer,
            parse_float=reader.number,
        )
    except json.JSONDecodeError as error:
        raise _unparsable("Not JSON", f"line {error.lineno} column {error.colno} ({error.msg})") from None
    _check_texts(value)
    return value


class _Reader:
    """Hooks of one parse; counts the keys of all objects together."""

    def __init__(self, max_keys: int | None) -> None:
        self.keys = 0
        self.max_keys = max_keys

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.keys += len(pairs)
        if self.max_keys is not None and self.keys > self.max_keys:
            raise BadRequest("core.limit_keys", f"More than {self.max_keys:,} keys.")
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise BadRequest(
                    "core.duplicate_key", f"The key {_shown(key)} stands twice in one object.", _shown(key)
                )
            made[key] = value
        return made

    def constant(self, name: str) -> Any:
        raise _unparsable("Not a JSON number", name)

    def integer(self, digits: str) -> int:
        if len(digits.lstrip("-")) > MAX_DIGITS or int(digits) not in INT64:
            raise BadRequest("core.limit_integer", f"The whole number {_shown(digits)} has more than 64 bits.")
        return int(digits)

    def number(self, digits: str) -> float:
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise _unparsable("A number too large to hold", _shown(digits))
        return value


def _lenient(text: str) -> Any:
    """What the database can hold of it: no NUL, no half of a surrogate pair, no infinity."""
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        json.dumps(value, allow_nan=False)
    except json.JSONDecodeError as error:
        raise _unparsable("Not JSON", f"line {error.lineno} column {error.colno} ({error.msg})") from None
    except ValueError:
        raise _unparsable("A number too large to hold", "the body") from None
    return _storable(value) if "\x00" in text or SUSPECT.search(text) else value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {UNSTORABLE.sub("", key): _storable(item) for key, item in value.items()}
    return value


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for match in BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > max_depth:
                line = text.count("\n", 0, match.start()) + 1
                raise BadRequest("core.limit_depth", f"Nested deeper than {max_depth}, at line {line}.")
        elif match[0] in "]}":
            depth -= 1


def _check_texts(value: Any) -> None:
    for place, text in _texts(value, "$"):
        if UNSTORABLE.search(text):
            raise _unparsable("A text holds a NUL or half of a surrogate pair", place)


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from _texts(below, f"{place}[{position}]")
    elif isinstance(value, dict):
        for key, below in value.items():
            yield f"{place} (a key)", key
            yield from _texts(below, f"{place}.{_shown(key)}")


def _unparsable(message: str, place: str) -> BadRequest:
    return BadRequest("core.unparsable", f"{message}, at {place}.", place=place)


def _shown(text: str) -> str:
    return UNSTORABLE.sub("?", text[:40])
