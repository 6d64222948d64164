"""What a reader could not take, or took with a doubt; pure collectors, saved once at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from portal.core.limits import ISSUES_A_CODE

FATAL, ERROR, WARNING, INFO = "fatal", "error", "warning", "info"


@dataclass(frozen=True)
class Issue:
    """One finding; `pointer` is a JSON Pointer, `record` the id the record has in its own file."""

    level: str
    code: str
    message: str
    pointer: str = ""
    record: str = ""
    sample: str = ""
    line: int | None = None
    column: int | None = None


class Unusable(Exception):
    """Nothing of this file can be planned; carries the one fatal issue."""

    def __init__(
        self, code: str, message: str, *, pointer: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.issue = Issue(FATAL, code, message, pointer=pointer, line=line, column=column)


class Issues:
    """Collects issues: the first 1,000 of each code are kept, the rest counted."""

    def __init__(self) -> None:
        self.kept: list[Issue] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self._told: set[tuple[str, str]] = set()

    def add(self, issue: Issue) -> None:
        self.counts[issue.level, issue.code] += 1
        if self.counts[issue.level, issue.code] <= ISSUES_A_CODE:
            self.kept.append(issue)

    def error(
        self, code: str, message: str, *, pointer: str = "", record: str = "", sample: object = "",
        line: int | None = None,
    ) -> None:  # fmt: skip
        """The record is skipped."""
        self.add(Issue(ERROR, code, message, pointer, record, shown(sample), line))

    def warning(
        self, code: str, message: str, *, pointer: str = "", record: str = "", sample: object = "",
        line: int | None = None,
    ) -> None:  # fmt: skip
        """Taken, with a doubt."""
        self.add(Issue(WARNING, code, message, pointer, record, shown(sample), line))

    def info_once(self, code: str, subject: str, message: str, *, pointer: str = "") -> None:
        """Ignored on purpose; said once a run and subject."""
        if (code, subject) not in self._told:
            self._told.add((code, subject))
            self.add(Issue(INFO, code, message, pointer, "", shown(subject)))

    def by_level(self) -> dict[str, int]:
        """How many issues of each level, those not kept included."""
        totals: Counter[str] = Counter()
        for (level, _), count in self.counts.items():
            totals[level] += count
        return dict(totals)


def shown(value: object) -> str:
    """At most 200 characters of what stood there."""
    text = value if isinstance(value, str) else repr(value)
    return text.replace("\x00", "")[:200]
