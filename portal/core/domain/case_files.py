"""Files of worked cases: how one is read, and how a place in it is named to whoever wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = object()
MOST = 10**12
YEARS = (1970, 2200)


@dataclass(frozen=True)
class Place:
    """A value of a file and where it stands, such as `cases[3].pauses[0].from`; every reading names the place."""

    value: Any
    path: str

    def fault(self, message: str) -> NoReturn:
        """Raise `DomainError` (`core.bad_case`) with the path as its field."""
        raise DomainError("core.bad_case", message, self.path)

    def has(self, key: str) -> bool:
        """Whether the object has the key; null counts as not there."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str, default: Any = MISSING) -> Place:
        """What stands below a key of an object; raises where it is missing and there is no default."""
        if not isinstance(self.value, dict):
            self.fault(f"An object is expected here, not {_kind(self.value)}.")
        path = f"{self.path}.{key}" if self.path else key
        found = self.value.get(key, default)
        if found is MISSING:
            Place(None, path).fault("This is missing. Write it here.")
        return Place(default if found is None and default is not MISSING else found, path)

    def items(self) -> Iterator[Place]:
        """The entries of a list."""
        if not isinstance(self.value, list):
            self.fault(f"A list is expected here, not {_kind(self.value)}.")
        for n, value in enumerate(self.value):
            yield Place(value, f"{self.path}[{n}]")

    def pair(self) -> tuple[Place, Place]:
        """The two entries of a list of two."""
        found = list(self.items())
        if len(found) != 2:  # noqa: PLR2004 (from, to)
            self.fault("A list of two is expected here.")
        return found[0], found[1]

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fault(f"A text is expected here, not {_kind(self.value)}.")
        return str(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fault(f"true or false is expected here, not {_kind(self.value)}.")
        return bool(self.value)

    def whole(self, low: int, high: int = MOST) -> int:
        """A whole number; texts, fractions, true and false are none."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not low <= self.value <= high:
            self.fault(f"A whole number from {low:,} to {high:,} is expected here, not {self.value!r:.60}.")
        return int(self.value)

    def instant(self) -> datetime:
        """An instant with its offset, such as 2026-11-24T10:00:00Z."""
        try:
            found = datetime.fromisoformat(self.text())
        except ValueError:
            self.fault(f"{self.value!r:.60} is no instant. Write 2026-11-24T10:00:00Z.")
        if found.tzinfo is None:
            self.fault(f"{self.value!r:.60} has no offset. Write 2026-11-24T10:00:00Z or ...+01:00.")
        return found if self._is_near(found.year) else self._far()

    def day(self) -> date:
        try:
            found = date.fromisoformat(self.text())
        except ValueError:
            self.fault(f"{self.value!r:.60} is no day. Write 2026-11-24.")
        return found if self._is_near(found.year) else self._far()

    def _is_near(self, year: int) -> bool:
        return YEARS[0] <= year <= YEARS[1]

    def _far(self) -> NoReturn:
        self.fault(f"{self.value!r:.60} lies too far away. Write a year from {YEARS[0]} to {YEARS[1]}.")


def read_cases(text: str, of_format: str, key: str) -> Place:
    """The file as an object with a list below `key`; raises `DomainError` (`core.bad_case`) where it is another file.

    A file may leave its `format` out; one that names another format is refused, as are keys that stand twice.
    """
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise DomainError(
            "core.bad_case", f"This is not JSON: {error}. Mend this line.", f"line {error.lineno}"
        ) from None
    except RecursionError:
        raise DomainError("core.bad_case", "This is nested too deeply. Cases need some five levels.", "") from None
    found = Place(document, "")
    given = found.at("format", of_format)
    if given.value != of_format:
        given.fault(f"This file is {given.value!r:.40}; a file of {of_format} is expected.")
    list(found.at(key).items())
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DomainError("core.bad_case", "This key stands twice in one object. Keep one of them.", key)
        found[key] = value
    return found


def _no_constant(word: str) -> NoReturn:
    raise DomainError("core.bad_case", f"{word} is no number of JSON. Write a whole number.", word)


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), "a number")
