"""The records of a JSON file that is a list, one object, or one object a line (NDJSON)."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import ijson

from portal.core.importing.issues import Unusable
from portal.core.importing.json_records import located, value_of, within_depth
from portal.core.importing.streams import BLOCK, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

WORST_LINES = 0.5


def items(stream: TextStream, issues: Issues) -> Iterator[tuple[str, Any]]:
    """(place, value) of each record: a JSON Pointer such as `/3`, or `line 4`.

    A broken line of NDJSON is an error and skipped; a broken list or object is `Unusable`, as is a file of which
    most lines are broken.
    """
    first = _first_line(stream)
    if first is not None and first.lstrip()[:1] == "{" and _loads(first) is not None:
        yield from _lines(stream, issues)
    else:
        yield from _streamed(stream)


def _first_line(stream: TextStream) -> str | None:
    """None also for a line that is too long to be one of many."""
    with suppress(Unusable):
        return next((line for line in _texts(stream) if line.strip()), None)
    return None


def _texts(stream: TextStream) -> Iterator[str]:
    return (line.decode("utf-8", "replace") for line in lines_of(stream))


def _loads(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _lines(stream: TextStream, issues: Issues) -> Iterator[tuple[str, Any]]:
    for n, line in enumerate(_texts(stream), start=1):
        if not line.strip():
            continue
        try:
            value = next(value for _, value in _parsed(line))
        except Unusable as fault:
            if fault.issue.code.startswith("core.limit"):
                raise
            issues.error("core.json_syntax", "This line is no valid JSON; it is skipped.", line=n, sample=line)
            continue
        yield f"line {n}", value


def _parsed(line: str) -> Iterator[tuple[str, Any]]:
    try:
        events = within_depth(ijson.basic_parse(line.encode(), use_float=True))
        yield "", value_of(events, *next(events))
        for _ in events:
            pass
    except (ijson.JSONError, UnicodeError, OverflowError, ValueError, StopIteration) as error:
        raise Unusable("core.json_syntax", "This is no valid JSON.") from error


def _streamed(stream: TextStream) -> Iterator[tuple[str, Any]]:
    stream.rewind()
    try:
        events = within_depth(ijson.basic_parse(stream, use_float=True, buf_size=BLOCK))
        event, value = next(events)
        if event != "start_array":
            yield "", value_of(events, event, value)
        else:
            members = takewhile(lambda event: event[0] != "end_array", events)
            for n, (inner, item) in enumerate(members):
                yield f"/{n}", value_of(events, inner, item)
        for _ in events:
            pass
    except (ijson.JSONError, UnicodeError, OverflowError, ValueError) as error:
        raise located(stream, error) from error
    except StopIteration:
        raise Unusable("core.json_syntax", "The file is empty.", line=1) from None
