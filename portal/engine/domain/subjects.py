"""The business object that a deadline, notice or event is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Subject:
    """`type` is "<app>.<model>" in lower case, for example `oncall.incident`; `version` enters the dedup key."""

    type: str
    id: int
    version: int = 1

    @property
    def key(self) -> str:
        return f"{self.type}.{self.id}"


def subject_of(instance: Any) -> Subject:
    """The subject of a model instance: its label, primary key and `version` (1 without such a field)."""
    return Subject(instance._meta.label_lower, instance.pk, getattr(instance, "version", 1))  # noqa: SLF001 (Django's API)
