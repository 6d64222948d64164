"""Large JSON objects record by record: memory holds one record, depth is capped, errors have a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ijson

from portal.core.importing.issues import Unusable
from portal.core.importing.streams import BLOCK, TextStream
from portal.core.limits import JSON_DEPTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    Events = Iterator[tuple[str, Any]]

OPENING = frozenset({"start_map", "start_array"})
CLOSING = frozenset({"end_map", "end_array"})
STEPS = dict.fromkeys(OPENING, 1) | dict.fromkeys(CLOSING, -1)


def records(stream: TextStream, sections: Collection[str]) -> Iterator[tuple[str, str, Any]]:
    """(section, key, value) for each member of the wanted top-level objects, in the order of the file.

    A wanted section that is no object comes once as (section, "", value), unless it is null. Everything else is
    walked over. Raises `Unusable` for text that is no JSON, is cut short, is no object or nests deeper than 64.
    """
    stream.rewind()
    try:
        events = within_depth(ijson.basic_parse(stream, use_float=True, buf_size=BLOCK))
        event, _ = next(events)
        if event != "start_map":
            raise Unusable("core.json_not_object", "The file is no JSON object.")
        for event, name in events:
            if event == "end_map":
                break
            yield from _section(events, name, wanted=name in sections)
        for _ in events:
            pass
    except (ijson.JSONError, UnicodeError, OverflowError, ValueError) as error:
        raise located(stream, error) from error
    except StopIteration:
        raise Unusable("core.json_syntax", "The file is empty.", line=1) from None


def within_depth(events: Events) -> Events:
    """The events of a parse; raises `Unusable` beyond 64 levels."""
    depth = 0
    for item in events:
        step = STEPS.get(item[0])
        if step is not None:
            depth += step
            if depth > JSON_DEPTH:
                raise Unusable("core.limit_depth", f"The file nests deeper than {JSON_DEPTH} levels.")
        yield item


def _section(events: Events, name: str, *, wanted: bool) -> Iterator[tuple[str, str, Any]]:
    event, value = next(events)
    if not wanted:
        _skip(events, event)
    elif event == "start_map":
        for inner, key in events:
            if inner == "end_map":
                return
            yield name, key, value_of(events, *next(events))
    elif event != "null":
        yield name, "", value_of(events, event, value)


def _skip(events: Events, event: str) -> None:
    depth = 1 if event in OPENING else 0
    while depth:
        inner, _ = next(events)
        depth += (inner in OPENING) - (inner in CLOSING)


def value_of(events: Events, event: str, value: Any) -> Any:
    """The value that starts with this event; recursion ends at the depth cap."""
    if event == "start_map":
        made: dict[str, Any] = {}
        for inner, key in events:
            if inner == "end_map":
                break
            follows, member = next(events)
            made[key] = value_of(events, follows, member) if follows in OPENING else member
        return made
    if event == "start_array":
        items: list[Any] = []
        for inner, item in events:
            if inner == "end_array":
                break
            items.append(value_of(events, inner, item) if inner in OPENING else item)
        return items
    return value


def located(stream: TextStream, error: Exception) -> Unusable:
    """The fault with its line and column: the file is read again, in ever smaller pieces towards the end."""
    cut = isinstance(error, ijson.IncompleteJSONError) and "premature" in str(error).lower()
    if not cut:
        _read_to_fault(stream)
    message = "The file ends in the middle." if cut else "This is no valid JSON."
    return Unusable("core.json_cut" if cut else "core.json_syntax", message, line=stream.lines, column=stream.column)


class _Narrow:
    """Hands out blocks up to byte `safe`, and pieces of `size` from there; `before` is where the last one began."""

    def __init__(self, stream: TextStream, safe: int, size: int) -> None:
        self.stream, self.safe, self.size = stream, safe, size
        self.given = self.before = 0

    def read(self, size: int) -> bytes:
        if not size:
            return b""
        left = self.safe - self.given
        data = self.stream.read(min(left, BLOCK) if left > 0 else self.size)
        self.before, self.given = self.given, self.given + len(data)
        return data


def _read_to_fault(stream: TextStream) -> None:
    """In ever smaller pieces: the parser reads a word that is cut between two pieces again from its start."""
    safe = 0
    for size in (BLOCK, 2048, 64, 1):
        source = _Narrow(stream, safe, size)
        _drain(source)
        safe = source.before


def _drain(source: _Narrow) -> None:
    source.stream.rewind()
    try:
        for _ in ijson.basic_parse(source, use_float=True, buf_size=BLOCK):
            pass
    except (ijson.JSONError, UnicodeError, OverflowError, ValueError):
        return
