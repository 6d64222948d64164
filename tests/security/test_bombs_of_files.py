"""Files that are small to send and large to read, patterns without an end, and heads without one (spec security 10)."""

from __future__ import annotations

import gzip
import io
import json
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from ownership.importers.files.csv_file import LAYOUTS
from portal.core import clock
from portal.core.importing.issues import Issues, Unusable
from portal.core.importing.protocol import reader_of, readers
from portal.core.importing.streams import TextStream, lines_of
from portal.core.limits import CALENDAR_ENTRIES, HEAD_BYTES, MIB
from portal.core.models import AuditEntry
from tests.contract.cast import Cast, make_cast

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENT = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260101T000000Z\r\nDTEND:20260102T000000Z\r\nEND:VEVENT\r\n"
CALENDAR = "BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n"
HEADER = ",".join(sorted(LAYOUTS[0].needed)).encode()
NEXT = zip("abcdefgh", "bcdefghi", strict=True)
LAUGHS = "a: &a [x]\n" + "".join(f"{b}: &{b} [{f'*{a}, ' * 9}*{a}]\n" for a, b in NEXT)
# Each is fed to every reader: it is refused with a code, or read; it never ends the process or takes it over.
BOMBS = {
    "nothing": b"",
    "one endless line": b"a" * (17 * MIB),
    "one endless text": b'{"nodes": "' + b"a" * (6 * MIB),
    "nothing but lines": b"\n" * 300_000,
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "deep list of a schedule": b'{"schedule": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "great number": b'{"schedules": [' + b"9" * 100_000 + b"]}",
    "laughs": LAUGHS.encode(),
    "packed": gzip.compress(b" " * (30 * MIB)),
    "half a letter": b"\xf0\x9f" * 10_000,
    "calendar": CALENDAR.format(EVENT * (CALENDAR_ENTRIES + 1)).encode(),
    "seconds": CALENDAR.format(EVENT.replace("UID:1", "UID:1\r\nRRULE:FREQ=SECONDLY")).encode(),
    "columns": b",".join(b"c%d" % n for n in range(201)) + b"\n",
    "field": HEADER + b'\n"' + b"x" * 70_000 + b'"\n',
    "quote without an end": HEADER + b'\n"' + b"x,\n" * 30_000,
}
CPU_SECONDS = 4  # two cores under load; alone each takes a fraction


def read(code: str, data: bytes) -> str:
    """The code it was refused with, or "" when it was read to the end."""
    reader = reader_of(code)
    assert reader is not None
    stream = TextStream(io.BytesIO(data), max_bytes=64 * MIB)
    try:
        reading = reader.importer.read(stream, options={"zone": "UTC", "scope": "bomb"}, issues=Issues())
        for _ in reading.facts:
            pass
    except Unusable as refused:
        return refused.issue.code
    return ""


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_reader_is_ended_or_taken_over_by_a_bomb(bomb: str) -> None:
    started = time.process_time()
    answers = {each.importer.code: read(each.importer.code, BOMBS[bomb]) for each in readers.values()}
    assert time.process_time() - started < CPU_SECONDS, answers
    assert len(answers) >= 14


@pytest.mark.parametrize(
    ("code", "bomb", "refusal"),
    [
        ("csv", "one endless line", "core.limit_line"),
        ("csv", "columns", "ownership.csv_columns"),
        ("csv", "field", "ownership.csv_syntax"),
        ("csv", "quote without an end", "ownership.csv_syntax"),
        ("dbt", "deep object", "core.limit_depth"),
        ("dbt", "packed", "core.limit_archive"),
        ("odcs", "laughs", "core.limit_aliases"),
        ("odcs", "one endless line", "core.limit_bytes"),
        ("codeowners", "one endless line", "core.limit_bytes"),
        ("datahub", "deep list", "core.limit_depth"),
        ("pagerduty", "deep list of a schedule", "core.limit_depth"),
        ("pagerduty", "one endless text", "core.limit_bytes"),
        ("pagerduty", "great number", "oncall.import_shape"),
        ("duty_ical", "calendar", "core.limit_entries"),
    ],
)
def test_a_bomb_is_refused_with_the_code_of_its_limit(code: str, bomb: str, refusal: str) -> None:
    assert read(code, BOMBS[bomb]) == refusal


def test_a_calendar_of_one_entry_less_and_a_line_of_one_byte_less_are_read() -> None:
    assert read("duty_ical", CALENDAR.format(EVENT * CALENDAR_ENTRIES).encode()) == ""
    assert read("duty_ical", CALENDAR.format(EVENT + f"X-PAD:{'x' * MIB}\r\n").encode()) == "core.limit_bytes"
    stream = TextStream(io.BytesIO(b"12345678\n1234567"), max_bytes=100)
    assert list(lines_of(stream, most=8)) == [b"12345678", b"1234567"]
    with pytest.raises(Unusable, match="longer"):
        list(lines_of(stream, most=7))


@pytest.mark.parametrize("pattern", ["*a" * 90 + "b", "?*" * 95, "*" * 200])
def test_a_pattern_of_a_topic_or_rule_has_an_end(pattern: str) -> None:
    started = time.process_time()
    fnmatchcase("a" * 20_000, pattern)
    assert time.process_time() - started < 1


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["ownership:read"], at=clock.now())


def heads() -> Iterator[tuple[str, dict[str, str], str]]:
    """(what, headers, code) of one just above its limit."""
    yield "large", {"X-Filler": "x" * HEAD_BYTES}, "core.limit_headers"
    yield "many", {f"X-H{n}": "1" for n in range(101)}, "core.limit_headers"
    yield "in all", {f"X-H{n}": "x" * 1000 for n in range(17)}, "core.limit_headers"
    yield "two lengths", {"Transfer-Encoding": "chunked"}, "core.two_lengths"


@pytest.mark.parametrize(("headers", "code"), [pytest.param(head, code, id=what) for what, head, code in heads()])
def test_a_head_above_its_limits_is_refused_before_anything_is_read(
    cast: Cast, headers: dict[str, str], code: str
) -> None:
    program, browser, before = cast.client("token"), cast.client("lead"), AuditEntry.objects.count()
    body = json.dumps({"keys": []})
    answer = program.generic("POST", reverse("owners-lookup"), body, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    page = browser.post(reverse("me"), {"name": "Mallory"}, headers=headers)
    assert (page.status_code, AuditEntry.objects.count()) == (400, before)


def test_a_head_within_its_limits_is_read(cast: Cast) -> None:
    headers = {f"X-H{n}": "x" * 180 for n in range(70)}
    answer = cast.client("lead").get(reverse("me"), headers=headers)
    assert answer.status_code == 200
