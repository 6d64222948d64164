"""What is small to send and large to read is refused at the door, with its code (spec security 10 and 14)."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from portal.core import clock
from portal.core.api.parsers import MAX_BYTES, MAX_DEPTH, MAX_KEYS
from portal.core.models import AuditEntry
from tests.contract.cast import Cast, make_cast

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = ("portal", "ownership", "oncall", "requests_queue")
BOMBS = {
    "depth": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), 400, "core.limit_depth"),
    "deepest": (b"[" * 500_000, 400, "core.limit_depth"),
    "keys": (json.dumps(dict.fromkeys(map(str, range(MAX_KEYS + 1)))).encode(), 400, "core.limit_keys"),
    "key twice": (b'{"keys": [], "keys": []}', 400, "core.duplicate_key"),
    "integer": (b'{"keys": [%d]}' % 2**63, 400, "core.limit_integer"),
    "digits": (b'{"keys": [' + b"9" * 500_000 + b"]}", 400, "core.limit_integer"),
    "number": (b'{"keys": [1e999]}', 400, "core.unparsable"),
    "not a number": (b'{"keys": [NaN]}', 400, "core.unparsable"),
    "nul": (b'{"keys": ["\\u0000"]}', 400, "core.unparsable"),
    "half a pair": (b'{"keys": ["\\ud800"]}', 400, "core.unparsable"),
    "bytes": (b'{"keys": ["' + b"a" * MAX_BYTES + b'"]}', 413, "core.limit_body"),
}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["ownership:read"], at=clock.now())


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_json_is_refused_with_its_code(cast: Cast, bomb: str) -> None:
    body, status, code = BOMBS[bomb]
    answer = cast.client("token").generic("POST", reverse("owners-lookup"), body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_form_with_more_than_a_thousand_fields_is_refused_and_writes_nothing(cast: Cast) -> None:
    client, before = cast.client("lead"), AuditEntry.objects.count()
    answer = client.post(reverse("me"), {f"field{number}": "x" for number in range(1001)})
    assert (answer.status_code, AuditEntry.objects.count()) == (400, before)


def test_a_form_of_more_than_two_and_a_half_megabytes_is_refused_and_writes_nothing(cast: Cast) -> None:
    client, before = cast.client("lead"), AuditEntry.objects.count()
    answer = client.generic("POST", reverse("me"), b"name=" + b"x" * 2_621_441, "application/x-www-form-urlencoded")
    assert (answer.status_code, AuditEntry.objects.count()) == (413, before)


def imported() -> Iterator[tuple[str, str]]:
    """(file, module) of every import of our own code."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
                found = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
                yield from ((str(path.relative_to(ROOT)), module.partition(".")[0]) for module in found)


def test_nothing_of_ours_reads_xml_unpacks_an_archive_or_loads_a_picture() -> None:
    """Entities, archives in archives and pixels cannot explode where nobody opens them."""
    opened = {"xml", "lxml", "defusedxml", "zipfile", "tarfile", "bz2", "lzma", "pickle", "marshal", "shelve", "PIL"}
    found = {(path, module) for path, module in imported() if module in opened}
    assert found == {("portal/core/icons.py", "zipfile")}  # the icons that we ship ourselves
