"""Checks of files for pull requests: a room says what it finds, commands and API show it (spec ownership 19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from portal.core.registries import Registry, new_registry

ERROR, WARNING = "error", "warning"
LEVELS = (WARNING, ERROR)


@dataclass(frozen=True)
class Finding:
    """One thing to look at before merging: where, what, and whom to ask."""

    code: str
    level: str
    sentence: str
    record: str = ""
    path: str = ""
    ask: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedFiles:
    """The file of the change, what it is compared with (None: the register), and the CODEOWNERS of the repository."""

    file: BinaryIO
    base: BinaryIO | None = None
    codeowners: BinaryIO | None = None


FileCheck = Callable[[CheckedFiles, datetime], list[Finding]]
file_checks: Registry[FileCheck] = new_registry("file checks")


def register_file_check(name: str, check: FileCheck) -> None:
    """`check(files, at)` reads only; raises `Unusable` for a file nobody can read."""
    file_checks.add(name, check)


def reaches(findings: list[Finding], level: str) -> bool:
    """Whether one of the findings is at or above the level."""
    return any(LEVELS.index(finding.level) >= LEVELS.index(level) for finding in findings)
