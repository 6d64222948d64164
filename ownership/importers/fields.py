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
    """Typed reads of one JSON object; `pointer` says where it stands, and is only built when somebody is told."""

    __slots__ = ("_above", "_place", "issues", "record", "value")

    def __init__(
        self, value: dict[str, Any], place: str, record: str, issues: Issues, above: Fields | None = None
    ) -> None:
        self.value = value
        self.record = record
        self.issues = issues
        self._place = place
        self._above = above

    @property
    def pointer(self) -> str:
        return self._place if self._above is None else f"{self._above.pointer}/{escaped(self._place)}"

    def text(self, key: str) -> str:
        """The text, cleaned; "" when missing or null."""
        found = self.value.get(key)
        if isinstance(found, str):
            return clean(found)
        if found is not None:
            self._refuse(key, "a text")
        return ""

    def long_text(self, key: str) -> str:
        """A description: cut at 20,000 characters with a warning."""
        found = self.text(key)
        if len(found) > DESCRIPTION_CHARACTERS:
            self._warn("ownership.cut", key, "The text is cut at 20,000 characters.", found)
        return found[:DESCRIPTION_CHARACTERS]

    def items(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if isinstance(found, list):
            return found
        if found is not None:
            self._refuse(key, "a list")
        return []

    def inner(self, key: str) -> Fields:
        """The object under `key`, empty when missing."""
        found = self.value.get(key)
        if not isinstance(found, dict):
            if found is not None:
                self._refuse(key, "an object")
            found = {}
        return Fields(found, key, self.record, self.issues, self)

    def get(self, key: str) -> Any:
        return self.value.get(key)

    def _refuse(self, key: str, words: str) -> None:
        self._warn(WRONG_TYPE, key, f"{key} is not {words}; the field is ignored.", self.value[key])

    def _warn(self, code: str, key: str, message: str, sample: object) -> None:
        self.issues.warning(code, message, pointer=f"{self.pointer}/{escaped(key)}", record=self.record, sample=sample)


def escaped(part: str) -> str:
    """One part of a JSON Pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def digest(value: Any) -> str:
    """A fingerprint of any JSON value, the same for equal values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
