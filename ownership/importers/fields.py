"""A record of a foreign file: a wrong type costs that field and a warning, never the record."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from portal.core.importing.issues import Issues

WRONG_TYPE = "ownership.wrong_type"


class Fields:
    """Typed reads of one JSON object; `pointer` says where it stands."""

    def __init__(self, value: dict[str, Any], pointer: str, record: str, issues: Issues) -> None:
        self.value = value
        self.pointer = pointer
        self.record = record
        self.issues = issues

    def text(self, key: str) -> str:
        """The text, cleaned; "" when missing or null."""
        found = self._typed(key, str, "a text")
        return clean(found) if found else ""

    def long_text(self, key: str) -> str:
        """A description: cut at 20,000 characters with a warning."""
        found = self.text(key)
        if len(found) > DESCRIPTION_CHARACTERS:
            self._warn("ownership.cut", key, "The text is cut at 20,000 characters.", found)
        return found[:DESCRIPTION_CHARACTERS]

    def items(self, key: str) -> list[Any]:
        return self._typed(key, list, "a list") or []

    def inner(self, key: str) -> Fields:
        """The object under `key`, empty when missing."""
        found = self._typed(key, dict, "an object") or {}
        return Fields(found, f"{self.pointer}/{escaped(key)}", self.record, self.issues)

    def get(self, key: str) -> Any:
        return self.value.get(key)

    def _typed(self, key: str, wanted: type, words: str) -> Any:
        found = self.value.get(key)
        if found is None or isinstance(found, wanted):
            return found
        self._warn(WRONG_TYPE, key, f"{key} is not {words}; the field is ignored.", found)
        return None

    def _warn(self, code: str, key: str, message: str, sample: object) -> None:
        self.issues.warning(code, message, pointer=f"{self.pointer}/{escaped(key)}", record=self.record, sample=sample)


def escaped(part: str) -> str:
    """One part of a JSON Pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def digest(value: Any) -> str:
    """A fingerprint of any JSON value, the same for equal values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
